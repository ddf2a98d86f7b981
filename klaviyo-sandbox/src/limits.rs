//! Klaviyo's rate limits: fixed windows for each operation. Pure: the moment is an argument.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use klaviyo_gen::{FIELD_LIMITS, Limits, OPERATIONS, Operation};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::Serialize;

/// Microseconds in a second: the grain in which windows are counted.
const SECOND: i64 = 1_000_000;

/// The name of the windows that requests for predictive analytics spend, whatever their operation.
const PREDICTIONS: &str = "predictive_analytics";

const PREDICTION_LIMITS: Limits = Limits {
    burst: Some(FIELD_LIMITS.predictions_burst),
    steady: Some(FIELD_LIMITS.predictions_steady),
    daily: None,
};

/// The windows of every operation, and those of predictive analytics.
#[derive(Debug)]
pub(crate) struct Limiter {
    windows: HashMap<&'static str, Vec<Window>>,
    refused_requests_count: bool,
}

/// What an admitted request is told about its quota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Quota {
    /// `RateLimit-Limit`: the first window's limit, then every window's with its length.
    pub(crate) limit: String,
    /// `RateLimit-Remaining`: what the first window still takes.
    pub(crate) remaining: u32,
    /// `RateLimit-Reset`: whole seconds until the first window ends.
    pub(crate) reset: u64,
}

/// A request that is not admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Throttled {
    /// Whole seconds until every window takes a request again, at least one.
    pub(crate) retry_after: u64,
}

impl Limiter {
    /// Windows shifted by `alignment` against the clock, or each by what `seed` draws for it.
    pub(crate) fn new(
        alignment: Option<Duration>,
        seed: u64,
        refused_requests_count: bool,
    ) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let operations = OPERATIONS.iter();
        let windows = operations
            .map(|operation| (operation.id, operation.limits))
            .chain([(PREDICTIONS, PREDICTION_LIMITS)])
            .map(|(name, limits)| {
                let windows = lengths(limits).map(|(seconds, limit)| {
                    let length = seconds * SECOND;
                    let shift = match alignment {
                        Some(shift) => i64::try_from(shift.as_micros()).unwrap_or(i64::MAX),
                        None => random.random_range(0..length),
                    };
                    Window {
                        length,
                        limit,
                        shift,
                        current: i64::MIN,
                        used: 0,
                    }
                });
                (name, windows.collect())
            })
            .collect();
        Self {
            windows,
            refused_requests_count,
        }
    }

    /// Counts a request that arrives now, if every window takes it, those of predictive analytics
    /// included if it asks for `predictions`. `None`: it has no limits.
    pub(crate) fn admit(
        &mut self,
        operation: &Operation,
        predictions: bool,
        now: DateTime<Utc>,
    ) -> Result<Option<Quota>, Throttled> {
        let now = now.timestamp_micros();
        let further = predictions.then_some(PREDICTIONS);
        let names = || [operation.id].into_iter().chain(further);
        let mut wait = None;
        for name in names() {
            for window in self.windows.get_mut(name).into_iter().flatten() {
                window.move_to(now);
                if window.is_full() {
                    wait = wait.max(Some(window.ends_in(now)));
                }
            }
        }
        if wait.is_none() || self.refused_requests_count {
            for name in names() {
                for window in self.windows.get_mut(name).into_iter().flatten() {
                    window.used = window.used.saturating_add(1);
                }
            }
        }
        match wait {
            Some(micros) => Err(Throttled {
                retry_after: whole_seconds(micros).max(1),
            }),
            // Only the operation's own are told: no answer of the other kind was ever recorded.
            None => Ok(self
                .windows
                .get(operation.id)
                .and_then(|own| quota(own, now))),
        }
    }

    /// The windows that hold any request now, with their operations.
    pub(crate) fn usage(&mut self, now: DateTime<Utc>) -> Vec<(&'static str, Usage)> {
        let mut usage: Vec<_> = self
            .windows
            .iter_mut()
            .flat_map(|(operation, windows)| {
                windows
                    .iter_mut()
                    .map(move |window| (*operation, window.usage(now)))
            })
            .filter(|(_, usage)| usage.used > 0)
            .collect();
        usage.sort_unstable();
        usage
    }

    /// All windows of one operation, the shortest first.
    pub(crate) fn usage_of(&mut self, operation: &str, now: DateTime<Utc>) -> Vec<Usage> {
        self.windows
            .get_mut(operation)
            .into_iter()
            .flatten()
            .map(|window| window.usage(now))
            .collect()
    }
}

