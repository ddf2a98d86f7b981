//! What Klaviyo says of a job, read leniently: answers are looser than the document.

use serde::Deserialize;
use serde_json::Value;

use crate::api_error::{ErrorSource, Members, lenient};

/// The job's id in the answer to the request that began it.
pub(crate) fn read_id(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Document {
        data: Resource,
    }
    #[derive(Deserialize)]
    struct Resource {
        id: String,
    }
    let document: Document = serde_json::from_slice(body).ok()?;
    Some(document.data.id).filter(|id| !id.is_empty())
}

/// A job's state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
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

    /// Whether the job says that none of `rows` rows failed, and nothing speaks against it.
    pub(super) fn is_clean(&self, rows: u64) -> bool {
        self.failed_count == Some(0) && self.counts_agree(rows, 0)
    }

    /// Whether the counts, as far as they are given, fit `rows` rows of which `failed` failed.
    pub(super) fn counts_agree(&self, rows: u64, failed: u64) -> bool {
        let agrees = |count: Option<u64>, with| count.is_none_or(|count| count == with);
        agrees(self.total_count, rows) && agrees(self.completed_count, rows.saturating_sub(failed))
    }
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
        #[derive(Deserialize)]
        struct Links {
            next: Option<String>,
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
mod tests {
    use super::*;

    #[test]
    fn nulls_and_missing_members_are_read() {
        let page = ErrorPage::read(
            br#"{"data":[{"type":"import-error","attributes":{"code":null,"source":null}},
                         {"attributes":{"detail":["odd"],"code":7}}, {"attributes":"odd"}],"links":{"next":null,"self":"x"}}"#,
        )
        .unwrap();
        let odd = ItemError {
            code: "7".to_owned(),
            detail: "[\"odd\"]".to_owned(),
            ..ItemError::default()
        };
        let expected = [ItemError::default(), odd, ItemError::default()];
        assert_eq!(page.errors, expected);
        assert_eq!(page.next, None);
        let state = State::read(br#"{"data":{"attributes":{"status":"a new one"}}}"#).unwrap();
        assert_eq!(state.status.as_deref(), Some("a new one"));
    }

    #[test]
    fn an_answer_that_is_no_job_is_said_to_be_none() {
        assert!(State::read(b"<html>").is_err());
        assert_eq!(read_id(b""), None);
        assert_eq!(read_id(br#"{"data":{"id":""}}"#), None);
        assert_eq!(
            read_id(br#"{"data":{"id":"am9i"}}"#).as_deref(),
            Some("am9i")
        );
    }

    #[test]
    fn counts_that_disagree_are_not_clean() {
        let state = |total, completed, failed| State {
            status: None,
            total_count: total,
            completed_count: completed,
            failed_count: failed,
        };
        assert!(state(Some(5), Some(5), Some(0)).is_clean(5));
        assert!(state(None, None, Some(0)).is_clean(5));
        assert!(
            !state(None, None, None).is_clean(5),
            "the errors must be looked at"
        );
        assert!(!state(Some(5), Some(4), Some(1)).is_clean(5));
        assert!(!state(Some(5), Some(4), Some(0)).is_clean(5));
        assert!(!state(Some(4), Some(4), Some(0)).is_clean(5));
    }
}
