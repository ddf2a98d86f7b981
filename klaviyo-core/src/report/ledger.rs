//! Where the end of every row is entered, exactly once.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Failures, RowFailure};
use crate::encode::Rejection;
use crate::outcome::{Counts, Outcome};

/// Where the end of every row is entered.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    counts: Counts,
    batches: u64,
    jobs: u64,
    failures: Failures,
    reasons: BTreeMap<String, u64>,
    warnings: Vec<String>,
}

impl Ledger {
    /// Enters rows of which nothing more is to be said.
    pub(crate) fn count(&self, outcome: Outcome, rows: u64) {
        self.entries().counts.add(outcome, rows);
    }

    /// Enters a row with the reason why it did not get through.
    pub(crate) fn fail(&self, failure: RowFailure) {
        let mut entries = self.entries();
        entries.counts.add(failure.outcome, 1);
        match entries.reasons.get_mut(&failure.code) {
            Some(rows) => *rows += 1,
            None => drop(entries.reasons.insert(failure.code.clone(), 1)),
        }
        entries.failures.push(failure);
    }

    pub(crate) fn reject(&self, rejection: Rejection) {
        self.fail(RowFailure {
            row: rejection.row,
            outcome: Outcome::Rejected,
            code: rejection.code.to_owned(),
            detail: rejection.detail,
            pointer: rejection.field,
            item: rejection.source,
        });
    }

    pub(crate) fn batch_done(&self, began_a_job: bool) {
        let mut entries = self.entries();
        entries.batches += 1;
        entries.jobs += u64::from(began_a_job);
    }

    /// Says something that concerns no single row; twice the same is said once.
    pub(crate) fn warn(&self, warning: String) {
        let mut entries = self.entries();
        if !entries.warnings.contains(&warning) {
            tracing::warn!("{warning}");
            entries.warnings.push(warning);
        }
    }

    /// How many rows did not get through for each code.
    pub(crate) fn take_reasons(&self) -> BTreeMap<String, u64> {
        std::mem::take(&mut self.entries().reasons)
    }

    pub(crate) fn take_warnings(&self) -> Vec<String> {
        std::mem::take(&mut self.entries().warnings)
    }

    pub(crate) fn counts(&self) -> Counts {
        self.entries().counts
    }

    /// Batches done and jobs begun.
    pub(crate) fn batches_and_jobs(&self) -> (u64, u64) {
        let entries = self.entries();
        (entries.batches, entries.jobs)
    }

    /// Takes the failures out, for the report.
    pub(crate) fn take_failures(&self) -> Failures {
        std::mem::take(&mut self.entries().failures)
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
