//! Batch caps stand in Klaviyo's prose only. They are kept by hand in `caps.toml`; this compares
//! what a new document says with what is kept, so that a changed cap is not overlooked.

mod read;

use std::fmt;

use serde_json::Value;

use crate::caps::{CapsFile, OperationCaps};
use crate::facts::Operation;
use read::StatedCaps;

/// A difference between a document's prose and `caps.toml`.
#[derive(Debug, PartialEq)]
pub(crate) enum Difference {
    /// A cap that the prose states differently, or only one of the two states.
    Cap {
        operation: String,
        cap: &'static str,
        stated: Option<u64>,
        kept: Option<u64>,
    },
    /// An operation of `caps.toml` that now has another name.
    Renamed { old: String, new: String },
    /// An operation of `caps.toml` that the document does not have.
    Gone { operation: String },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cap {
                operation,
                cap,
                stated,
                kept,
            } => {
                write!(f, "{operation}: {cap} is ")?;
                match (stated, kept) {
                    (Some(stated), Some(kept)) => {
                        write!(f, "{stated} in the document, {kept} in caps.toml")
                    }
                    (Some(stated), None) => write!(f, "{stated} in the document only"),
                    (None, Some(kept)) => write!(f, "{kept} in caps.toml only"),
                    (None, None) => write!(f, "nowhere"),
                }
            }
            Self::Renamed { old, new } => write!(f, "{old}: now called {new}"),
            Self::Gone { operation } => write!(f, "{operation}: not in the document"),
        }
    }
}

/// Every difference, or `None` for a document without any prose.
pub(crate) fn compare(
    upstream: &Value,
    operations: &[Operation],
    caps: &CapsFile,
) -> Option<Vec<Difference>> {
    let mut differences = missing(operations, caps);
    let mut has_prose = false;
    for operation in operations {
        let raw = &upstream["paths"][&operation.path][operation.method.key()];
        let Some(description) = raw["description"].as_str() else {
            continue;
        };
        has_prose = true;
        // Those of reading operations are page sizes, and facts of their parameters.
        if operation.body.is_some() {
            let kept = caps.operations.get(&operation.id);
            differences.extend(of_operation(&operation.id, &read::caps(description), kept));
        }
    }
    has_prose.then_some(differences)
}

fn missing(operations: &[Operation], caps: &CapsFile) -> Vec<Difference> {
    let mut differences = Vec::new();
    for id in caps.operations.keys() {
        if operations.iter().any(|operation| operation.id == *id) {
            continue;
        }
        let heir = operations.iter().find(|one| one.aliases.contains(id));
        differences.push(match heir {
            Some(heir) => Difference::Renamed {
                old: id.clone(),
                new: heir.id.clone(),
            },
            None => Difference::Gone {
                operation: id.clone(),
            },
        });
    }
    differences
}

fn of_operation(
    id: &str,
    stated: &StatedCaps,
    kept: Option<&OperationCaps>,
) -> impl Iterator<Item = Difference> {
    let nothing = OperationCaps::default();
    let kept = kept.unwrap_or(&nothing);
    // That a single thing is taken one at a time goes without saying.
    let max_items = kept.max_items.filter(|most| *most > 1);
    let pairs = [
        ("max_items", stated.max_items, max_items.map(u64::from)),
        (
            "max_request_bytes",
            stated.max_request_bytes,
            kept.max_request_bytes,
        ),
        ("max_item_bytes", stated.max_item_bytes, kept.max_item_bytes),
        (
            "max_string_bytes",
            stated.max_string_bytes,
            kept.max_string_bytes,
        ),
        (
            "max_jobs_in_progress",
            stated.max_jobs_in_progress,
            kept.max_jobs_in_progress.map(u64::from),
        ),
    ];
    let operation = id.to_owned();
    pairs
        .into_iter()
        .filter(|(_, stated, kept)| stated != kept)
        .map(move |(cap, stated, kept)| Difference::Cap {
            operation: operation.clone(),
            cap,
            stated,
            kept,
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::document::Document;
    use crate::example;

    const AGREED: &str = "Accepts up to 100 widgets per request. The maximum allowed payload size \
                          is 4MB. The maximum allowed payload size per-widget is 1KB.";

    /// The differences for the example with that description of `import_widgets`.
    fn differences(description: &str) -> Vec<String> {
        let mut upstream = example::document();
        upstream["paths"]["/api/widget-jobs"]["post"]["description"] = json!(description);
        report(&upstream).expect("it has prose")
    }

    fn report(upstream: &Value) -> Option<Vec<String>> {
        let document = Document::new(upstream.clone()).expect("it has a revision");
        let operations = Operation::all(&document).expect("it can be read");
        let differences = compare(upstream, &operations, &example::caps())?;
        Some(differences.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn nothing_is_reported_when_they_agree() {
        assert_eq!(differences(AGREED), [""; 0]);
    }

    #[test]
    fn facts_alone_cannot_be_compared() {
        assert_eq!(report(&example::document()), None);
    }

    #[test]
    fn a_changed_cap_is_reported() {
        let changed = AGREED.replace("100 widgets", "1,000 widgets");
        assert_eq!(
            differences(&changed),
            ["import_widgets: max_items is 1000 in the document, 100 in caps.toml"]
        );
    }

    #[test]
    fn a_cap_that_only_one_of_them_states_is_reported() {
        let more = format!("{AGREED} A single string cannot exceed 100KB.");
        assert_eq!(
            differences(&more),
            ["import_widgets: max_string_bytes is 100000 in the document only"]
        );
        assert_eq!(
            differences("Accepts up to 100 widgets per request."),
            [
                "import_widgets: max_request_bytes is 4000000 in caps.toml only",
                "import_widgets: max_item_bytes is 1000 in caps.toml only",
            ]
        );
    }

    #[test]
    fn a_renamed_operation_is_reported_with_its_new_name() {
        let mut upstream = example::document();
        let post = &mut upstream["paths"]["/api/widget-jobs"]["post"];
        post["operationId"] = json!("bulk_import_widgets");
        post["x-klaviyo-operation-aliases"] = json!(["import_widgets"]);
        post["description"] = json!("Takes widgets in.");
        let report = report(&upstream).expect("it has prose");
        assert_eq!(report, ["import_widgets: now called bulk_import_widgets"]);
    }
}
