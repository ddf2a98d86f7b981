//! `caps.toml`: what the OpenAPI document does not hold. See the comment at its head.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::facts::Method;

/// The name of the file, beside the vendored documents.
pub(crate) const FILE: &str = "caps.toml";

/// The whole of `caps.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CapsFile {
    pub(crate) general: General,
    pub(crate) fields: Fields,
    pub(crate) operations: BTreeMap<String, OperationCaps>,
    /// The operations that are new in a revision, by the revision.
    #[serde(default)]
    pub(crate) since: BTreeMap<String, Vec<String>>,
}

/// What holds for every operation that has no cap of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct General {
    pub(crate) max_request_bytes: u64,
}

/// What is known of one operation.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct OperationCaps {
    pub(crate) items: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) max_items: Option<u32>,
    pub(crate) max_request_bytes: Option<u64>,
    pub(crate) max_item_bytes: Option<u64>,
    pub(crate) max_string_bytes: Option<u64>,
    pub(crate) job: Option<String>,
    pub(crate) job_listing: Option<String>,
    pub(crate) long_jobs: bool,
    pub(crate) initial_job_status: Option<String>,
    pub(crate) max_jobs_in_progress: Option<u32>,
    pub(crate) item_errors: ItemErrors,
    pub(crate) synchronous: bool,
    pub(crate) repeat: Option<Repeat>,
}

impl OperationCaps {
    /// Whether anything but the safety of a repeat is known.
    pub(crate) fn has_caps(&self) -> bool {
        self.items.is_some() || self.max_items.is_some()
    }

    /// Most bytes in one request; `None` where only the general cap holds.
    pub(crate) fn request_bytes(&self) -> Option<u64> {
        self.max_request_bytes.or(self.single(self.max_item_bytes))
    }

    /// Most bytes in one item.
    pub(crate) fn item_bytes(&self) -> Option<u64> {
        self.max_item_bytes.or(self.single(self.max_request_bytes))
    }

    /// Whether a request may be repeated, and why: what is known of the operation, or else what
    /// holds for its method.
    pub(crate) fn repeat(known: Option<&Self>, method: Method) -> (bool, &str) {
        match (known.and_then(|known| known.repeat.as_ref()), method) {
            (Some(repeat), _) => (repeat.safe, repeat.why.as_str()),
            (None, Method::Get) => (true, "It only reads."),
            (None, Method::Put | Method::Patch) => (true, "It sets the same values again."),
            (None, Method::Delete) => (true, "What is gone stays gone."),
            (None, Method::Post) => (false, "A repeat may do it a second time."),
        }
    }

    /// A cap that holds because the only item is the whole request.
    fn single(&self, cap: Option<u64>) -> Option<u64> {
        cap.filter(|_| self.max_items == Some(1))
    }
}

/// Where errors of single items are found.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ItemErrors {
    #[default]
    None,
    Answer,
    Job,
    Skipped,
    IngestionLog,
    Pages(String),
}

/// Whether a request may be repeated, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Repeat {
    pub(crate) safe: bool,
    pub(crate) why: String,
}

/// Limits of single fields.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fields {
    pub(crate) email_chars: FieldLimit,
    pub(crate) metric_name_chars: FieldLimit,
    pub(crate) unique_id_chars: FieldLimit,
    pub(crate) event_properties: FieldLimit,
    pub(crate) array_items: FieldLimit,
    pub(crate) nesting: FieldLimit,
    pub(crate) event_profile_bytes: FieldLimit,
    pub(crate) event_first_year: FieldLimit,
    pub(crate) event_future_days: FieldLimit,
    pub(crate) predictions_burst: FieldLimit,
    pub(crate) predictions_steady: FieldLimit,
}

/// A limit of a field, where it is written, and how sure it is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldLimit {
    pub(crate) value: u64,
    pub(crate) source: String,
    pub(crate) sure: Sure,
}

/// How sure a fact is.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Sure {
    /// Klaviyo's documentation says so.
    Docs,
    /// Seen in real traffic.
    Live,
    /// Neither.
    Unverified,
}

impl CapsFile {
    /// The first known revision that has an operation; `None` where the oldest has it.
    pub(crate) fn since(&self, operation: &str) -> Option<&str> {
        let mut revisions = self.since.iter();
        let first = revisions.find(|(_, ids)| ids.iter().any(|id| id == operation));
        first.map(|(revision, _)| revision.as_str())
    }

    /// Reads `caps.toml` in `directory`.
    pub(crate) fn load(directory: &Path) -> Result<Self> {
        let path = directory.join(FILE);
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("{} is not as expected", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;

    #[test]
    fn a_single_item_is_the_whole_request() {
        let caps = |max_items| OperationCaps {
            max_items: Some(max_items),
            max_request_bytes: Some(7),
            ..OperationCaps::default()
        };
        assert_eq!(caps(1).item_bytes(), Some(7));
        assert_eq!(caps(2).item_bytes(), None);
        assert_eq!(caps(2).request_bytes(), Some(7));
    }

    #[test]
    fn what_is_known_of_a_repeat_comes_before_its_method() {
        let caps = example::caps();
        let known = caps.operations.get("import_widgets");
        assert_eq!(
            OperationCaps::repeat(known, Method::Post),
            (true, "It creates or updates.")
        );
        assert!(!OperationCaps::repeat(None, Method::Post).0);
        for method in [Method::Get, Method::Put, Method::Patch, Method::Delete] {
            assert!(OperationCaps::repeat(None, method).0);
        }
    }

    #[test]
    fn an_operation_is_as_old_as_the_first_revision_that_names_it() {
        let caps = example::caps();
        assert_eq!(caps.since("delete_widget"), Some("2001-02-03"));
        assert_eq!(caps.since("get_widgets"), None);
    }

    #[test]
    fn a_misspelt_cap_is_refused() {
        let misspelt = example::CAPS.replace("max_items", "max_item");
        let error = toml::from_str::<CapsFile>(&misspelt).expect_err("it should be refused");
        assert!(error.to_string().contains("max_item"), "{error}");
    }

    #[test]
    fn the_errors_of_items_are_found_in_several_places() {
        let places = r#"
            [operations.a]
            item_errors = "ingestion-log"
            [operations.b]
            item_errors = { pages = "get_errors" }
        "#;
        let text = format!("{}\n{places}", example::CAPS);
        let caps: CapsFile = toml::from_str(&text).expect("it is well-formed");
        assert_eq!(caps.operations["a"].item_errors, ItemErrors::IngestionLog);
        assert_eq!(
            caps.operations["b"].item_errors,
            ItemErrors::Pages("get_errors".into())
        );
    }
}
