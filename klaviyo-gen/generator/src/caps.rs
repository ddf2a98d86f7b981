//! `caps.toml`: what the OpenAPI document does not hold. See the comment at its head.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

/// The name of the file, beside the vendored documents.
pub(crate) const FILE: &str = "caps.toml";

/// The whole of `caps.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CapsFile {
    pub(crate) general: General,
    pub(crate) fields: Fields,
    pub(crate) operations: BTreeMap<String, OperationCaps>,
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
    pub(crate) initial_job_status: Option<String>,
    pub(crate) max_jobs_in_progress: Option<u32>,
    pub(crate) item_errors: ItemErrors,
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

    /// A cap that holds because the only item is the whole request.
    fn single(&self, cap: Option<u64>) -> Option<u64> {
        cap.filter(|_| self.max_items == Some(1))
    }
}

/// Where errors of single items are found.
#[derive(Debug, Default, Deserialize)]
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
    /// Reads `caps.toml` in `directory`.
    pub(crate) fn load(directory: &Path) -> Result<Self> {
        let path = directory.join(FILE);
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("{} is not as expected", path.display()))
    }
}