/// How full a window is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Usage {
    /// The window's length.
    pub(crate) seconds: i64,
    /// Requests that it has taken.
    pub(crate) used: u32,
    /// Requests that it takes at most.
    pub(crate) limit: u32,
}

/// The windows that limits have: seconds and requests, the shortest first.
fn lengths(limits: Limits) -> impl Iterator<Item = (i64, u32)> {
    [
        (1, limits.burst),
        (60, limits.steady),
        (86_400, limits.daily),
    ]
    .into_iter()
    .filter_map(|(seconds, limit)| Some((seconds, limit?)))
}

/// A fixed window: it takes so many requests, and the next one begins when it ends.
#[derive(Debug)]
struct Window {
    /// In microseconds.
    length: i64,
    limit: u32,
    /// How far its beginnings are shifted against multiples of its length, in microseconds.
    shift: i64,
    /// Which window `used` counts.
    current: i64,
    used: u32,
}

impl Window {
    fn number(&self, now: i64) -> i64 {
        (now - self.shift).div_euclid(self.length)
    }

    /// Only ever forward: of two requests at a window's beginning, the earlier may come here later.
    fn move_to(&mut self, now: i64) {
        let number = self.number(now);
        if number > self.current {
            self.current = number;
            self.used = 0;
        }
    }

    fn usage(&mut self, now: DateTime<Utc>) -> Usage {
        self.move_to(now.timestamp_micros());
        Usage {
            seconds: self.length / SECOND,
            used: self.used,
            limit: self.limit,
        }
    }

    fn is_full(&self) -> bool {
        self.used >= self.limit
    }

    fn ends_in(&self, now: i64) -> i64 {
        self.length - (now - self.shift).rem_euclid(self.length)
    }
}

fn quota(windows: &[Window], now: i64) -> Option<Quota> {
    let first = windows.first()?;
    let mut limit = first.limit.to_string();
    for window in windows {
        limit.push_str(&format!(", {};w={}", window.limit, window.length / SECOND));
    }
    Some(Quota {
        limit,
        remaining: first.limit.saturating_sub(first.used),
        // Rounded down: the recorded values show 0 inside a window of one second.
        reset: u64::try_from((first.ends_in(now) - 1) / SECOND).unwrap_or_default(),
    })
}

