//! Why rows did not get through, or may not have.

use super::RowFailure;
use crate::api_error::ErrorObject;
use crate::error::Error;
use crate::outcome::Outcome;

/// Why rows did not get through, or may not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cause {
    pub(crate) code: String,
    pub(crate) detail: String,
    pub(crate) pointer: String,
}

impl Cause {
    pub(crate) fn new(code: &str, detail: impl Into<String>) -> Self {
        Cause {
            code: code.to_owned(),
            detail: detail.into(),
            pointer: String::new(),
        }
    }

    /// The cause that a whole request failed for.
    pub(crate) fn of_error(error: &Error) -> Self {
        match error {
            Error::Api(api) => Cause {
                code: api.code(),
                detail: api.detail(),
                pointer: api
                    .errors
                    .first()
                    .map_or(String::new(), |error| error.source.pointer.clone()),
            },
            other => Cause::new(&other.code(), other.to_string()),
        }
    }

    /// The cause that one error of an answer gives.
    pub(crate) fn of_object(error: &ErrorObject) -> Self {
        let detail = if error.detail.is_empty() {
            &error.title
        } else {
            &error.detail
        };
        Cause {
            code: error.code.clone(),
            detail: detail.clone(),
            pointer: error.source.pointer.clone(),
        }
    }

    pub(crate) fn failure(&self, row: u64, outcome: Outcome, item: Option<String>) -> RowFailure {
        RowFailure {
            row,
            outcome,
            code: self.code.clone(),
            detail: self.detail.clone(),
            pointer: self.pointer.clone(),
            item,
        }
    }
}
