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
mod room;
mod tie;
mod watch;

use tokio::sync::OwnedSemaphorePermit;

use crate::chunk::Batch;
use crate::clock::Moment;
use crate::journal::Fate;
use crate::outcome::Outcome;
use crate::progress::OneMore;
use crate::record::Record;
use crate::report::Cause;
use crate::retain::Retained;
use crate::shared::Shared;

pub(crate) use answer::Begun;
pub use desk::{JobError, JobReport, JobStatus, JobTally, Jobs};
pub(crate) use follow::follow;
pub use handle::{JobHandle, JobHandles, RowNumbers};
pub(crate) use kind::Kind;
pub(crate) use room::{JobRoom, JobRooms};
pub(crate) use watch::Watched;

/// A job that Klaviyo began for a batch. Dropped before its end is known, its rows stay accepted,
/// and it is left open.
#[derive(Debug)]
pub(crate) struct Job {
    handle: JobHandle,
    /// The batch, while somebody waits for its end.
    retained: Option<Retained>,
    record: Record,
    began: Moment,
    /// Whoever watches the run sees it as long as somebody waits for its end.
    _open: Option<OneMore>,
    /// Its room among the unfinished jobs, which it gives back at its end.
    _room: Option<OwnedSemaphorePermit>,
}

impl Job {
    /// Klaviyo took `batch` and began a job for it. When nobody waits for it, that is the end of its
    /// rows.
    pub(crate) fn new(
        shared: &Shared,
        handle: JobHandle,
        batch: Batch,
        record: Record,
        room: Option<OwnedSemaphorePermit>,
    ) -> Watched<Job> {
        let mut entry = record.entry(Some(Fate::Taken(Some(handle.clone()))), true);
        let retained = if shared.wait {
            Some(shared.store.keep(batch))
        } else {
            entry.pass(Outcome::Accepted, batch.rows());
            entry.leave_open(handle.clone());
            None
        };
        entry.write();
        let began = shared.exchange.clock.now();
        Watched {
            id: handle.id.clone(),
            began,
            first_look: None,
            known: false,
            expires: handle.expires,
            subject: Job {
                handle,
                retained,
                record,
                began,
                _open: shared.wait.then(|| shared.tally.jobs_open.one_more()),
                _room: room,
            },
        }
    }

    /// All rows are completed.
    fn completed(mut self) {
        if let Some(retained) = self.retained.take() {
            let mut entry = self.record.entry(None, true);
            entry.pass(Outcome::Completed, retained.rows());
            entry.write();
        }
    }

    /// What became of the rows cannot be told; `is_final` when looking again would not tell either,
    /// else the job is left open.
    ///
    /// Cancel-safe: dropped before it has read the items, it leaves the job open.
    async fn unknown(mut self, cause: &Cause, is_final: bool) {
        let batch = match &self.retained {
            Some(retained) => retained.load().await.ok(),
            None => return,
        };
        let Some(retained) = self.retained.take() else {
            return;
        };
        let mut entry = self.record.entry(None, is_final);
        for (index, row) in retained.rows().enumerate() {
            let item = batch.as_ref().map(|batch| batch.entry(index));
            entry.fail(cause.failure(row, Outcome::Unknown, item));
        }
        if !is_final {
            entry.leave_open(self.handle.clone());
        }
        entry.write();
    }

    /// Enters the end of each row; no end is completed.
    fn enter(mut self, batch: &Batch, ends: tie::Ends) {
        self.retained = None;
        let clean = ends.iter().enumerate().filter(|(_, end)| end.is_none());
        let clean = clean.map(|(index, _)| batch.row(index));
        let mut entry = self.record.entry(None, true);
        entry.pass(Outcome::Completed, clean);
        for (index, end) in ends.iter().enumerate() {
            if let Some((outcome, cause)) = end {
                let item = Some(batch.entry(index));
                entry.fail(cause.failure(batch.row(index), *outcome, item));
            }
        }
        entry.write();
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        if let Some(retained) = &self.retained {
            let mut entry = self.record.entry(None, false);
            entry.pass(Outcome::Accepted, retained.rows());
            entry.leave_open(self.handle.clone());
            entry.write();
        }
    }
}
