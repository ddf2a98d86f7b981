//! Ends a run from elsewhere than where its rows are pushed.

use std::sync::Arc;

use super::Shared;
use crate::error::Error;
use crate::progress::Tally;
use crate::stop::Stop;

/// Ends a run from elsewhere: while [`Run::finish`](super::Run::finish) waits, say, because the
/// user pressed Ctrl-C. What waits comes back soon after, with the report.
#[derive(Debug, Clone)]
pub struct Canceller {
    /// `operationId` of the run's operation.
    operation: &'static str,
    tally: Arc<Tally>,
    stop: Arc<Stop>,
    cancel: Arc<Stop>,
}

impl Canceller {
    pub(super) fn new(shared: &Shared) -> Self {
        Canceller {
            operation: shared.operation.id,
            tally: Arc::clone(&shared.tally),
            stop: Arc::clone(&shared.stop),
            cancel: Arc::clone(&shared.cancel),
        }
    }

    /// Has the run send nothing more; what is under way goes on to its answer. Jobs are waited for no
    /// longer.
    pub fn stop(&self) {
        self.tell();
        self.stop.raise(Error::Cancelled);
    }

    /// Ends the run at once, requests under way included.
    pub fn cancel(&self) {
        self.tell();
        self.stop.raise(Error::Cancelled);
        self.cancel.raise(Error::Cancelled);
    }

    fn tell(&self) {
        if !self.tally.has_ended() && !self.stop.is_raised() {
            tracing::info!(operation = self.operation, "a run is cancelled");
        }
    }
}