/// Rounded up, so that whoever waits that long is not refused again.
fn whole_seconds(micros: i64) -> u64 {
    u64::try_from(micros)
        .unwrap_or_default()
        .div_ceil(SECOND.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use klaviyo_gen::operations::{BULK_IMPORT_PROFILES, CREATE_LIST, GET_PROFILE, GET_PROFILES};

    use super::*;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(millis).unwrap()
    }

    fn aligned() -> Limiter {
        Limiter::new(Some(Duration::ZERO), 0, false)
    }

    /// Sends until a request is refused; returns how many were admitted.
    fn fill(limiter: &mut Limiter, now: DateTime<Utc>) -> u32 {
        (0..)
            .take_while(|_| limiter.admit(&BULK_IMPORT_PROFILES, false, now).is_ok())
            .count() as u32
    }

    #[test]
    fn a_window_takes_its_limit_and_the_next_one_takes_it_again() {
        let burst = BULK_IMPORT_PROFILES.limits.burst.unwrap();
        let mut limiter = aligned();
        assert_eq!(fill(&mut limiter, at(400)), burst);
        assert_eq!(
            limiter.admit(&BULK_IMPORT_PROFILES, false, at(999)),
            Err(Throttled { retry_after: 1 })
        );
        assert_eq!(fill(&mut limiter, at(1000)), burst);
    }

    #[test]
    fn a_straggler_from_the_window_before_opens_nothing() {
        let mut limiter = aligned();
        fill(&mut limiter, at(1000));
        assert!(
            limiter
                .admit(&BULK_IMPORT_PROFILES, false, at(999))
                .is_err()
        );
        assert!(
            limiter
                .admit(&BULK_IMPORT_PROFILES, false, at(1001))
                .is_err()
        );
    }

    #[test]
    fn a_client_that_bursts_over_a_boundary_gets_two_windows_at_once() {
        let burst = BULK_IMPORT_PROFILES.limits.burst.unwrap();
        let mut limiter = Limiter::new(Some(Duration::from_millis(250)), 0, false);
        assert_eq!(
            fill(&mut limiter, at(1249)) + fill(&mut limiter, at(1250)),
            2 * burst
        );
    }

    #[test]
    fn a_used_up_minute_says_when_the_next_begins() {
        let (burst, steady) = (
            BULK_IMPORT_PROFILES.limits.burst.unwrap(),
            BULK_IMPORT_PROFILES.limits.steady.unwrap(),
        );
        let mut limiter = aligned();
        let mut admitted = 0;
        for second in 0..i64::from(steady.div_ceil(burst)) {
            admitted += fill(&mut limiter, at(second * 1000));
        }
        assert_eq!(admitted, steady);
        assert_eq!(
            limiter.admit(&BULK_IMPORT_PROFILES, false, at(20_500)),
            Err(Throttled { retry_after: 40 })
        );
        assert!(
            limiter
                .admit(&BULK_IMPORT_PROFILES, false, at(60_000))
                .is_ok()
        );
    }

    #[test]
    fn refused_requests_count_only_when_asked_to() {
        let steady = BULK_IMPORT_PROFILES.limits.steady.unwrap();
        for (counted, admitted_later) in [(false, true), (true, false)] {
            let mut limiter = Limiter::new(Some(Duration::ZERO), 0, counted);
            for _ in 0..steady {
                let _ = limiter.admit(&BULK_IMPORT_PROFILES, false, at(0));
            }
            assert_eq!(
                limiter
                    .admit(&BULK_IMPORT_PROFILES, false, at(1000))
                    .is_ok(),
                admitted_later
            );
        }
    }

    #[test]
    fn headers_describe_all_windows_and_count_the_first() {
        let mut limiter = aligned();
        let quota = limiter.admit(&CREATE_LIST, false, at(0)).unwrap().unwrap();
        assert_eq!(
            quota,
            Quota {
                limit: "10, 10;w=1, 150;w=60, 150;w=86400".to_owned(),
                remaining: 9,
                reset: 0
            },
        );
        let quota = limiter
            .admit(&BULK_IMPORT_PROFILES, false, at(0))
            .unwrap()
            .unwrap();
        assert_eq!(quota.limit, "10, 10;w=1, 150;w=60");
    }

    #[test]
    fn predictions_spend_windows_of_their_own_too() {
        let mut limiter = aligned();
        let most = FIELD_LIMITS.predictions_burst;
        for _ in 0..most {
            assert!(limiter.admit(&GET_PROFILES, true, at(0)).is_ok());
        }
        let refused = Err(Throttled { retry_after: 1 });
        assert_eq!(limiter.admit(&GET_PROFILE, true, at(0)), refused);
        // Who is refused spends neither.
        assert_eq!(limiter.usage_of(GET_PROFILE.id, at(0))[0].used, 0);
        let quota = limiter.admit(&GET_PROFILES, false, at(0)).unwrap().unwrap();
        let burst = GET_PROFILES.limits.burst.unwrap();
        assert_eq!(quota.remaining, burst - most - 1);
    }

    #[test]
    fn operations_do_not_share_windows() {
        let mut limiter = aligned();
        fill(&mut limiter, at(0));
        assert!(limiter.admit(&CREATE_LIST, false, at(0)).is_ok());
        assert_eq!(limiter.usage(at(0)).len(), 2 + 3);
        let [second, minute] = limiter.usage_of(BULK_IMPORT_PROFILES.id, at(1000))[..] else {
            panic!("two windows expected")
        };
        assert_eq!((second.used, minute.used), (0, second.limit));
    }
}
