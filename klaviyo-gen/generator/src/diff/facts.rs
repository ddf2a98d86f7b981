//! What changed of an operation itself: its request line, limits, scopes, parameters, filters and
//! caps.

use std::fmt::Display;

use super::shapes::{self, Direction};
use super::{Change, Side};
use crate::facts::{Filter, Operation, Parameter};

/// Everything that changed, but for its caps and the fields of its bodies.
pub(super) fn compare(before: &Operation, after: &Operation) -> Vec<Change> {
    let mut changes = Vec::new();
    request_line(before, after, &mut changes);
    changes.extend(limits(before, after));
    scopes(before, after, &mut changes);
    parameters(before, after, &mut changes);
    filters(before, after, &mut changes);
    changes
}

fn request_line(before: &Operation, after: &Operation, changes: &mut Vec<Change>) {
    let line = |operation: &Operation| format!("{} {}", operation.method.token(), operation.path);
    if line(before) != line(after) {
        let text = format!("`{}` is now `{}`", line(before), line(after));
        changes.push(Change::harmless(text));
    }
    if before.tag != after.tag {
        let text = format!("moved from {} to {}", before.tag, after.tag);
        changes.push(Change::breaking(text));
    }
    if before.authenticated != after.authenticated {
        let needs = if after.authenticated {
            "needs"
        } else {
            "no longer needs"
        };
        let text = format!("{needs} authentication");
        changes.push(Change {
            harmless: !after.authenticated,
            text,
        });
    }
}

fn limits(before: &Operation, after: &Operation) -> impl Iterator<Item = Change> {
    let windows = [
        ("a second", before.limits.burst, after.limits.burst),
        ("a minute", before.limits.steady, after.limits.steady),
        ("a day", before.limits.daily, after.limits.daily),
    ];
    windows
        .into_iter()
        .filter_map(|(window, old, new)| changed(&format!("requests {window}"), old, new))
}

fn scopes(before: &Operation, after: &Operation, changes: &mut Vec<Change>) {
    for scope in &after.scopes {
        if !before.scopes.contains(scope) {
            changes.push(Change::breaking(format!("needs the scope `{scope}`")));
        }
    }
    for scope in &before.scopes {
        if !after.scopes.contains(scope) {
            changes.push(Change::harmless(format!(
                "no longer needs the scope `{scope}`"
            )));
        }
    }
}

fn parameters(before: &Operation, after: &Operation, changes: &mut Vec<Change>) {
    for new in &after.parameters {
        match before.parameters.iter().find(|old| old.name == new.name) {
            Some(old) => parameter(old, new, changes),
            None if new.required => {
                changes.push(Change::breaking(format!(
                    "needs the parameter `{}`",
                    new.name
                )));
            }
            None => changes.push(Change::harmless(format!(
                "takes the parameter `{}`",
                new.name
            ))),
        }
    }
    for old in &before.parameters {
        if after.parameters.iter().all(|new| new.name != old.name) {
            changes.push(Change::breaking(format!(
                "no longer takes the parameter `{}`",
                old.name
            )));
        }
    }
}

fn parameter(old: &Parameter, new: &Parameter, changes: &mut Vec<Change>) {
    let name = format!("parameter `{}`", new.name);
    if old.required != new.required {
        let text = format!("{name} is now {}", shapes::presence(new.required));
        changes.push(Change {
            harmless: !new.required,
            text,
        });
    }
    changes.extend(changed(
        &format!("{name}: least value"),
        old.minimum,
        new.minimum,
    ));
    changes.extend(changed(
        &format!("{name}: greatest value"),
        old.maximum,
        new.maximum,
    ));
    let [default_before, default_after] = [&old.default, &new.default];
    changes.extend(changed(
        &format!("{name}: default"),
        default_before.as_ref(),
        default_after.as_ref(),
    ));
    let found = shapes::compare(Direction::Request, &name, &old.shape, &new.shape);
    changes.extend(found.changes);
}

fn filters(before: &Operation, after: &Operation, changes: &mut Vec<Change>) {
    let pairs = |filters: &[Filter]| -> Vec<(String, String)> {
        let operators = filters.iter().flat_map(|filter| {
            let field = filter.field.clone();
            filter
                .operators
                .iter()
                .map(move |operator| (field.clone(), operator.clone()))
        });
        operators.collect()
    };
    let old = pairs(&before.filters);
    let new = pairs(&after.filters);
    for (field, operator) in new.iter().filter(|pair| !old.contains(pair)) {
        let text = format!("filters `{field}` by `{operator}`");
        changes.push(Change::harmless(text));
    }
    for (field, operator) in old.iter().filter(|pair| !new.contains(pair)) {
        let text = format!("no longer filters `{field}` by `{operator}`");
        changes.push(Change::breaking(text));
    }
}

/// What changed of the caps; nothing where either side has no `caps.toml`.
pub(super) fn compare_caps(
    before: &Operation,
    after: &Operation,
    old: &Side,
    new: &Side,
) -> Vec<Change> {
    let (Some(old), Some(new)) = (&old.caps, &new.caps) else {
        return Vec::new();
    };
    let old = old.operations.get(&before.id);
    let new = new.operations.get(&after.id);
    let [items_before, items_after] = [old, new].map(|caps| caps.and_then(|caps| caps.max_items));
    let [request_before, request_after] =
        [old, new].map(|caps| caps.and_then(|caps| caps.request_bytes()));
    let [item_before, item_after] = [old, new].map(|caps| caps.and_then(|caps| caps.item_bytes()));
    let [string_before, string_after] =
        [old, new].map(|caps| caps.and_then(|caps| caps.max_string_bytes));
    let [jobs_before, jobs_after] =
        [old, new].map(|caps| caps.and_then(|caps| caps.max_jobs_in_progress));
    [
        changed("items a request", items_before, items_after),
        changed("bytes a request", request_before, request_after),
        changed("bytes an item", item_before, item_after),
        changed("bytes a string", string_before, string_after),
        changed("unfinished jobs", jobs_before, jobs_after),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A value that is there, was there, or is another.
fn changed<T: Display + PartialEq>(what: &str, old: Option<T>, new: Option<T>) -> Option<Change> {
    let text = match (old, new) {
        (Some(old), Some(new)) if old != new => format!("{what}: {old} → {new}"),
        (None, Some(new)) => format!("{what}: now {new}"),
        (Some(old), None) => format!("{what}: no longer {old}"),
        _ => return None,
    };
    Some(Change::harmless(text))
}
