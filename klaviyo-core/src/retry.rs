//! Whether and when to send again. Pure but for the budget that requests share: elapsed time and
//! randomness are arguments.

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use crate::classify::Ending;
use crate::limit::DAILY;

/// When a request is sent again.
#[derive(Debug, Clone, PartialEq)]
pub struct RetryOptions {
    /// How often a request that fails for the time being (5xx, timeout, reset) is sent at most.
    /// Refusals by a rate limit (429) do not count.
    pub attempts: u32,
    /// Wait before the second attempt; it doubles from attempt to attempt.
    pub first_wait: Duration,
    /// Longest wait between two attempts.
    pub longest_wait: Duration,
    /// No attempt begins later than this after the first one; what rate limits took does not count.
    pub deadline: Duration,
    /// A request that is refused by its rate limit (429) is not sent again later than this after its
    /// first attempt. The limiter keeps below the limits, so this much of it means that somebody else
    /// uses up the account's.
    pub longest_throttling: Duration,
    /// Longest `Retry-After` that is waited for as a matter of course; a longer one means that a daily
    /// limit is used up, which is an error unless
    /// [`LimitOptions::wait_for_daily`](crate::limit::LimitOptions::wait_for_daily) says otherwise.
    pub longest_retry_after: Duration,
    /// How many repeats a client may make faster than at `longest_wait`; ten requests that succeed
    /// give one back. While Klaviyo is down for everybody, repeats would otherwise multiply.
    pub budget: u32,
}

impl Default for RetryOptions {
    fn default() -> Self {
        RetryOptions {
            // With the waits below, about two minutes: longer than Klaviyo's usual hiccups.
            attempts: 12,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(30),
            deadline: Duration::from_secs(15 * 60),
            longest_throttling: Duration::from_secs(60 * 60),
            longest_retry_after: Duration::from_secs(5 * 60),
            budget: 100,
        }
    }
}

/// What is known when an attempt has ended without success.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// How the attempt ended.
    pub ending: Ending,
    /// Whether sending the request twice does the same as sending it once.
    pub repeat_is_safe: bool,
    /// Attempts that ended [`Ending::Unavailable`], this one included.
    pub failures: u32,
    /// Time since the first attempt began.
    pub elapsed: Duration,
    /// How much of it rate limits took.
    pub held_up: Duration,
    /// Whether the retry budget is used up.
    pub spent: bool,
    /// Whether a daily limit that is used up is waited for.
    pub waits_for_daily: bool,
    /// Whether the operation has a daily limit.
    pub has_daily: bool,
}

/// How long to wait before the next attempt; `None` when there must not be one.
///
/// `random` is at least 0 and less than 1: half of the wait is fixed, half is drawn, so that clients
/// that failed together do not come back together.
#[must_use]
pub fn wait_before_next(
    options: &RetryOptions,
    standing: &Standing,
    random: f64,
) -> Option<Duration> {
    match standing.ending {
        Ending::Throttled(wait) => {
            let in_time = standing.elapsed.saturating_add(wait) <= options.longest_throttling;
            let again = if wait > options.longest_retry_after {
                standing.waits_for_daily && wait <= DAILY && (standing.has_daily || in_time)
            } else {
                in_time
            };
            again.then_some(wait)
        }
        Ending::Unavailable {
            maybe_applied,
            retry_after,
        } => {
            let again = standing.failures < options.attempts;
            let safe = standing.repeat_is_safe || !maybe_applied;
            let wait = (again && safe).then(|| backoff(options, standing, random))?;
            let wait = wait.max(retry_after.unwrap_or_default());
            let bearable = wait <= options.longest_retry_after.max(options.longest_wait);
            let failing = standing.elapsed.saturating_sub(standing.held_up);
            (bearable && failing.saturating_add(wait) <= options.deadline).then_some(wait)
        }
        Ending::Success | Ending::Refused | Ending::TooLarge | Ending::Hopeless => None,
    }
}

fn backoff(options: &RetryOptions, standing: &Standing, random: f64) -> Duration {
    let doublings = standing.failures.saturating_sub(1).min(16);
    let doubled = options.first_wait.saturating_mul(1 << doublings);
    let full = if standing.spent {
        options.longest_wait
    } else {
        doubled.min(options.longest_wait)
    };
    full.mul_f64(0.5 + random / 2.0)
}

/// What is left of [`RetryOptions::budget`], for all requests of a client together.
///
/// An empty one slows repeats down instead of ending them: rows are not to be lost for it.
#[derive(Debug)]
pub struct RetryBudget {
    most: u32,
    /// In tenths of a repeat.
    left: AtomicU32,
}

/// Requests that must succeed to give one repeat back.
const PRICE: u32 = 10;

impl RetryBudget {
    /// A full one.
    #[must_use]
    pub fn new(repeats: u32) -> Self {
        let most = repeats.saturating_mul(PRICE);
        RetryBudget {
            most,
            left: AtomicU32::new(most),
        }
    }

    /// Pays for one repeat; whether there was too little left for it.
    pub(crate) fn spend(&self) -> bool {
        let pay = |left: u32| left.checked_sub(PRICE);
        self.left.fetch_update(Relaxed, Relaxed, pay).is_err()
    }

