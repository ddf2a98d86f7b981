//! Permission for requests: keeps every operation under Klaviyo's rate limits.
//!
//! [`quota`] decides (pure: the moment is an argument), [`LimitState`] keeps the quotas,
//! [`Limiter`] waits. The log is a sliding one, so a limit holds in every window of its length,
//! whatever the alignment of Klaviyo's fixed windows, which a client cannot know.
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
use crate::error::Error;
use crate::trace::Seconds;
pub use options::LimitOptions;
pub(crate) use quota::DAILY;
pub use quota::{Decision, Quota};
pub use signals::Signals;
pub(crate) use signals::retry_after;
pub use state::LimitState;
use state::LocalState;

/// Waits from here on are told; shorter ones are the pace of the burst limit.
const WORTH_TELLING: Duration = Duration::from_secs(1);

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
    turns: Mutex<HashMap<&'static str, Arc<Turn<()>>>>,
    answers: Arc<Answers>,
}

/// Wakes those that wait for the answer to a request of an operation, whoever sent it.
#[derive(Debug, Default)]
struct Answers(Mutex<HashMap<&'static str, Arc<Notify>>>);

impl Answers {
    fn to(&self, operation: &Operation) -> Arc<Notify> {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(answers.entry(operation.id).or_default())
    }
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
            turns: Mutex::default(),
            answers: Arc::default(),
        }
    }

    /// A limiter over the same count that stays within `share` of each limit. Whoever waits for it
    /// does not hold up those of this one.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the share is none, or more than the whole has.
    pub fn part(&self, share: f64) -> Result<Self, Error> {
        Ok(Limiter {
            state: self.state.part(share)?,
            wait_for_daily: self.wait_for_daily,
            clock: Arc::clone(&self.clock),
            turns: Mutex::default(),
            answers: Arc::clone(&self.answers),
        })
    }

    /// What a sender may use of the operation's limits.
    #[must_use]
    pub fn limits(&self, operation: &Operation) -> Limits {
        self.state.limits(operation)
    }

    /// Whether a daily limit that is used up is waited for.
    #[must_use]
    pub fn waits_for_daily(&self) -> bool {
        self.wait_for_daily
    }

    /// Waits until a request of `operation` is allowed. A `Retry-After` of more than `longest_closure`
    /// says that the daily limit is used up, as our own count may.
    ///
    /// # Errors
    /// When it is used up and [`LimitOptions::wait_for_daily`] is not set, or the `Retry-After` is
    /// longer than a day.
    pub async fn reserve(
        &self,
        operation: &'static Operation,
        longest_closure: Duration,
    ) -> Result<Permit, NotForLong> {
        // Held while waiting, so that permission is given in the order of asking.
        let turn = self.turn(operation);
        let _turn = turn.lock().await;
        let answers = self.answers.to(operation);
        loop {
            // Asked for before the decision, so that an answer between the two is not missed.
            let answered = answers.notified();
            let now = self.clock.now();
            match self.state.reserve(operation, now).await {
                Decision::Granted => break,
                Decision::NotBefore(moment) => {
                    let wait = moment.since(now);
                    if wait >= WORTH_TELLING {
                        let (operation, wait) = (operation.id, Seconds(wait));
                        tracing::info!(operation, %wait, "waits for the rate limit");
                    }
                    self.clock.sleep(wait).await;
                }
                Decision::ClosedUntil(moment) => {
                    let wait = moment.since(now);
                    if wait > longest_closure && !(self.wait_for_daily && wait <= DAILY) {
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
                    tracing::warn!(
                        operation = operation.id,
                        wait = %Seconds(wait),
                        "the daily limit is used up, waits for it"
                    );
                    self.clock.sleep(wait).await;
                }
            }
        }
        Ok(Permit {
            state: Arc::clone(&self.state),
            operation,
            answers: Arc::clone(&answers),
            clock: Arc::clone(&self.clock),
            sent: self.clock.now(),
            open: true,
        })
    }

    fn turn(&self, operation: &'static Operation) -> Arc<Turn<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(operation.id).or_default())
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
    answers: Arc<Notify>,
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
            self.answers.notify_waiters();
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.close(&Signals::default());
    }
}

#[cfg(test)]
mod tests;
