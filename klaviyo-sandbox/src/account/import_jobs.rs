//! Bulk profile imports: their rows until the job ends, and what became of them.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};

use super::ids::Ids;
use super::profile::ProfileChange;
use super::profiles::Slot;
use crate::clock::delta;

/// How long a job can be looked at after its creation.
pub(crate) const LIFETIME: TimeDelta = TimeDelta::days(7);

/// A row that waits for its job to end.
#[derive(Debug)]
pub(crate) struct ImportRow {
    /// Its place in the request.
    pub(crate) index: usize,
    pub(crate) change: ProfileChange,
    /// The row as it came; a part of the request's body, not a copy.
    pub(crate) original: Bytes,
}

/// Why a row was not imported.
#[derive(Debug)]
pub(crate) struct ImportError {
    pub(crate) id: String,
    pub(crate) code: &'static str,
    pub(crate) title: &'static str,
    pub(crate) detail: String,
    pub(crate) pointer: String,
    pub(crate) original: Bytes,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Queued,
    Processing,
    Complete,
}

impl Status {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Processing => "processing",
            Self::Complete => "complete",
        }
    }
}

/// A bulk profile import.
#[derive(Debug)]
pub(crate) struct ImportJob {
    pub(crate) id: String,
    pub(crate) created: DateTime<Utc>,
    pub(crate) started: DateTime<Utc>,
    pub(crate) ends: DateTime<Utc>,
    /// The lists that its profiles are put on.
    pub(crate) lists: Vec<String>,
    pub(crate) total: usize,
    /// Empty once the job has ended.
    pub(crate) rows: Vec<ImportRow>,
    /// The profiles that were created or changed, one for each row that went well.
    pub(crate) profiles: Vec<Slot>,
    pub(crate) errors: Vec<ImportError>,
    settled: bool,
}

impl ImportJob {
    /// How far the job is. It is complete when its rows were applied, never before.
    pub(crate) fn status(&self, now: DateTime<Utc>) -> Status {
        if self.settled {
            Status::Complete
        } else if now < self.started {
            Status::Queued
        } else {
            Status::Processing
        }
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.settled
    }

    pub(crate) fn expires(&self) -> DateTime<Utc> {
        self.created + LIFETIME
    }
}

/// All jobs, in the order of their creation.
#[derive(Debug)]
pub(crate) struct ImportJobs {
    ids: Ids,
    jobs: Vec<ImportJob>,
    by_id: HashMap<String, usize>,
    /// Jobs that have not ended, by the time of their end: all take equally long.
    unfinished: VecDeque<usize>,
    errors: u64,
}

impl ImportJobs {
    pub(crate) fn new(ids: Ids) -> Self {
        Self {
            ids,
            jobs: Vec::new(),
            by_id: HashMap::new(),
            unfinished: VecDeque::new(),
            errors: 0,
        }
    }

    pub(crate) fn create(
        &mut self,
        rows: Vec<ImportRow>,
        lists: Vec<String>,
        time: Duration,
        now: DateTime<Utc>,
    ) -> &ImportJob {
        let position = self.jobs.len();
        let id = self.ids.job(position as u64);
        self.by_id.insert(id.clone(), position);
        self.unfinished.push_back(position);
        self.jobs.push(ImportJob {
            id,
            created: now,
            started: now + delta(time / 2),
            ends: now + delta(time),
            lists,
            total: rows.len(),
            rows,
            profiles: Vec::new(),
            errors: Vec::new(),
            settled: false,
        });
        &self.jobs[position]
    }

    /// Those that have not expired.
    pub(crate) fn iter(&self, now: DateTime<Utc>) -> impl Iterator<Item = &ImportJob> {
        self.jobs.iter().filter(move |job| now < job.expires())
    }

    /// The job, unless it has expired.
    pub(crate) fn get(&self, id: &str, now: DateTime<Utc>) -> Option<&ImportJob> {
        let job = &self.jobs[*self.by_id.get(id)?];
        (now < job.expires()).then_some(job)
    }

    /// A job whose end has come, for its rows to be applied, each of which ends in
    /// [`ImportJobs::done`] or [`ImportJobs::failed`].
    pub(crate) fn next_due(&mut self, now: DateTime<Utc>) -> Option<Due> {
        let position = *self.unfinished.front()?;
        let job = &mut self.jobs[position];
        if now < job.ends {
            return None;
        }
        self.unfinished.pop_front();
        job.settled = true;
        Some(Due {
            position,
            ends: job.ends,
            lists: job.lists.clone(),
            rows: std::mem::take(&mut job.rows),
        })
    }

    pub(crate) fn done(&mut self, due: &Due, slot: Slot) {
        self.jobs[due.position].profiles.push(slot);
    }

    pub(crate) fn failed(&mut self, due: &Due, field: &str, detail: String, row: ImportRow) {
        self.errors += 1;
        self.jobs[due.position].errors.push(ImportError {
            id: self.ids.uuid(self.errors),
            code: "invalid",
            title: "The row was not imported.",
            detail,
            pointer: format!(
                "/data/attributes/profiles/data/{}/attributes/{field}",
                row.index
            ),
            original: row.original,
        });
    }
}

/// A job whose end has come.
#[derive(Debug)]
pub(crate) struct Due {
    position: usize,
    pub(crate) ends: DateTime<Utc>,
    pub(crate) lists: Vec<String>,
    pub(crate) rows: Vec<ImportRow>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(millis).unwrap()
    }

    #[test]
    fn a_job_goes_through_its_states() {
        let mut jobs = ImportJobs::new(Ids::new(1));
        let id = jobs
            .create(Vec::new(), Vec::new(), Duration::from_secs(1), at(0))
            .id
            .clone();
        assert_eq!(
            jobs.get(&id, at(499)).unwrap().status(at(499)),
            Status::Queued
        );
        assert_eq!(
            jobs.get(&id, at(500)).unwrap().status(at(500)),
            Status::Processing
        );
        assert!(jobs.next_due(at(999)).is_none());
        assert!(jobs.next_due(at(1000)).is_some());
        assert_eq!(
            jobs.get(&id, at(1000)).unwrap().status(at(1000)),
            Status::Complete
        );
        assert!(jobs.next_due(at(1000)).is_none());
    }

    #[test]
    fn a_job_vanishes_when_it_expires() {
        let mut jobs = ImportJobs::new(Ids::new(1));
        let id = jobs
            .create(Vec::new(), Vec::new(), Duration::ZERO, at(0))
            .id
            .clone();
        let week = LIFETIME.num_milliseconds();
        assert!(jobs.get(&id, at(week - 1)).is_some());
        assert!(jobs.get(&id, at(week)).is_none());
        assert_eq!(jobs.iter(at(week)).count(), 0);
    }
}
