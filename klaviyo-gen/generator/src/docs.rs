//! The doc comment of an operation, made from facts alone: the same text in the operation table,
//! the typed client and wherever else an operation is described.

use crate::caps::OperationCaps;
use crate::facts::{Answer, Filter, Limits, Method, Operation};

/// The description of an operation as Markdown: its request line, and a list of what is known.
///
/// `caps` is what `caps.toml` knows of it, `general_bytes` the cap of a body where it says nothing.
pub(crate) fn operation(
    operation: &Operation,
    caps: Option<&OperationCaps>,
    general_bytes: u64,
    revision: &str,
) -> String {
    let request_line = format!(
        "`{} {}`, [{}]({}).\n",
        operation.method.token(),
        operation.path,
        operation.id,
        operation.reference(),
    );
    let facts = [
        ("Limits", limits(operation.limits)),
        ("Scopes", scopes(operation)),
        ("Caps", caps.and_then(|caps| sizes(caps, general_bytes))),
        ("Job", caps.and_then(|caps| quoted(caps.job.as_slice()))),
        ("Filters", filters(&operation.filters)),
        ("Pages", pages(operation)),
        ("Answers", answers(&operation.success)),
        ("Repeat", repeat(operation.method, caps)),
        ("Earlier names", quoted(&operation.aliases)),
        ("Tag", Some(operation.tag.clone())),
        ("Revision", Some(revision.to_owned())),
    ];
    let facts = facts
        .into_iter()
        .filter_map(|(name, value)| Some(format!("\n- {name}: {}", value?)));
    facts.fold(request_line, |text, fact| text + &fact)
}

fn limits(limits: Limits) -> Option<String> {
    let windows = [
        (limits.burst, "a second"),
        (limits.steady, "a minute"),
        (limits.daily, "a day"),
    ];
    let windows = windows
        .into_iter()
        .filter_map(|(limit, window)| Some(format!("{} {window}", grouped(limit?.into()))));
    listed(windows)
}

fn scopes(operation: &Operation) -> Option<String> {
    match operation.authenticated {
        true => quoted(&operation.scopes),
        false => Some("none; it takes no key".into()),
    }
}

fn sizes(caps: &OperationCaps, general_bytes: u64) -> Option<String> {
    if !caps.has_caps() {
        return None;
    }
    let request = caps.request_bytes().unwrap_or(general_bytes);
    let most = |cap: Option<u32>, what: &str| {
        cap.filter(|most| *most > 1)
            .map(|most| format!("{} {what}", grouped(most.into())))
    };
    let single = caps.max_items == Some(1);
    let item = caps.item_bytes().filter(|_| !single);
    let sizes = [
        most(caps.max_items, "items a request"),
        Some(format!("{} a request", bytes(request))),
        item.map(|most| format!("{} an item", bytes(most))),
        caps.max_string_bytes
            .map(|most| format!("{} a string", bytes(most))),
        most(caps.max_jobs_in_progress, "unfinished jobs"),
    ];
    listed(sizes.into_iter().flatten())
}

fn filters(filters: &[Filter]) -> Option<String> {
    let filters = filters.iter().map(|filter| {
        let operators = filter.operators.join(", ");
        format!("`{}` ({operators})", filter.field)
    });
    listed(filters)
}

fn pages(operation: &Operation) -> Option<String> {
    let size = operation
        .parameters
        .iter()
        .find(|parameter| parameter.name == "page[size]")?;
    let sizes = format!("{} to {} results", size.minimum?, size.maximum?);
    Some(match &size.default {
        Some(default) => format!("{sizes}, {default} unless told otherwise"),
        None => sizes,
    })
}

fn answers(answers: &[Answer]) -> Option<String> {
    let answers = answers.iter().map(|answer| match answer.schema {
        Some(_) => answer.status.to_string(),
        None => format!("{} without a body", answer.status),
    });
    listed(answers)
}

/// That reading may be repeated goes without saying.
fn repeat(method: Method, caps: Option<&OperationCaps>) -> Option<String> {
    let (safe, why) = OperationCaps::repeat(caps, method);
    let verdict = if safe { "safe" } else { "not safe" };
    (method != Method::Get).then(|| format!("{verdict}. {why}"))
}

fn quoted(names: &[String]) -> Option<String> {
    listed(names.iter().map(|name| format!("`{name}`")))
}

/// Entries separated by commas; `None` without any.
fn listed(entries: impl Iterator<Item = String>) -> Option<String> {
    let entries: Vec<String> = entries.collect();
    (!entries.is_empty()).then(|| entries.join(", "))
}

/// A size in the largest unit that leaves no fraction.
fn bytes(size: u64) -> String {
    match size {
        size if size.is_multiple_of(1_000_000) => format!("{} MB", size / 1_000_000),
        size if size.is_multiple_of(1_000) => format!("{} KB", size / 1_000),
        size => format!("{} bytes", grouped(size)),
    }
}

/// `10000` → `10,000`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::example;

    fn text(id: &str, change: impl FnOnce(&mut Operation)) -> String {
        let document = Document::new(example::document()).expect("it has a revision");
        let operations = Operation::all(&document).expect("it can be read");
        let mut one = operations
            .into_iter()
            .find(|operation| operation.id == id)
            .expect("the example has that operation");
        change(&mut one);
        let caps = example::caps();
        let known = caps.operations.get(id);
        operation(
            &one,
            known,
            caps.general.max_request_bytes,
            document.revision(),
        )
    }

    #[test]
    fn a_bulk_operation_is_described_with_its_caps() {
        assert_eq!(
            text("import_widgets", |_| {}),
            "`POST /api/widget-jobs`, \
             [import_widgets](https://developers.klaviyo.com/en/reference/import_widgets).\n\
             \n- Limits: 10 a second, 150 a minute\
             \n- Scopes: `widgets:write`\
             \n- Caps: 100 items a request, 4 MB a request, 1 KB an item\
             \n- Job: `get_widget_job`\
             \n- Answers: 202\
             \n- Repeat: safe. It creates or updates.\
             \n- Earlier names: `spawn_widget_import`\
             \n- Tag: Widgets\
             \n- Revision: 2001-02-03"
        );
    }

    #[test]
    fn a_listing_is_described_with_its_pages_and_filters() {
        let text = text("get_widgets", |_| {});
        assert!(
            text.contains("\n- Pages: 1 to 100 results, 20 unless told otherwise"),
            "{text}"
        );
        assert!(text.contains("\n- Filters: `name` (any, equals)"), "{text}");
        assert!(!text.contains("Repeat"), "{text}");
        assert!(!text.contains("Caps"), "{text}");
    }

    #[test]
    fn what_needs_no_key_says_so() {
        let text = text("delete_widget", |operation| operation.authenticated = false);
        assert!(text.contains("\n- Scopes: none; it takes no key"), "{text}");
        assert!(text.contains("\n- Answers: 204 without a body"), "{text}");
        assert!(
            text.contains("\n- Limits: 3 a second, 60 a minute, 100 a day"),
            "{text}"
        );
    }

    #[test]
    fn sizes_and_numbers_are_written_for_reading() {
        assert_eq!(bytes(5_000_000), "5 MB");
        assert_eq!(bytes(512_000), "512 KB");
        assert_eq!(bytes(1_234), "1,234 bytes");
        assert_eq!(grouped(10_000), "10,000");
        assert_eq!(grouped(1_000_000), "1,000,000");
        assert_eq!(grouped(999), "999");
    }
}
