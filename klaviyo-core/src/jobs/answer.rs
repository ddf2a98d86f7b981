//! What Klaviyo says of a job, read leniently: answers are looser than the document.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use crate::api_error::{ErrorSource, Lenient, Members, lenient};

/// What the answer to a request says of the job that it began.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Begun {
    pub(crate) id: String,
    /// When Klaviyo forgets it.
    pub(crate) expires: Option<DateTime<Utc>>,
}

impl Begun {
    /// Reads the answer to the request; `None` when it names no job.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Document {
            data: Job,
        }
        let job = serde_json::from_slice::<Document>(body).ok()?.data;
        Some(Begun {
            id: job.id.filter(|id| !id.is_empty())?,
            expires: job.attributes.expires_at,
        })
    }
}

/// A job among others. Everything is optional on the wire.
#[derive(Debug, Default, Deserialize)]
struct Job {
    #[serde(default, deserialize_with = "lenient")]
    id: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    attributes: State,
}

/// A job's state.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct State {
    #[serde(deserialize_with = "lenient")]
    pub(super) status: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) total_count: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub(super) completed_count: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub(super) failed_count: Option<u64>,
    /// How many items the job passed over; only suppression counts them.
    #[serde(deserialize_with = "lenient")]
    pub(super) skipped_count: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub(super) expires_at: Option<DateTime<Utc>>,
    /// What went wrong, where the job itself says it.
    #[serde(deserialize_with = "lenient")]
    pub(super) errors: Vec<ItemError>,
}

impl Members for State {}

impl Lenient for Option<DateTime<Utc>> {
    fn read(value: Value) -> Self {
        let time = DateTime::parse_from_rfc3339(value.as_str()?).ok()?;
        Some(time.to_utc())
    }
}

impl Lenient for Vec<ItemError> {
    fn read(value: Value) -> Self {
        match value {
            Value::Array(errors) => errors.into_iter().map(Lenient::read).collect(),
            _ => Vec::new(),
        }
    }
}

impl State {
    /// Reads the answer to a request for the job.
    pub(super) fn read(body: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Document {
            data: Resource,
        }
        #[derive(Deserialize)]
        struct Resource {
            attributes: State,
        }
        let document: Document = serde_json::from_slice(body).map_err(|cause| cause.to_string())?;
        Ok(document.data.attributes)
    }

    /// Whether the job says that all of `rows` rows went well, and nothing speaks against it.
    pub(super) fn is_clean(&self, rows: u64) -> bool {
        self.not_done() == Some(0) && self.errors.is_empty() && self.counts_agree(rows, 0)
    }

    /// How many rows failed or were skipped, if the job says so.
    pub(super) fn not_done(&self) -> Option<u64> {
        match (self.failed_count, self.skipped_count) {
            (None, None) => None,
            (failed, skipped) => Some(failed.unwrap_or(0) + skipped.unwrap_or(0)),
        }
    }

    /// Whether the counts, as far as they are given, fit `rows` rows of which all but `not_done`
    /// were done.
    pub(super) fn counts_agree(&self, rows: u64, not_done: u64) -> bool {
        let agrees = |count: Option<u64>, with| count.is_none_or(|count| count == with);
        agrees(self.total_count, rows)
            && agrees(self.completed_count, rows.saturating_sub(not_done))
    }
}

/// One page of a listing of jobs.
#[derive(Debug, Default)]
pub(super) struct JobPage {
    /// The jobs' states by their ids.
    pub(super) jobs: HashMap<String, State>,
    /// The link to the next page.
    pub(super) next: Option<String>,
}

impl JobPage {
    pub(super) fn read(body: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Document {
            data: Vec<Job>,
            links: Option<Links>,
        }
        let document: Document = serde_json::from_slice(body).map_err(|cause| cause.to_string())?;
        let jobs = document.data.into_iter();
        Ok(JobPage {
            jobs: jobs
                .filter_map(|job| Some((job.id?, job.attributes)))
                .collect(),
            next: document.links.and_then(|links| links.next),
        })
    }
}

#[derive(Deserialize)]
struct Links {
    next: Option<String>,
}

/// One page of a job's errors.
#[derive(Debug, Default)]
pub(super) struct ErrorPage {
    pub(super) errors: Vec<ItemError>,
    /// The link to the next page.
    pub(super) next: Option<String>,
}

/// What a job says of one item.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct ItemError {
    #[serde(deserialize_with = "lenient")]
    pub(super) code: String,
    #[serde(deserialize_with = "lenient")]
    pub(super) title: String,
    #[serde(deserialize_with = "lenient")]
    pub(super) detail: String,
    #[serde(deserialize_with = "lenient")]
    pub(super) source: ErrorSource,
    /// The item as it was sent, or as Klaviyo keeps it.
    pub(super) original_payload: Option<Value>,
}

impl Members for ItemError {}

impl ErrorPage {
    pub(super) fn read(body: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Document {
            data: Vec<Resource>,
            links: Option<Links>,
        }
        #[derive(Deserialize)]
        struct Resource {
            #[serde(default, deserialize_with = "lenient")]
            attributes: ItemError,
        }
        let document: Document = serde_json::from_slice(body).map_err(|cause| cause.to_string())?;
        Ok(ErrorPage {
            errors: document
                .data
                .into_iter()
                .map(|resource| resource.attributes)
                .collect(),
            next: document.links.and_then(|links| links.next),
        })
    }
}

#[cfg(test)]
mod tests;
