//! What a trace may say: no row, no body, no key, and nothing that Klaviyo said, which can quote a row.

use std::fmt;
use std::time::Duration;

use crate::error::Error;

/// An error as a trace may say it.
pub(crate) struct Told<'a>(pub(crate) &'a Error);

impl fmt::Display for Told<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Error::Api(error) => {
                let (operation, status) = (error.operation, error.status);
                write!(to, "{operation} was answered {status} ({})", error.code())
            }
            // These are made here, of statuses, times, row numbers and paths.
            Error::Transport { .. }
            | Error::RateLimit { .. }
            | Error::Journal(_)
            | Error::JobUnfinished { .. }
            | Error::Cancelled => write!(to, "{}", self.0),
            Error::Configuration(_) | Error::UnreadableAnswer { .. } | Error::Rejected { .. } => {
                to.write_str(&self.0.code())
            }
        }
    }
}

/// A length of time as a trace says it.
pub(crate) struct Seconds(pub(crate) Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{:.1} s", self.0.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;
    use crate::api_error::{ApiError, ErrorObject};

    #[test]
    fn what_klaviyo_said_is_not_told_on() {
        let error = Error::Api(Box::new(ApiError {
            operation: "bulk_create_events",
            status: 400,
            headers: HeaderMap::new(),
            errors: vec![ErrorObject {
                code: "invalid".to_owned(),
                detail: "ada@shop.example is none".to_owned(),
                ..ErrorObject::default()
            }],
            body_head: String::new(),
            retry_after: None,
            attempts: 1,
            maybe_applied: false,
        }));
        assert!(error.to_string().contains("ada@"));
        assert_eq!(
            Told(&error).to_string(),
            "bulk_create_events was answered 400 (invalid)"
        );
    }
}
