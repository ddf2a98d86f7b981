//! Where the end of every row is entered, exactly once.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::outcomes::{Backlog, Listener, outcomes};
use super::{Failures, Outcomes, RowFailure, ranges};
use crate::encode::Rejection;
use crate::error::Error;
use crate::jobs::{JobHandle, JobHandles};
use crate::outcome::{Counts, Outcome};
use crate::trace::Told;

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
    /// What they are about, each of which is said once.
    warned: HashSet<String>,
    /// Who wants to hear of each row.
    listener: Option<Listener>,
    open_jobs: JobHandles,
}

impl Ledger {
    /// Enters rows of which nothing more is to be said.
    pub(crate) fn pass(&self, outcome: Outcome, rows: impl IntoIterator<Item = u64>) {
        let mut entries = self.entries();
        let mut count = 0;
        for rows in ranges(rows) {
            count += rows.end - rows.start;
            if let Some(listener) = &entries.listener {
                listener.passed(outcome, rows);
            }
        }
        entries.counts.add(outcome, count);
    }

    /// The end of each row that is entered from now on. A second call takes over from the first.
    pub(crate) fn listen(&self) -> Outcomes {
        let mut entries = self.entries();
        let (listener, outcomes) = outcomes(entries.failures.share());
        entries.listener = Some(listener);
        outcomes
    }

    /// Lets the reader of outcomes come to the end of them.
    pub(crate) fn close(&self) {
        self.entries().listener = None;
    }

    /// How far the reader of outcomes is behind, when there is one.
    pub(crate) fn backlog(&self) -> Option<Arc<Backlog>> {
        self.entries().listener.as_ref().map(Listener::backlog)
    }

    /// Enters a row with the reason why it did not get through.
    pub(crate) fn fail(&self, failure: RowFailure) {
        let mut entries = self.entries();
        entries.counts.add(failure.outcome, 1);
        match entries.reasons.get_mut(&failure.code) {
            Some(rows) => *rows += 1,
            None => drop(entries.reasons.insert(failure.code.clone(), 1)),
        }
        let (row, outcome) = (failure.row, failure.outcome);
        let reason = entries.failures.push(failure);
        if let Some(listener) = &entries.listener {
            listener.failed(outcome, row, reason);
        }
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
    pub(crate) fn warn(&self, warning: &str) {
        self.warn_once(warning.to_owned(), warning.to_owned(), warning);
    }

    /// Says what an error led to. The same for another error of that code is not said again; the report
    /// has all of the error's words, a trace not Klaviyo's.
    pub(crate) fn warn_of(&self, what: &str, error: &Error) {
        let about = format!("{what}: {}", error.code());
        let told = format_args!("{what}: {}", Told(error));
        self.warn_once(about, format!("{what}: {error}"), told);
    }

    fn warn_once(&self, about: String, warning: String, told: impl Display) {
        let mut entries = self.entries();
        if !entries.warned.insert(about) {
            return;
        }
        entries.warnings.push(warning);
        // Whoever listens may take its time, or look at the run.
        drop(entries);
        tracing::warn!("{told}");
    }

    /// A job's end is not known, and nobody of this run looks for it any more.
    pub(crate) fn leave_open(&self, handle: JobHandle) {
        self.entries().open_jobs.push(handle);
    }

    pub(crate) fn take_open_jobs(&self) -> JobHandles {
        std::mem::take(&mut self.entries().open_jobs)
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
