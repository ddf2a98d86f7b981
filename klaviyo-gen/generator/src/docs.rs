//! The doc comment of an operation, made from facts alone: the same text in the operation table,
//! the typed client and wherever else an operation is described.

use std::fmt::Write;

use crate::caps::OperationCaps;
use crate::facts::{Limits, Operation};

/// The description of an operation as Markdown.
///
/// `caps` is what `caps.toml` knows of it, `general_bytes` the cap of a body where it says nothing.
pub(crate) fn operation(
    operation: &Operation,
    caps: Option<&OperationCaps>,
    general_bytes: u64,
    revision: &str,
) -> String {
    let mut text = format!(
        "`{} {}`, [{}]({}).\n",
        operation.method.key().to_uppercase(),
        operation.path,
        operation.id,
        operation.reference(),
    );
    let mut item = |name: &str, value: String| {
        if !value.is_empty() {
            // Writing to a string cannot fail.
            let _ = write!(text, "\n- {name}: {value}");
        }
    };
    item("Limits", limits(operation.limits));
    item("Scopes", quoted(&operation.scopes));
    item(
        "Caps",
        caps.map_or_else(String::new, |caps| sizes(caps, general_bytes)),
    );
    item("Earlier names", quoted(&operation.aliases));
    item("Tag", operation.tag.clone());
    item("Revision", revision.to_owned());
    text
}

fn limits(limits: Limits) -> String {
    let windows = [
        (limits.burst, "a second"),
        (limits.steady, "a minute"),
        (limits.daily, "a day"),
    ];
    let windows: Vec<String> = windows
        .into_iter()
        .filter_map(|(limit, window)| Some(format!("{} {window}", limit?)))
        .collect();
    windows.join(", ")
}

fn sizes(caps: &OperationCaps, general_bytes: u64) -> String {
    if !caps.has_caps() {
        return String::new();
    }
    let request = caps.request_bytes().unwrap_or(general_bytes);
    let sizes = [
        caps.max_items.map(|most| format!("{most} items")),
        Some(format!("{request} bytes a request")),
        caps.item_bytes()
            .map(|most| format!("{most} bytes an item")),
        caps.max_string_bytes
            .map(|most| format!("{most} bytes a string")),
        caps.max_jobs_in_progress
            .map(|most| format!("{most} unfinished jobs")),
    ];
    let sizes: Vec<String> = sizes.into_iter().flatten().collect();
    sizes.join(", ")
}

fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
