//! Where requests are counted: in this process, unless somebody gives another place.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use klaviyo_gen::{Limits, Operation};

use super::quota::{Decision, Quota};
use super::signals::Signals;
use super::sliding::part;
use crate::clock::Moment;
use crate::error::Error;

/// Where the requests of an account are counted.
///
/// The default counts those of one process. Processes that share an account and must not be given
/// a fixed share each can count in one place, a Redis say, by implementing this. Moments are on the
/// caller's own scale: an answer from elsewhere is `now` plus a wait.
pub trait LimitState: Debug + Send + Sync + 'static {
    /// Asks for one request of `operation` at `now`, and counts it when it is granted.
    ///
    /// Whoever is told to wait asks again after that. [`Decision::AfterAnAnswer`] is for requests
    /// of this process only: nobody would wake a sender who waits for another's answer.
    fn reserve<'a>(&'a self, operation: &'static Operation, now: Moment)
    -> BoxFuture<'a, Decision>;

    /// A granted request, sent at `sent`, was answered at `now`. Called once for each, also when
    /// there was no answer; must not block.
    fn answered(&self, operation: &'static Operation, sent: Moment, now: Moment, signals: &Signals);

    /// What a sender may use of the operation's limits, as far as that is known beforehand; with it
    /// the end of a run is foreseen. Klaviyo's own unless it is implemented.
    fn limits(&self, operation: &Operation) -> Limits {
        operation.limits
    }

    /// The same count for senders that stay within `share` (more than 0, at most 1) of each limit.
    ///
    /// # Errors
    /// [`Error::Configuration`] when it cannot be had; so unless it is implemented.
    fn part(&self, share: f64) -> Result<Arc<dyn LimitState>, Error> {
        let message =
            format!("share={share} is not for this client: its limits are kept elsewhere");
        Err(Error::Configuration(message))
    }
}

/// Counts the requests of this process, for senders that stay within a share of the limits.
#[derive(Debug, Clone)]
pub(super) struct LocalState {
    share: f64,
    counts: Arc<Counts>,
}

/// What senders with different shares have in common.
#[derive(Debug)]
struct Counts {
    /// The share of all of them together.
    share: f64,
    overrides: BTreeMap<String, Limits>,
    quotas: Mutex<HashMap<&'static str, Quota>>,
}

impl LocalState {
    pub(super) fn new(share: f64, overrides: BTreeMap<String, Limits>) -> Self {
        let counts = Counts {
            share,
            overrides,
            quotas: Mutex::default(),
        };
        LocalState {
            share,
            counts: Arc::new(counts),
        }
    }
}

impl Counts {
    fn quota<T>(&self, operation: &Operation, change: impl FnOnce(&mut Quota) -> T) -> T {
        let mut quotas = self.quotas();
        let quota = quotas.entry(operation.id).or_insert_with(|| {
            let limits = self.overrides.get(operation.id);
            Quota::new(limits.unwrap_or(&operation.limits), self.share)
        });
        change(quota)
    }

    fn quotas(&self) -> MutexGuard<'_, HashMap<&'static str, Quota>> {
        self.quotas.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LimitState for LocalState {
    fn reserve<'a>(
        &'a self,
        operation: &'static Operation,
        now: Moment,
    ) -> BoxFuture<'a, Decision> {
        let reserve = |quota: &mut Quota| quota.reserve_within(self.share, now);
        let decision = self.counts.quota(operation, reserve);
        Box::pin(std::future::ready(decision))
    }

    fn answered(
        &self,
        operation: &'static Operation,
        sent: Moment,
        now: Moment,
        signals: &Signals,
    ) {
        let note = |quota: &mut Quota| quota.answered(sent, now, signals);
        self.counts.quota(operation, note);
    }

    fn limits(&self, operation: &Operation) -> Limits {
        let limits = self.counts.overrides.get(operation.id);
        let limits = limits.unwrap_or(&operation.limits);
        let within = |most: Option<u32>| {
            let most = part(most? as usize, self.share);
            u32::try_from(most).ok()
        };
        Limits {
            burst: within(limits.burst),
            steady: within(limits.steady),
            daily: within(limits.daily),
        }
    }

    fn part(&self, share: f64) -> Result<Arc<dyn LimitState>, Error> {
        let most = self.counts.share;
        if !(share > 0.0 && share <= most) {
            let message = format!("share must be more than 0 and at most {most}, not {share}");
            return Err(Error::Configuration(message));
        }
        Ok(Arc::new(LocalState {
            share,
            counts: Arc::clone(&self.counts),
        }))
    }
}
