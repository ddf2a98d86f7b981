//! A batch whose rows have no end yet. Whatever happens to it, cancellation and panics included,
//! each of its rows gets exactly one.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::future::BoxFuture;

use crate::chunk::Batch;
use crate::error::Error;
use crate::exchange::Herald;
use crate::journal::{Fate, Fingerprint};
use crate::outcome::Outcome;
use crate::record::Record;
use crate::report::Cause;

/// A batch whose rows have no end yet; dropped, it enters what is known of them by then.
#[derive(Debug)]
pub(crate) struct Pending {
    batch: Option<Batch>,
    /// `None` only once the batch is gone.
    record: Option<Record>,
    /// Whether an attempt may have had its effect; parts of a batch inherit it.
    pub(crate) in_doubt: AtomicBool,
    /// The last row that an earlier process of the run may have sent, until the journal has been asked
    /// about this batch.
    past: Option<u64>,
}

/// What a refusal is laid on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blame {
    /// The rows themselves: sent again, they would be refused again.
    Rows,
    /// The request: another key or another list might do.
    Request,
}

impl Pending {
    pub(crate) fn new(batch: Batch, record: Record) -> Self {
        Pending {
            batch: Some(batch),
            record: Some(record),
            in_doubt: AtomicBool::new(false),
            past: None,
        }
    }

    /// A batch of a run whose earlier processes came as far as the row `past`.
    pub(crate) fn of_source(batch: Batch, record: Record, past: Option<u64>) -> Self {
        let mut pending = Pending::new(batch, record);
        pending.past = past;
        pending
    }

    /// The journal knows nothing of this batch.
    pub(super) fn never_sent(mut self) -> Self {
        self.past = None;
        self
    }

    /// The batch; there is always one until it is settled.
    pub(crate) fn batch(&self) -> Option<&Batch> {
        self.batch.as_ref()
    }

    /// How many rows it holds.
    pub(crate) fn rows(&self) -> usize {
        self.batch.as_ref().map_or(0, Batch::len)
    }

    /// The batch as the journal knows it, when there is one.
    pub(super) fn fingerprint(&self) -> Option<&Fingerprint> {
        self.record.as_ref()?.fingerprint()
    }

    /// Gives the batch, and where its ends go, to somebody who sees to its rows.
    pub(crate) fn take(mut self) -> Option<(Batch, Record)> {
        self.batch.take().zip(self.record.take())
    }

    /// Klaviyo took all rows, and brings no later news of them.
    pub(crate) fn settle(mut self, outcome: Outcome) {
        if let (Some(batch), Some(record)) = (self.batch.take(), &self.record) {
            let mut entry = record.entry(Some(Fate::Taken(None)), true);
            entry.pass(outcome, batch.rows());
            entry.write();
        }
    }

    /// All rows had this end, for this cause, which lies in no row; `is_final` when a resumed run is
    /// to keep it.
    pub(crate) fn settle_for(mut self, outcome: Outcome, cause: &Cause, is_final: bool) {
        self.enter(outcome, cause, is_final);
    }

    /// Some rows were refused, each for the first cause that names it; gives the others.
    pub(crate) fn settle_some(mut self, causes: &[(Range<usize>, Cause)]) -> Option<Pending> {
        let outcome = self.refused();
        let fate = self.fate();
        let (batch, record) = self.batch.take().zip(self.record.as_ref())?;
        let mut named = BTreeMap::new();
        for (range, cause) in causes {
            for index in range.clone() {
                named.entry(index).or_insert(cause);
            }
        }
        let mut entry = record.entry(fate, true);
        for (&index, cause) in &named {
            let item = Some(batch.entry(index));
            entry.fail(cause.failure(batch.row(index), outcome, item));
        }
        entry.write();
        let others = batch.subset(|index| !named.contains_key(&index))?;
        self.part(others)
    }

