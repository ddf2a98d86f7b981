//! Permission for requests: keeps every operation under Klaviyo's rate limits.
//!
//! [`quota`] decides (pure: the moment is an argument), [`LimitState`] keeps the quotas,
//! [`Limiter`] waits. The log is a sliding one, so a limit holds in every window of its length, whatever the alignment of Klaviyo's fixed
//! windows, which a client cannot know.
//!
//! Against a model of Klaviyo's windows, for every set of limits of the table (the tests of
//! `simulation` hold it to this):
//!
//! | latency of an answer | refused (429) | time to send all |
//! |---|---|---|
//! | constant, up to 3 s | none | 1.05 × the least possible + one latency a minute |
//! | anything up to 100 ms | 0.5 % at most | 1.08 × the least possible + 1 s a minute |
//! | anything up to 3 s | 5 % at most | not bounded; 1.03 to 1.06 times at up to 10 a second |
//!
//! In no window of steady or daily were there more requests than allowed, whatever the latency.
mod options;
mod quota;
mod signals;
#[cfg(test)]
mod simulation;
mod sliding;
mod state;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use klaviyo_gen::{Limits, Operation};
use tokio::sync::{Mutex as Turn, Notify};

use crate::clock::{Clock, Moment};
pub use options::LimitOptions;
pub use quota::{Decision, Quota};
pub use signals::Signals;
pub(crate) use signals::retry_after;
pub use state::LimitState;
use state::LocalState;

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
    state: Arc<dyn LimitState>,
    wait_for_daily: bool,
    clock: Arc<dyn Clock>,
    gates: Mutex<HashMap<&'static str, Arc<Gate>>>,
}

/// Those that wait for one operation.
#[derive(Debug, Default)]
struct Gate {
    /// Held while waiting, so that permission is given in the order of asking.
    turn: Turn<()>,
    answered: Notify,
}

impl Limiter {
    /// A limiter that has seen no request yet.
    #[must_use]
    pub fn new(options: LimitOptions, clock: Arc<dyn Clock>) -> Self {
        let LimitOptions {
            share,
            wait_for_daily,
            overrides,
            state,
        } = options;
        Limiter {
            state: state.unwrap_or_else(|| Arc::new(LocalState::new(share, overrides))),
            wait_for_daily,
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
            match self.state.reserve(operation, now).await {
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
                    if !self.wait_for_daily {
                        return Err(NotForLong { wait });
                    }
                    self.clock.sleep(wait).await;
                }
            }
        }
        Ok(Permit {
            state: Arc::clone(&self.state),
            operation,
            gate: Arc::clone(&gate),
            clock: Arc::clone(&self.clock),
            sent: self.clock.now(),
            open: true,
        })
    }

    fn gate(&self, operation: &'static Operation) -> Arc<Gate> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(gates.entry(operation.id).or_default())
    }
}

/// Permission for one request, to be given back with what the answer said.
///
/// Dropped without an answer, it counts the request as answered at that moment.
#[derive(Debug)]
#[must_use]
pub struct Permit {
    state: Arc<dyn LimitState>,
    operation: &'static Operation,
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
            self.state.answered(self.operation, self.sent, now, signals);
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
    use std::sync::atomic::Ordering::Relaxed;
    use std::sync::atomic::{AtomicBool, AtomicU32};

    use futures::future::BoxFuture;

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

    /// Lets one request in at a time, and counts the answers.
    #[derive(Debug, Default)]
    struct OneAtATime {
        under_way: AtomicBool,
        answers: AtomicU32,
    }

    impl LimitState for OneAtATime {
        fn reserve<'a>(&'a self, _: &'static Operation, now: Moment) -> BoxFuture<'a, Decision> {
            let taken = self.under_way.swap(true, Relaxed);
            let wait = Decision::NotBefore(now + Duration::from_secs(5));
            Box::pin(async move { if taken { wait } else { Decision::Granted } })
        }

        fn answered(&self, _: &'static Operation, _: Moment, _: Moment, _: &Signals) {
            self.under_way.store(false, Relaxed);
            self.answers.fetch_add(1, Relaxed);
        }
    }

    #[tokio::test]
    async fn requests_can_be_counted_elsewhere() {
        let (clock, state) = (FakeClock::new(1), Arc::new(OneAtATime::default()));
        let options = LimitOptions {
            state: Some(Arc::clone(&state) as Arc<dyn LimitState>),
            ..LimitOptions::default()
        };
        let limiter = Limiter::new(options, Arc::new(clock.clone()));
        let first = limiter.reserve(&CREATE_LIST, HOUR).await.unwrap();
        let second = async { drop(limiter.reserve(&CREATE_LIST, HOUR).await.unwrap()) };
        let end_first = async {
            clock.sleep(Duration::from_secs(7)).await;
            drop(first);
        };
        futures::join!(second, end_first);
        assert_eq!(clock.now(), Moment::at(Duration::from_secs(10)));
        assert_eq!(
            state.answers.load(Relaxed),
            2,
            "dropped permits count as answered"
        );
    }

    #[tokio::test]
    async fn limits_can_be_overridden() {
        let clock = FakeClock::new(1);
        let higher = Limits {
            burst: Some(20),
            steady: Some(300),
            daily: None,
        };
        let options = LimitOptions {
            overrides: [(BULK_CREATE_EVENTS.id.to_owned(), higher)].into(),
            ..LimitOptions::default()
        };
        let limiter = Limiter::new(options, Arc::new(clock.clone()));
        for _ in 0..20 {
            drop(limiter.reserve(&BULK_CREATE_EVENTS, HOUR).await.unwrap());
        }
        assert_eq!(clock.now(), Moment::ORIGIN);
    }
}
