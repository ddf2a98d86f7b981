//! What kind of end an attempt had. Pure; whether to try again is decided in [`crate::retry`].

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::limit::{Signals, retry_after};
use crate::transport::{Breakage, Response, TransportError};

/// What kind of end an attempt had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// 2xx.
    Success,
    /// 429: the request was not taken; it may be sent again after the wait.
    Throttled(Duration),
    /// Klaviyo or the network failed for the time being.
    Unavailable {
        /// Whether the request may have had its effect all the same.
        maybe_applied: bool,
        /// How long the answer asks to wait (a 503 may).
        retry_after: Option<Duration>,
    },
    /// 400: something in the body, perhaps a single row, is refused.
    Refused,
    /// 413: the body is too large.
    TooLarge,
    /// Anything else: the request itself cannot succeed, now or later.
    Hopeless,
}

/// Classifies an attempt that ended at `now`.
#[must_use]
pub fn classify(attempt: Result<&Response, &TransportError>, now: DateTime<Utc>) -> Ending {
    match attempt {
        Ok(response) => match response.status {
            200..=299 => Ending::Success,
            400 => Ending::Refused,
            413 => Ending::TooLarge,
            429 => {
                let signals = Signals::read(429, &response.headers, now);
                Ending::Throttled(signals.retry_after.unwrap_or_default())
            }
            // Not implemented, and no such version of HTTP: neither will be there later.
            501 | 505 => Ending::Hopeless,
            // Request timeout, and the server's own failures: the request may have been read.
            408 | 500..=599 => Ending::Unavailable {
                maybe_applied: true,
                retry_after: retry_after(&response.headers, now),
            },
            _ => Ending::Hopeless,
        },
        Err(error) => Ending::Unavailable {
            maybe_applied: error.breakage != Breakage::Connect,
            retry_after: None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_ending() {
        let of = |status| {
            let response = Response {
                status,
                headers: http::HeaderMap::new(),
                body: bytes::Bytes::new(),
            };
            classify(Ok(&response), DateTime::UNIX_EPOCH)
        };
        let unavailable = Ending::Unavailable {
            maybe_applied: true,
            retry_after: None,
        };
        let table = [
            (200, Ending::Success),
            (202, Ending::Success),
            (204, Ending::Success),
            (301, Ending::Hopeless),
            (400, Ending::Refused),
            (401, Ending::Hopeless),
            (403, Ending::Hopeless),
            (404, Ending::Hopeless),
            (408, unavailable),
            (409, Ending::Hopeless),
            (413, Ending::TooLarge),
            (415, Ending::Hopeless),
            (429, Ending::Throttled(Duration::from_secs(1))),
            (500, unavailable),
            (501, Ending::Hopeless),
            (503, unavailable),
            (524, unavailable),
        ];
        for (status, ending) in table {
            assert_eq!(of(status), ending, "{status}");
        }
    }

    #[test]
    fn only_a_missing_connection_is_certain_to_have_done_nothing() {
        let of = |breakage| {
            let error = TransportError {
                breakage,
                message: String::new(),
            };
            classify(Err(&error), DateTime::UNIX_EPOCH)
        };
        let maybe = |maybe_applied| Ending::Unavailable {
            maybe_applied,
            retry_after: None,
        };
        assert_eq!(of(Breakage::Connect), maybe(false));
        assert_eq!(of(Breakage::Timeout), maybe(true));
        assert_eq!(of(Breakage::Broken), maybe(true));
    }
}