    /// All rows were refused for this cause.
    pub(crate) fn settle_refused(mut self, cause: &Cause, blame: Blame) {
        let outcome = self.refused();
        self.enter(outcome, cause, blame == Blame::Rows);
    }

    /// The end of a row that is refused: failed, unless an earlier attempt may have worked. Then the
    /// refusal may only say that the row is there already.
    fn refused(&mut self) -> Outcome {
        if *self.in_doubt.get_mut() {
            Outcome::Unknown
        } else {
            Outcome::Failed
        }
    }

    /// What became of the sending, other than being taken: as long as it is in doubt, nobody knows.
    fn fate(&mut self) -> Option<Fate> {
        (!*self.in_doubt.get_mut()).then_some(Fate::Refused)
    }

    /// A part of the batch, as much in doubt as the whole.
    fn part(&self, batch: Batch) -> Option<Pending> {
        let part = Pending::new(batch, self.record.as_ref()?.part());
        let in_doubt = self.in_doubt.load(Ordering::Relaxed);
        part.in_doubt.store(in_doubt, Ordering::Relaxed);
        Some(part)
    }

    /// The two halves, each with its rows; `Err` gives a batch of one row back.
    pub(crate) fn halves(mut self) -> Result<(Pending, Pending), Box<Pending>> {
        let halves = self.batch.as_ref().and_then(Batch::halves);
        let parts = halves.and_then(|(first, second)| self.part(first).zip(self.part(second)));
        match parts {
            Some(parts) => {
                self.batch = None;
                if let (Some(fate), Some(record)) = (self.fate(), &self.record) {
                    record.entry(Some(fate), true).write();
                }
                Ok(parts)
            }
            None => Err(Box::new(self)),
        }
    }

    fn enter(&mut self, outcome: Outcome, cause: &Cause, is_final: bool) {
        self.enter_each(is_final, |_| (outcome, cause));
    }

    /// Enters the end that `end` gives for each row.
    fn enter_each<'a>(&mut self, is_final: bool, end: impl Fn(u64) -> (Outcome, &'a Cause)) {
        let fate = self.fate();
        let (Some(batch), Some(record)) = (self.batch.take(), &self.record) else {
            return;
        };
        let mut entry = record.entry(fate, is_final);
        for (index, row) in batch.rows().enumerate() {
            let (outcome, cause) = end(row);
            entry.fail(cause.failure(row, outcome, Some(batch.entry(index))));
        }
        entry.write();
    }
}

impl Herald for Pending {
    fn announce(&self) -> BoxFuture<'_, Result<(), Error>> {
        match (&self.record, &self.batch) {
            (Some(record), Some(batch)) => record.announce(batch),
            _ => Box::pin(async { Ok(()) }),
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if *self.in_doubt.get_mut() {
            let detail = "the run ended while the request was under way; it may have been applied";
            self.enter(Outcome::Unknown, &Cause::new("in_doubt", detail), false);
        } else {
            let unreached = Unreached::new(self.past);
            self.enter_each(false, |row| unreached.end(row));
        }
    }
}

/// The end of rows that a run did not come to.
pub(super) struct Unreached {
    not_sent: Cause,
    not_resumed: Cause,
    /// The last row that an earlier process of the run may have sent.
    past: Option<u64>,
}

impl Unreached {
    pub(super) fn new(past: Option<u64>) -> Self {
        let not_sent = "the run stopped before Klaviyo took this row";
        let not_resumed = "the run stopped before it came to this row again; an earlier process of it \
                           may have sent it";
        Unreached {
            not_sent: Cause::new("not_sent", not_sent),
            not_resumed: Cause::new("not_resumed", not_resumed),
            past,
        }
    }

    pub(super) fn end(&self, row: u64) -> (Outcome, &Cause) {
        match self.past {
            Some(last) if row <= last => (Outcome::Unknown, &self.not_resumed),
            _ => (Outcome::Rejected, &self.not_sent),
        }
    }
}
