//! What became of the rows of a run.
mod cause;
mod dead_letters;
mod failures;
mod ledger;
mod outcomes;
mod ranges;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub(crate) use cause::Cause;
pub(crate) use dead_letters::row_of_letter;
pub use dead_letters::{DeadLetter, DeadLetters};
#[cfg(feature = "arrow")]
pub use failures::FailureBatches;
pub use failures::{Failures, FailuresIter, Position};
pub(crate) use ledger::Ledger;
pub(crate) use outcomes::Backlog;
pub use outcomes::{Outcomes, RowOutcome};
pub(crate) use ranges::ranges;

use crate::error::Error;
use crate::jobs::JobHandles;
use crate::meter::Usage;
use crate::outcome::{Counts, Outcome};

/// What became of the rows of a run.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report {
    /// `operationId` of the bulk operation.
    pub operation: &'static str,
    /// Names the run; events without a `unique_id` of their own carry it.
    pub run_id: String,
    /// Rows read from the source; the sum of `counts`.
    pub rows: u64,
    /// How many of them had which end.
    pub counts: Counts,
    /// Requests, bytes and waits, those for jobs included.
    pub usage: Usage,
    /// Requests of the bulk operation itself that were answered with success.
    pub batches: u64,
    /// Jobs that Klaviyo began for them.
    pub jobs: u64,
    /// Those of them whose end is not known: they were not waited for, or not until it came. Their
    /// rows are `accepted`; [`Client::jobs`](crate::Client::jobs) says what became of them.
    pub open_jobs: JobHandles,
    /// From the start of the run to its end.
    pub elapsed: Duration,
    /// The least time that the limits allow for so many batches, for a client that cannot
    /// know how Klaviyo's windows are aligned.
    pub least_time: Duration,
    /// Every row that was rejected, failed or is unknown, with the reason.
    pub failures: Failures,
    /// How many rows did not get through for each code.
    pub reasons: BTreeMap<String, u64>,
    /// What concerns no single row, for example that jobs could not be followed.
    pub warnings: Vec<String>,
}

/// So many reasons are named when at least two others are left.
const NAMED: usize = 5;

impl fmt::Display for Report {
    /// A summary: a line of counts, one for each of the most frequent reasons and one for all others, one for
    /// each warning.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts {
            rejected,
            failed,
            accepted,
            completed,
            unknown,
        } = self.counts;
        let counts = [
            (completed, Outcome::Completed),
            (accepted, Outcome::Accepted),
            (failed, Outcome::Failed),
            (rejected, Outcome::Rejected),
            (unknown, Outcome::Unknown),
        ];
        let present = counts.iter().filter(|(rows, _)| *rows > 0);
        let counts: Vec<String> = present
            .map(|(rows, outcome)| format!("{rows} {outcome}"))
            .collect();
        let counts = if counts.is_empty() {
            "none".to_owned()
        } else {
            counts.join(", ")
        };
        write!(
            formatter,
            "{}: {} rows ({counts}); {} requests, {} throttled, {:.1} s",
            self.operation,
            self.rows,
            self.usage.requests,
            self.usage.throttled,
            self.elapsed.as_secs_f64()
        )?;
        let mut reasons: Vec<_> = self.reasons.iter().collect();
        reasons.sort_by_key(|(_, rows)| std::cmp::Reverse(**rows));
        // One that is left over is named as well: to say that there is one takes as much room.
        let named = if reasons.len() <= NAMED + 1 {
            reasons.len()
        } else {
            NAMED
        };
        let (named, others) = reasons.split_at(named);
        for (code, rows) in named {
            write!(formatter, "\n  {rows} x {code}")?;
        }
        if !others.is_empty() {
            let rows: u64 = others.iter().map(|(_, rows)| **rows).sum();
            let kinds = others.len();
            write!(formatter, "\n  {rows} x one of {kinds} other reasons")?;
        }
        for warning in &self.warnings {
            write!(formatter, "\n  {warning}")?;
        }
        Ok(())
    }
}

/// A row that did not get through, or may not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowFailure {
    /// The row's number in the source, from 0.
    pub row: u64,
    /// `rejected`, `failed` or `unknown`.
    pub outcome: Outcome,
    /// The kind of reason: one of ours (`missing_identifier`) or Klaviyo's own (`invalid`).
    pub code: String,
    /// What is wrong.
    pub detail: String,
    /// The field as the row names it (`rejected`), or Klaviyo's JSON pointer; empty when neither
    /// names one.
    pub pointer: String,
    /// The row as JSON: as given when it was rejected, else as sent (an event with its profile). Where a
    /// value had no JSON form, `{"$unsendable": "why"}` stands in its place, which no row may hold; in place
    /// of a line that is no row, the same with the line's text beside it, `"$unsendable_line"`.
    pub item: Option<String>,
}

/// A run that stopped before its end.
#[derive(Debug)]
pub struct RunError {
    /// Why it stopped.
    pub error: Error,
    /// What became of the rows that were read until then.
    pub report: Box<Report>,
    /// Whether the source had been read to its end; else there may be rows of which the report says
    /// nothing.
    pub read_whole: bool,
}

impl fmt::Display for RunError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = &self.report.counts;
        let unread = if self.read_whole {
            ""
        } else {
            "; rows behind them may not have been read"
        };
        write!(
            formatter,
            "{} stopped after {} rows ({} completed, {} accepted, {} failed, {} unknown, {} never \
             sent{unread}): {}",
            self.report.operation,
            self.report.rows,
            counts.completed,
            counts.accepted,
            counts.failed,
            counts.unknown,
            counts.rejected,
            self.error
        )
    }
}

impl std::error::Error for RunError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}