    /// A request succeeded.
    pub(crate) fn earn(&self) {
        let gain = |left: u32| (left < self.most).then_some(left + 1);
        let gained = self.left.fetch_update(Relaxed, Relaxed, gain);
        let _ = gained;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BROKEN: Ending = Ending::Unavailable {
        maybe_applied: true,
        retry_after: None,
    };

    fn standing(ending: Ending) -> Standing {
        Standing {
            ending,
            repeat_is_safe: true,
            failures: 1,
            elapsed: Duration::ZERO,
            held_up: Duration::ZERO,
            spent: false,
            waits_for_daily: false,
            has_daily: false,
        }
    }

    fn wait(standing: &Standing) -> Option<Duration> {
        wait_before_next(&RetryOptions::default(), standing, 0.0)
    }

    #[test]
    fn a_request_that_may_have_worked_is_repeated_only_where_that_is_safe() {
        let unsafe_one = Standing {
            repeat_is_safe: false,
            ..standing(BROKEN)
        };
        assert!(wait(&standing(BROKEN)).is_some());
        assert_eq!(wait(&unsafe_one), None);
        let never_arrived = Standing {
            ending: Ending::Unavailable {
                maybe_applied: false,
                retry_after: None,
            },
            ..unsafe_one
        };
        assert!(wait(&never_arrived).is_some());
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        let after = |failures| {
            wait(&Standing {
                failures,
                ..standing(BROKEN)
            })
        };
        assert_eq!(after(1), Some(Duration::from_millis(250)));
        assert_eq!(after(2), Some(Duration::from_millis(500)));
        assert_eq!(after(7), Some(Duration::from_secs(15)));
        assert_eq!(after(12), None);
    }

    #[test]
    fn a_server_that_asks_for_more_time_gets_it_unless_it_is_too_much() {
        let asked = |seconds| {
            wait(&standing(Ending::Unavailable {
                maybe_applied: true,
                retry_after: Some(Duration::from_secs(seconds)),
            }))
        };
        assert_eq!(asked(0), Some(Duration::from_millis(250)));
        assert_eq!(asked(40), Some(Duration::from_secs(40)));
        assert_eq!(asked(4000), None);
    }

    #[test]
    fn without_budget_repeats_keep_the_longest_wait() {
        let spent = Standing {
            spent: true,
            ..standing(BROKEN)
        };
        assert_eq!(wait(&spent), Some(Duration::from_secs(15)));
    }

    #[test]
    fn a_repeat_is_given_back_by_ten_successes() {
        let budget = RetryBudget::new(2);
        assert!(!budget.spend() && !budget.spend());
        assert!(budget.spend(), "used up");
        (0..9).for_each(|_| budget.earn());
        assert!(budget.spend());
        budget.earn();
        assert!(!budget.spend());
        (0..100).for_each(|_| budget.earn());
        assert!(!budget.spend() && !budget.spend());
        assert!(budget.spend(), "it never holds more than at first");
    }

    #[test]
    fn throttling_is_waited_for_as_told_and_counts_for_nothing() {
        let throttled = Standing {
            failures: 99,
            repeat_is_safe: false,
            elapsed: Duration::from_secs(50 * 60),
            ..standing(Ending::Throttled(Duration::from_secs(17)))
        };
        assert_eq!(wait(&throttled), Some(Duration::from_secs(17)));
        let for_ever = Standing {
            elapsed: Duration::from_secs(60 * 60),
            ..throttled
        };
        assert_eq!(wait(&for_ever), None);
        let longest = standing(Ending::Throttled(Duration::MAX));
        let after_some = Standing {
            elapsed: Duration::from_secs(2),
            ..longest
        };
        assert_eq!(wait(&after_some), None);
        let a_day = standing(Ending::Throttled(Duration::from_secs(80_000)));
        assert_eq!(wait(&a_day), None);
    }

    #[test]
    fn a_daily_limit_is_waited_for_when_the_caller_says_so_and_no_longer_than_a_day() {
        let patient = |seconds| {
            wait(&Standing {
                elapsed: Duration::from_secs(50 * 60),
                waits_for_daily: true,
                has_daily: true,
                ..standing(Ending::Throttled(Duration::from_secs(seconds)))
            })
        };
        assert_eq!(patient(80_000), Some(Duration::from_secs(80_000)));
        assert_eq!(patient(86_401), None);
    }

    #[test]
    fn nothing_begins_after_the_deadline() {
        let late = Standing {
            elapsed: Duration::from_secs(15 * 60),
            ..standing(BROKEN)
        };
        assert_eq!(wait(&late), None);
        let held_up = Standing {
            held_up: Duration::from_secs(60),
            ..late
        };
        assert!(wait(&held_up).is_some());
    }

    #[test]
    fn what_cannot_succeed_is_not_repeated() {
        for ending in [Ending::Refused, Ending::TooLarge, Ending::Hopeless] {
            assert_eq!(wait(&standing(ending)), None);
        }
    }
}
