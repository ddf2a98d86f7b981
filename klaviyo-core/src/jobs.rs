//! Klaviyo's asynchronous jobs: followed to their end, and what they say tied to rows.
//!
//! ```text
//! a batch is taken → Job → watch (looks, paced; one by one or by a listing) → follow (ends of rows)
//!                      └→ JobHandle, when nobody waits → later: client.jobs().poll / .wait
//! ```
mod answer;
mod desk;
mod follow;
mod handle;
mod kind;
mod pace;
mod read;
mod tie;
mod watch;

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use crate::chunk::Batch;
use crate::outcome::Outcome;
use crate::report::{Cause, Ledger};
use crate::retain::Retained;
use crate::shared::Shared;

pub(crate) use answer::Begun;
pub use desk::{JobError, JobReport, JobStatus, JobTally, Jobs};
pub(crate) use follow::follow;
pub use handle::{JobHandle, JobHandles, RowNumbers};
pub(crate) use kind::Kind;
pub(crate) use watch::Watched;

/// A job that Klaviyo began for a batch. Dropped before its end is known, its rows stay accepted,
/// and it is left open.
#[derive(Debug)]
pub(crate) struct Job {
    handle: JobHandle,
    /// The batch, while somebody waits for its end.
    retained: Option<Retained>,
    ledger: Arc<Ledger>,
    /// Its room among the unfinished jobs, which it gives back at its end.
    _room: Option<OwnedSemaphorePermit>,
}

impl Job {
    /// Klaviyo took `batch` and began a job for it. When nobody waits for it, that is the end of its
    /// rows.
    pub(crate) fn new(
        shared: &Shared,
        begun: Begun,
        batch: Batch,
        room: Option<OwnedSemaphorePermit>,
    ) -> Watched<Job> {
        let clock = &shared.exchange.clock;
        let handle = JobHandle {
            operation: shared.operation.id.to_owned(),
            id: begun.id,
            rows: batch.rows().collect(),
            began: clock.utc(),
            expires: begun.expires,
        };
        let retained = if shared.wait {
            Some(shared.store.keep(batch))
        } else {
            shared.ledger.pass(Outcome::Accepted, batch.rows());
            shared.ledger.leave_open(handle.clone());
            None
        };
        Watched {
            id: handle.id.clone(),
            began: clock.now(),
            first_look: None,
            known: false,
            expires: handle.expires,
            subject: Job {
                handle,
                retained,
                ledger: Arc::clone(&shared.ledger),
                _room: room,
            },
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
            self.ledger.leave_open(self.handle.clone());
        }
    }
}
