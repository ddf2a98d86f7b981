//! Permission for requests: keeps every operation under Klaviyo's rate limits.
//!
//! [`quota`] decides (pure: the moment is an argument), [`Limiter`] waits. The log is a sliding
//! one, so a limit holds in every window of its length, whatever the alignment of Klaviyo's fixed
//! windows, which a client cannot know.
mod quota;
mod signals;
#[cfg(test)]
mod simulation;
mod sliding;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use klaviyo_gen::{Limits, Operation};
use tokio::sync::{Mutex as Turn, Notify};

use crate::clock::{Clock, Moment};
pub use quota::{Decision, Quota};
pub use signals::Signals;

/// The least time in which `requests` can be sent by a client that cannot know how the windows are
/// aligned: whole minutes for the steady limit, then the pace of the burst limit.
///
/// The answer's own latency is not part of it. A daily limit is not either: it refuses, it does
/// not pace.
///
/// ```
/// use klaviyo_core::limit::least_time;
/// use std::time::Duration;
///
/// let limits = &klaviyo_gen::operations::BULK_CREATE_EVENTS.limits; // 10/s, 150/min
/// assert_eq!(least_time(limits, 10), Duration::ZERO);
/// assert_eq!(least_time(limits, 70), Duration::from_secs(6));
/// assert_eq!(least_time(limits, 151), Duration::from_secs(60));
/// ```
#[must_use]
pub fn least_time(limits: &Limits, requests: u64) -> Duration {
    let after_first = requests.saturating_sub(1);
    let (minutes, rest) = match limits.steady {
        Some(steady) => (
            after_first / u64::from(steady),
            after_first % u64::from(steady),
        ),
        None => (0, after_first),
    };
    let seconds = limits.burst.map_or(0, |burst| rest / u64::from(burst));
    Duration::from_secs(60 * minutes + seconds)
}

/// How the limiter is used.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitOptions {
    /// The part of each limit that this client takes, more than 0 and at most 1. Less than 1
    /// leaves room for other users of the same account, with whom Klaviyo shares the limits.
    pub share: f64,
    /// Whether to wait when an operation's daily limit is used up. `false`, the default, makes
    /// that an error at once, since the wait can be a whole day.
    pub wait_for_daily: bool,
}

impl Default for LimitOptions {
    fn default() -> Self {
        LimitOptions {
            share: 1.0,
            wait_for_daily: false,
        }
    }
}

/// A request is not allowed for longer than its sender would wait: the daily limit is used up, or
/// Klaviyo said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotForLong {
    /// How long until a request is allowed again.
    pub wait: Duration,
}

/// Hands out permission for requests, operation by operation, in the order of asking.
#[derive(Debug)]
pub struct Limiter {
    options: LimitOptions,
    clock: Arc<dyn Clock>,
    gates: Mutex<HashMap<&'static str, Arc<Gate>>>,
}

/// One operation's quota, and those that wait for it.
#[derive(Debug)]
struct Gate {
    quota: Mutex<Quota>,
    /// Held while waiting, so that permission is given in the order of asking.
    turn: Turn<()>,
    answered: Notify,
}

