//! What an answer says of the rate limits.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

/// What an answer says of the rate limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Signals {
    /// Whether there was an answer at all.
    pub answered: bool,
    /// How long to wait before the next request; only a refused request (429) says so.
    pub retry_after: Option<Duration>,
    /// The first figure of `RateLimit-Limit`: the limit of the window that `remaining` is about.
    pub limit: Option<usize>,
    /// `RateLimit-Remaining`.
    pub remaining: Option<usize>,
}

/// A 429 is waited for at least this long, the shortest window there is: an immediate repeat is
/// always refused.
const LEAST_WAIT: Duration = Duration::from_secs(1);

impl Signals {
    /// Reads them from an answer that came at `now` (needed for a `Retry-After` that is a date, when
    /// the answer has no `Date`).
    #[must_use]
    pub fn read(status: u16, headers: &HeaderMap, now: DateTime<Utc>) -> Self {
        let first_number = |name: &str| {
            let text = headers.get(name)?.to_str().ok()?;
            text.split([',', ';']).next()?.trim().parse().ok()
        };
        Signals {
            answered: true,
            retry_after: (status == 429).then(|| {
                retry_after(headers, now)
                    .unwrap_or_default()
                    .max(LEAST_WAIT)
            }),
            limit: first_number("ratelimit-limit"),
            remaining: first_number("ratelimit-remaining"),
        }
    }
}

/// The wait that a `Retry-After` header asks for: whole seconds, or an HTTP date. A date is compared
/// with the answer's own `Date`, where it has one: this machine's clock may be off.
#[must_use]
pub(crate) fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = |name| Some(headers.get(name)?.to_str().ok()?.trim());
    let date = |text| Some(DateTime::<Utc>::from(httpdate::parse_http_date(text).ok()?));
    let asked = text(RETRY_AFTER)?;
    if let Ok(seconds) = asked.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let sent = text(DATE).and_then(date).unwrap_or(now);
    let wait = (date(asked)? - sent).to_std();
    Some(wait.unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|&(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect::<Vec<(http::HeaderName, http::HeaderValue)>>()
            .into_iter()
            .collect()
    }

    fn now() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 1, 12, 0, 0).unwrap()
    }

    #[test]
    fn a_success_names_the_window_by_its_first_figure() {
        let seen = Signals::read(
            200,
            &headers(&[
                ("ratelimit-limit", "10, 10;w=1, 150;w=60"),
                ("ratelimit-remaining", "9"),
            ]),
            now(),
        );
        assert_eq!((seen.limit, seen.remaining), (Some(10), Some(9)));
        assert_eq!(seen.retry_after, None);
    }

    #[test]
    fn retry_after_is_read_in_seconds_and_as_a_date() {
        let wait =
            |value| Signals::read(429, &headers(&[("retry-after", value)]), now()).retry_after;
        assert_eq!(wait("17"), Some(Duration::from_secs(17)));
        assert_eq!(
            wait("Sun, 01 Nov 2026 12:00:30 GMT"),
            Some(Duration::from_secs(30))
        );
        assert_eq!(wait("Sun, 01 Nov 2026 11:00:00 GMT"), Some(LEAST_WAIT));
        assert_eq!(wait("soon"), Some(LEAST_WAIT));
    }

    #[test]
    fn a_date_counts_from_the_answers_own_date_whatever_this_machine_takes_the_time_for() {
        let wait = |date| {
            let until = ("retry-after", "Sun, 01 Nov 2026 12:00:30 GMT");
            Signals::read(429, &headers(&[until, ("date", date)]), now()).retry_after
        };
        let of_a_fast_clock = wait("Sun, 01 Nov 2026 11:50:00 GMT");
        assert_eq!(of_a_fast_clock, Some(Duration::from_secs(630)));
        let of_a_slow_clock = wait("Sun, 01 Nov 2026 12:00:25 GMT");
        assert_eq!(of_a_slow_clock, Some(Duration::from_secs(5)));
        assert_eq!(wait("today"), Some(Duration::from_secs(30)));
    }

    #[test]
    fn a_429_without_the_header_waits_a_second() {
        let seen = Signals::read(429, &HeaderMap::new(), now());
        assert_eq!(seen.retry_after, Some(LEAST_WAIT));
    }
}
