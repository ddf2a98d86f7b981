//! Ends a run from elsewhere than where its rows are pushed.

use std::sync::Arc;

use super::Shared;
use crate::error::Error;

/// Ends a run from elsewhere: while [`Run::finish`](super::Run::finish) waits, say, because the
/// user pressed Ctrl-C. What waits comes back soon after, with the report.
#[derive(Debug, Clone)]
pub struct Canceller(Arc<Shared>);

impl Canceller {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        Canceller(Arc::clone(shared))
    }

    /// Has the run send nothing more; what is under way goes on to its answer. Jobs are waited for no
    /// longer.
    pub fn stop(&self) {
        self.tell();
        self.0.stop.raise(Error::Cancelled);
    }

    /// Ends the run at once, requests under way included.
    pub fn cancel(&self) {
        self.tell();
        self.0.stop.raise(Error::Cancelled);
        self.0.cancel.raise(Error::Cancelled);
    }

    fn tell(&self) {
        let Canceller(shared) = self;
        if !shared.tally.has_ended() && !shared.stop.is_raised() {
            tracing::info!(operation = shared.operation.id, "a run is cancelled");
        }
    }
}
