//! A batch whose rows have no end yet. Whatever happens to it, cancellation and panics included,
//! each of its rows gets exactly one.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::chunk::Batch;
use crate::outcome::Outcome;
use crate::report::{Cause, Ledger};

/// A batch whose rows have no end yet; dropped, it enters what is known of them by then.
#[derive(Debug)]
pub(crate) struct Pending {
    batch: Option<Batch>,
    ledger: Arc<Ledger>,
    /// Whether an attempt may have had its effect; parts of a batch inherit it.
    pub(crate) in_doubt: AtomicBool,
}

impl Pending {
    pub(crate) fn new(batch: Batch, ledger: Arc<Ledger>) -> Self {
        Pending {
            batch: Some(batch),
            ledger,
            in_doubt: AtomicBool::new(false),
        }
    }

    /// The batch; there is always one until it is settled.
    pub(crate) fn batch(&self) -> Option<&Batch> {
        self.batch.as_ref()
    }

    /// Gives the batch to somebody who sees to its rows.
    pub(crate) fn take(mut self) -> Option<Batch> {
        self.batch.take()
    }

    /// All rows had this end, and nothing more is to be said.
    pub(crate) fn settle(mut self, outcome: Outcome) {
        if let Some(batch) = self.batch.take() {
            self.ledger.pass(outcome, batch.rows());
        }
    }

    /// All rows had this end, for this cause.
    pub(crate) fn settle_for(mut self, outcome: Outcome, cause: &Cause) {
        self.enter(outcome, cause);
    }

    /// Some rows were refused, each for the first cause that names it; gives the others.
    pub(crate) fn settle_some(mut self, causes: &[(Range<usize>, Cause)]) -> Option<Pending> {
        let outcome = self.refused();
        let batch = self.batch.take()?;
        let mut named = BTreeMap::new();
        for (range, cause) in causes {
            for index in range.clone() {
                named.entry(index).or_insert(cause);
            }
        }
        for (&index, cause) in &named {
            let item = Some(batch.entry(index));
            self.ledger
                .fail(cause.failure(batch.row(index), outcome, item));
        }
        let others = batch.subset(|index| !named.contains_key(&index))?;
        Some(self.part(others))
    }

    /// All rows were refused for this cause.
    pub(crate) fn settle_refused(mut self, cause: &Cause) {
        let outcome = self.refused();
        self.enter(outcome, cause);
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

    fn part(&self, batch: Batch) -> Pending {
        let part = Pending::new(batch, Arc::clone(&self.ledger));
        let in_doubt = self.in_doubt.load(Ordering::Relaxed);
        part.in_doubt.store(in_doubt, Ordering::Relaxed);
        part
    }

    /// The two halves, each with its rows; `Err` gives a batch of one row back.
    pub(crate) fn halves(mut self) -> Result<(Pending, Pending), Pending> {
        match self.batch.as_ref().and_then(Batch::halves) {
            Some((first, second)) => {
                self.batch = None;
                Ok((self.part(first), self.part(second)))
            }
            None => Err(self),
        }
    }

    fn enter(&mut self, outcome: Outcome, cause: &Cause) {
        let Some(batch) = self.batch.take() else {
            return;
        };
        for index in 0..batch.len() {
            let item = Some(batch.entry(index));
            self.ledger
                .fail(cause.failure(batch.row(index), outcome, item));
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if *self.in_doubt.get_mut() {
            let detail = "the run ended while the request was under way; it may have been applied";
            self.enter(Outcome::Unknown, &Cause::new("in_doubt", detail));
        } else {
            let detail = "the run stopped before Klaviyo took this row";
            self.enter(Outcome::Rejected, &Cause::new("not_sent", detail));
        }
    }
}
