//! What is left to do for a batch, when an earlier process of the run may have done some of it.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::Ordering;

use super::pending::{Blame, Pending};
use crate::chunk::Batch;
use crate::jobs::JobHandle;
use crate::journal::{Ending, Fate, Fingerprint, Journal, JournalError, Past, Recalled, Written};
use crate::outcome::Outcome;
use crate::record::Record;
use crate::report::Cause;
use crate::shared::Shared;

/// What is left to do for a batch.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// What is to be sent.
    pub(super) unsent: Vec<Pending>,
    /// Jobs to follow on.
    pub(super) jobs: Vec<OpenJob>,
}

/// A job that an earlier process did not see the end of.
#[derive(Debug)]
pub(super) struct OpenJob {
    pub(super) handle: JobHandle,
    pub(super) batch: Batch,
    pub(super) record: Record,
}

impl Work {
    pub(super) fn is_empty(&self) -> bool {
        self.unsent.is_empty() && self.jobs.is_empty()
    }
}

/// What the journal says of one row.
#[derive(Debug, Clone, Copy)]
enum Known<'a> {
    /// It has this end.
    Ended(&'a Written),
    /// It has none yet.
    Open(Open),
}

/// What the journal says of a row without an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Open {
    /// It was not sent, or was refused for a reason that does not lie in it.
    Unsent,
    /// The sending of that index may have been applied.
    InDoubt(usize),
    /// The job of the sending of that index brings its end.
    Waits(usize),
}

/// What is left to do for a batch; enters the ends that the journal knows.
///
/// # Errors
/// When the batch is not what the journal has, or the journal cannot be read.
pub(super) async fn resume(shared: &Shared, pending: Pending) -> Result<Work, JournalError> {
    let Some((journal, past)) = journaled(shared) else {
        return Ok(whole(pending));
    };
    let Some(fingerprint) = pending.fingerprint() else {
        return Ok(whole(pending));
    };
    match journal.recall(fingerprint.number).await? {
        Some(recalled) => {
            check(fingerprint, &recalled.fingerprint)?;
            Ok(divide(shared, pending, &recalled, past))
        }
        None if past.finished => {
            let detail = "the run was finished without it";
            Err(changed(fingerprint, fingerprint, detail))
        }
        None => Ok(whole(pending.never_sent())),
    }
}

/// The journal of a run that is resumed, and its past.
fn journaled(shared: &Shared) -> Option<(&dyn Journal, &Past)> {
    let journal = shared.journal.as_deref()?;
    Some((journal, journal.past()?))
}

fn whole(pending: Pending) -> Work {
    Work {
        unsent: vec![pending],
        jobs: Vec::new(),
    }
}

fn check(now: &Fingerprint, written: &Fingerprint) -> Result<(), JournalError> {
    if now.rows != written.rows {
        let detail = format!("it now holds rows {}", now.rows);
        return Err(changed(now, written, &detail));
    }
    if now.hash != written.hash {
        return Err(changed(now, written, "the rows come out differently"));
    }
    Ok(())
}

fn changed(now: &Fingerprint, written: &Fingerprint, detail: &str) -> JournalError {
    JournalError::Changed {
        batch: now.number,
        first_row: written.rows.first().unwrap_or_default(),
        last_row: written.rows.last().unwrap_or_default(),
        detail: detail.to_owned(),
    }
}

