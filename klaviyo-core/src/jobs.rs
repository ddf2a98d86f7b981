//! Follows Klaviyo's asynchronous jobs to their end, and ties what they say to rows.
mod answer;
mod follow;
mod tie;

use std::sync::Arc;

use crate::chunk::Batch;
use crate::clock::Moment;
use crate::outcome::Outcome;
use crate::report::{Cause, Ledger};
use crate::retain::Retained;
use crate::shared::Shared;

pub(crate) use answer::read_id;
pub(crate) use follow::follow;

/// A job that Klaviyo began for a batch. Dropped before its end is known, its rows stay accepted.
#[derive(Debug)]
pub(crate) struct Job {
    id: String,
    began: Moment,
    retained: Option<Retained>,
    ledger: Arc<Ledger>,
}

impl Job {
    pub(crate) fn new(shared: &Shared, id: String, retained: Retained) -> Self {
        Job {
            id,
            began: shared.exchange.clock.now(),
            retained: Some(retained),
            ledger: Arc::clone(&shared.ledger),
        }
    }

    /// All rows are completed.
    fn completed(mut self) {
        if let Some(retained) = self.retained.take() {
            self.ledger.pass(Outcome::Completed, retained.rows());
        }
    }

    /// What became of the rows cannot be told.
    fn unknown(mut self, cause: &Cause) {
        let Some(retained) = self.retained.take() else {
            return;
        };
        let batch = retained.load().ok();
        for (index, row) in retained.rows().enumerate() {
            let item = batch.as_ref().map(|batch| batch.entry(index));
            self.ledger.fail(cause.failure(row, Outcome::Unknown, item));
        }
    }

    /// Enters the end of each row; no end is completed.
    fn enter(mut self, batch: &Batch, ends: tie::Ends) {
        self.retained = None;
        let clean = ends.iter().enumerate().filter(|(_, end)| end.is_none());
        let clean = clean.map(|(index, _)| batch.row(index));
        self.ledger.pass(Outcome::Completed, clean);
        for (index, end) in ends.into_iter().enumerate() {
            if let Some((outcome, cause)) = end {
                let item = Some(batch.entry(index));
                self.ledger
                    .fail(cause.failure(batch.row(index), outcome, item));
            }
        }
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        if let Some(retained) = &self.retained {
            self.ledger.pass(Outcome::Accepted, retained.rows());
        }
    }
}
