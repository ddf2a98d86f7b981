//! What can go wrong with a request or a run (a row's own failure is an outcome, not an error).

use std::time::Duration;

use crate::api_error::ApiError;
use crate::encode::Rejection;
use crate::journal::JournalError;
use crate::transport::{Breakage, TransportError};

/// What went wrong with a request or a run.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The client or the call was set up wrongly; nothing was sent.
    #[error("{0}")]
    Configuration(String),
    /// Klaviyo refused the request, for good or for longer than was allowed.
    #[error(transparent)]
    Api(Box<ApiError>),
    /// There was no whole answer, however often it was tried.
    #[error("{operation} failed after {attempts} attempt(s): {cause}")]
    Transport {
        /// `operationId` of the request.
        operation: &'static str,
        /// How many times the request was sent.
        attempts: u32,
        /// The last attempt's failure.
        cause: TransportError,
        /// Whether any of them may have had its effect.
        maybe_applied: bool,
    },
    /// No request is allowed for longer than was to be waited: the operation's daily limit is used
    /// up, or Klaviyo has closed the operation for a while.
    #[error("{operation}: the next request is allowed in {} s", wait.as_secs())]
    RateLimit {
        /// `operationId` of the request.
        operation: &'static str,
        /// How long until a request is allowed again.
        wait: Duration,
        /// How many times the request was sent.
        attempts: u32,
        /// Whether any of them may have had its effect.
        maybe_applied: bool,
    },
    /// The answer said that all went well, and could not be understood.
    #[error("{operation}: the answer could not be read: {detail}")]
    UnreadableAnswer {
        /// `operationId` of the request.
        operation: &'static str,
        /// What was missing or malformed.
        detail: String,
    },
    /// The run's journal failed, or does not fit the run.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The row of a single action cannot be sent as it is; nothing was sent.
    #[error("{operation}: {}{}", named(&rejection.field), rejection.detail)]
    Rejected {
        /// `operationId` of the request that was not made.
        operation: &'static str,
        /// What is wrong with the row.
        rejection: Box<Rejection>,
    },
    /// A job of Klaviyo's did not come to its end in time, or came to none.
    #[error("{operation}: the job is {status} after {} s", waited.as_secs())]
    JobUnfinished {
        /// `operationId` of the operation that reads the job.
        operation: &'static str,
        /// The job's status when it was last seen.
        status: String,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The run was cancelled by its owner.
    #[error("the run was cancelled")]
    Cancelled,
}

/// The field that is meant, before what is wrong with it.
fn named(field: &str) -> String {
    if field.is_empty() {
        String::new()
    } else {
        format!("{field}: ")
    }
}

impl Error {
    /// The HTTP status, when there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Error::Api(error) => Some(error.status),
            _ => None,
        }
    }

    /// Whether the last attempt ran out of time.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self, Error::Transport { cause, .. } if cause.breakage == Breakage::Timeout)
    }

    /// Whether the request may have had its effect although no answer said so.
    #[must_use]
    pub fn maybe_applied(&self) -> bool {
        match self {
            Error::Api(error) => error.maybe_applied,
            Error::Transport { maybe_applied, .. } | Error::RateLimit { maybe_applied, .. } => {
                *maybe_applied
            }
            _ => false,
        }
    }

    /// A short code for tables and logs.
    #[must_use]
    pub fn code(&self) -> String {
        match self {
            Error::Configuration(_) => "configuration".to_owned(),
            Error::Api(error) => error.code(),
            Error::Transport { .. } => "no_answer".to_owned(),
            Error::RateLimit { .. } => "rate_limit".to_owned(),
            Error::UnreadableAnswer { .. } => "unreadable_answer".to_owned(),
            Error::Journal(_) => "journal".to_owned(),
            Error::Rejected { rejection, .. } => rejection.code.to_owned(),
            Error::JobUnfinished { .. } => "job_unfinished".to_owned(),
            Error::Cancelled => "cancelled".to_owned(),
        }
    }
}
