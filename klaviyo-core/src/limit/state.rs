//! Where requests are counted: in this process, unless somebody gives another place.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use klaviyo_gen::{Limits, Operation};

use super::quota::{Decision, Quota};
use super::signals::Signals;
use crate::clock::Moment;

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
}

/// Counts the requests of this process.
#[derive(Debug, Default)]
pub(super) struct LocalState {
    share: f64,
    overrides: BTreeMap<String, Limits>,
    quotas: Mutex<HashMap<&'static str, Quota>>,
}

impl LocalState {
    pub(super) fn new(share: f64, overrides: BTreeMap<String, Limits>) -> Self {
        LocalState {
            share,
            overrides,
            quotas: Mutex::default(),
        }
    }

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
        let decision = self.quota(operation, |quota| quota.reserve(now));
        Box::pin(std::future::ready(decision))
    }

    fn answered(
        &self,
        operation: &'static Operation,
        sent: Moment,
        now: Moment,
        signals: &Signals,
    ) {
        self.quota(operation, |quota| quota.answered(sent, now, signals));
    }
}
