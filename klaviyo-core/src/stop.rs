//! A signal that a run is to send nothing more, and why.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use crate::error::Error;
use crate::trace::Told;

/// Raised at most once: the first reason is kept.
#[derive(Debug, Default)]
pub struct Stop {
    reason: Mutex<Option<Error>>,
    raised: Notify,
}

impl Stop {
    pub(crate) fn raise(&self, reason: Error) {
        let mut kept = self.reason();
        let told = kept.is_none().then(|| reason.clone());
        kept.get_or_insert(reason);
        drop(kept);
        self.raised.notify_waiters();
        // That it was cancelled, whoever cancelled it says.
        if let Some(reason) = told.filter(|reason| !matches!(reason, Error::Cancelled)) {
            tracing::error!("stops: {}", Told(&reason));
        }
    }

    /// The first reason, once there is one.
    pub(crate) fn why(&self) -> Option<Error> {
        self.reason().clone()
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.reason().is_some()
    }

    /// Ends when the signal is raised.
    pub(crate) async fn raised(&self) {
        // Asked for before the check, so that a signal between the two is not missed.
        let raised = self.raised.notified();
        if !self.is_raised() {
            raised.await;
        }
    }

    fn reason(&self) -> std::sync::MutexGuard<'_, Option<Error>> {
        self.reason.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