impl Gate {
    fn quota<T>(&self, change: impl FnOnce(&mut Quota) -> T) -> T {
        change(&mut self.quota.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Limiter {
    /// A limiter that has seen no request yet.
    #[must_use]
    pub fn new(options: LimitOptions, clock: Arc<dyn Clock>) -> Self {
        Limiter {
            options,
            clock,
            gates: Mutex::default(),
        }
    }

    /// Waits until a request of `operation` is allowed, but not for a `Retry-After` of more than
    /// `longest_closure`.
    ///
    /// # Errors
    /// When that is longer, or the daily limit is used up and [`LimitOptions::wait_for_daily`] is
    /// not set.
    pub async fn reserve(
        &self,
        operation: &'static Operation,
        longest_closure: Duration,
    ) -> Result<Permit, NotForLong> {
        let gate = self.gate(operation);
        let _turn = gate.turn.lock().await;
        loop {
            // Asked for before the decision, so that an answer between the two is not missed.
            let answered = gate.answered.notified();
            let now = self.clock.now();
            match gate.quota(|quota| quota.reserve(now)) {
                Decision::Granted => break,
                Decision::NotBefore(moment) => self.clock.sleep(moment.since(now)).await,
                Decision::ClosedUntil(moment) => {
                    let wait = moment.since(now);
                    if wait > longest_closure {
                        return Err(NotForLong { wait });
                    }
                    self.clock.sleep(wait).await;
                }
                Decision::AfterAnAnswer => answered.await,
                Decision::DailyUsedUp(moment) => {
                    let wait = moment.since(now);
                    if !self.options.wait_for_daily {
                        return Err(NotForLong { wait });
                    }
                    self.clock.sleep(wait).await;
                }
            }
        }
        Ok(Permit {
            gate: Arc::clone(&gate),
            clock: Arc::clone(&self.clock),
            sent: self.clock.now(),
            open: true,
        })
    }

    fn gate(&self, operation: &'static Operation) -> Arc<Gate> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let gate = gates.entry(operation.id).or_insert_with(|| {
            Arc::new(Gate {
                quota: Mutex::new(Quota::new(&operation.limits, self.options.share)),
                turn: Turn::new(()),
                answered: Notify::new(),
            })
        });
        Arc::clone(gate)
    }
}

/// Permission for one request, to be given back with what the answer said.
///
/// Dropped without an answer, it counts the request as answered at that moment.
#[derive(Debug)]
#[must_use]
pub struct Permit {
    gate: Arc<Gate>,
    clock: Arc<dyn Clock>,
    sent: Moment,
    open: bool,
}

impl Permit {
    /// The request was answered: counts it and heeds what the answer says of the limits.
    pub fn answered(mut self, signals: &Signals) {
        self.close(signals);
    }

    fn close(&mut self, signals: &Signals) {
        if std::mem::replace(&mut self.open, false) {
            let now = self.clock.now();
            self.gate
                .quota(|quota| quota.answered(self.sent, now, signals));
            self.gate.answered.notify_waiters();
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.close(&Signals::default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::FakeClock;
    use klaviyo_gen::operations::{BULK_CREATE_EVENTS, CREATE_LIST};

    const HOUR: Duration = Duration::from_secs(3600);

    #[tokio::test]
    async fn twenty_requests_take_a_second_more_than_ten() {
        let clock = FakeClock::new(1);
        let limiter = Limiter::new(LimitOptions::default(), Arc::new(clock.clone()));
        for _ in 0..20 {
            let permit = limiter.reserve(&BULK_CREATE_EVENTS, HOUR).await.unwrap();
            permit.answered(&Signals::default());
        }
        let waited = clock.now().since(Moment::ORIGIN);
        assert!(waited >= Duration::from_secs(1) && waited < Duration::from_millis(1100));
    }

    #[tokio::test]
    async fn a_used_up_daily_limit_says_when_it_opens() {
        let clock = FakeClock::new(1);
        let limiter = Limiter::new(LimitOptions::default(), Arc::new(clock.clone()));
        let daily = CREATE_LIST.limits.daily.unwrap();
        for _ in 0..daily {
            let permit = limiter.reserve(&CREATE_LIST, HOUR).await.unwrap();
            permit.answered(&Signals::default());
        }
        clock.advance(Duration::from_secs(120));
        let refused = limiter.reserve(&CREATE_LIST, HOUR).await.unwrap_err();
        assert!(refused.wait > Duration::from_secs(86_000));
    }

    #[tokio::test]
    async fn a_long_closure_is_told_to_everybody_at_once() {
        let clock = FakeClock::new(1);
        let limiter = Limiter::new(LimitOptions::default(), Arc::new(clock.clone()));
        let permit = limiter.reserve(&CREATE_LIST, HOUR).await.unwrap();
        permit.answered(&Signals {
            retry_after: Some(Duration::from_secs(40_000)),
            ..Signals::default()
        });
        let refused = limiter.reserve(&CREATE_LIST, HOUR).await.unwrap_err();
        assert_eq!(refused.wait, Duration::from_secs(40_000));
        assert!(clock.slept().is_empty());
    }

    #[tokio::test]
    async fn a_dropped_permit_counts_as_answered() {
        let limiter = Limiter::new(LimitOptions::default(), Arc::new(FakeClock::new(1)));
        drop(limiter.reserve(&BULK_CREATE_EVENTS, HOUR).await.unwrap());
        let gate = limiter.gate(&BULK_CREATE_EVENTS);
        assert_eq!(gate.quota(|quota| quota.in_flight()), 0);
    }
}