/// Parts the batch by what the journal says of its rows.
fn divide(shared: &Shared, pending: Pending, recalled: &Recalled, past: &Past) -> Work {
    let known = know(recalled, shared.wait);
    for sending in &recalled.sendings {
        if let Fate::Taken(job) = &sending.fate {
            shared.ledger.batch_done(job.is_some());
            let job = job.as_ref().filter(|job| was_left(job, &known));
            job.cloned()
                .into_iter()
                .for_each(|job| shared.ledger.leave_open(job));
        }
    }
    let Some((batch, record)) = pending.take() else {
        return Work::default();
    };
    let rows = batch.len();
    let mut parts: BTreeMap<Open, Vec<usize>> = BTreeMap::new();
    for index in 0..batch.len() {
        match known.get(&batch.row(index)) {
            Some(Known::Ended(end)) => enter(shared, &batch, index, &end.ending),
            Some(Known::Open(open)) => parts.entry(*open).or_default().push(index),
            None => parts.entry(Open::Unsent).or_default().push(index),
        }
    }
    let mut work = Work::default();
    for (open, indices) in parts {
        let part = batch.subset(|index| indices.binary_search(&index).is_ok());
        let Some(part) = part else { continue };
        match open {
            Open::Waits(index) => {
                let sending = &recalled.sendings[index];
                if let Fate::Taken(Some(handle)) = &sending.fate {
                    work.jobs.push(OpenJob {
                        handle: handle.clone(),
                        batch: part,
                        record: record.of_sending(sending.id),
                    });
                }
            }
            Open::InDoubt(index) => {
                let record = record.of_sending(recalled.sendings[index].id);
                work.unsent.extend(doubted(shared, part, record));
            }
            // Of a finished run every row has its end; should one be lost, it is not sent.
            _ if past.finished => drop(Pending::new(part, record.part())),
            _ => work.unsent.push(Pending::new(part, record.part())),
        }
    }
    let unsent: usize = work.unsent.iter().map(Pending::rows).sum();
    shared.tally.recall((rows - unsent) as u64);
    work
}

/// What the journal says of each row: the end, if there is one, else what the last sending that was
/// not refused came to. Jobs that nobody waited for are waited for now, when this run `waits`.
fn know(recalled: &Recalled, waits: bool) -> HashMap<u64, Known<'_>> {
    let mut known = HashMap::new();
    for (index, sending) in recalled.sendings.iter().enumerate() {
        let says = match sending.fate {
            Fate::Unanswered => Open::InDoubt(index),
            Fate::Taken(Some(_)) => Open::Waits(index),
            // The ends came with the answer.
            Fate::Refused | Fate::Taken(None) => continue,
        };
        known.extend(sending.rows.iter().map(|row| (row, Known::Open(says))));
    }
    for end in &recalled.endings {
        let is_open = waits && end.ending.outcome == Outcome::Accepted;
        for row in end.ending.rows.iter() {
            if !(is_open && matches!(known.get(&row), Some(Known::Open(Open::Waits(_))))) {
                known.insert(row, Known::Ended(end));
            }
        }
    }
    known
}

/// Whether the job's rows ended while it was still open: nobody waited for it any longer, or what it
/// says of them could not be read.
fn was_left(job: &JobHandle, known: &HashMap<u64, Known<'_>>) -> bool {
    let first = job.rows.get(0).and_then(|row| known.get(&row));
    matches!(first, Some(Known::Ended(end))
        if !end.is_final || end.ending.outcome == Outcome::Accepted)
}

/// Rows that may have been applied: to be sent again where that is safe.
fn doubted(shared: &Shared, part: Batch, record: Record) -> Option<Pending> {
    let is_safe = shared.repeat_is_safe(&part);
    let pending = Pending::new(part, record);
    pending.in_doubt.store(true, Ordering::Relaxed);
    if is_safe {
        return Some(pending);
    }
    let detail = "the process ended while the request was under way: it may have been applied, and \
                  sending it again is not safe";
    pending.settle_refused(&Cause::new("in_doubt", detail), Blame::Rows);
    None
}

/// Enters an end that the journal knows; it need not be written again.
fn enter(shared: &Shared, batch: &Batch, index: usize, ending: &Ending) {
    let row = batch.row(index);
    match &ending.reason {
        None => shared.ledger.pass(ending.outcome, [row]),
        Some(cause) => {
            let item = Some(batch.entry(index));
            shared.ledger.fail(cause.failure(row, ending.outcome, item));
        }
    }
}
