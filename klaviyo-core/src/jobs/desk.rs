//! Asks for the ends of jobs that a run left open, by their handles.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::FutureExt;
use serde_json::Value;
use tokio::sync::mpsc;

use super::answer::{ItemError, State};
use super::handle::{JobHandle, JobHandles};
use super::kind::Kind;
use super::read::Reader;
use super::tie::{Items, cause, tie};
use super::watch::{Attention, End, SPREADING, Watch, Watched};
use crate::client::Client;
use crate::error::Error;
use crate::meter::Meter;
use crate::outcome::{Counts, Outcome};
use crate::stop::Stop;

/// The jobs of a client's account.
#[derive(Debug, Clone, Copy)]
pub struct Jobs<'a> {
    client: &'a Client,
}

impl Client {
    /// What became of jobs that were not waited for.
    ///
    /// ```no_run
    /// # async fn example(client: klaviyo_core::Client, report: klaviyo_core::Report)
    /// # -> Result<(), Box<dyn std::error::Error>> {
    /// use klaviyo_core::JobHandles;
    /// use std::time::Duration;
    ///
    /// report.open_jobs.save("jobs.json")?;
    /// // Later, perhaps in another process:
    /// let jobs = JobHandles::load("jobs.json")?;
    /// for job in client.jobs().wait(&jobs, Duration::from_secs(3600)).await? {
    ///     println!("{}: {:?}, {} completed", job.handle.id, job.status, job.counts.completed);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn jobs(&self) -> Jobs<'_> {
        Jobs { client: self }
    }
}

/// What is known of a job and of its rows.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct JobReport {
    /// The job.
    pub handle: JobHandle,
    /// How it is doing.
    pub status: JobStatus,
    /// The job's own counts, as far as Klaviyo gives them.
    pub tally: JobTally,
    /// What became of its rows; they add up to the handle's. Rows are `accepted` until the job has
    /// ended. The items themselves are not there any more, so only a pointer ties an error to its
    /// row: any other puts all rows without one in doubt (`unknown`).
    pub counts: Counts,
    /// What went wrong in it.
    pub errors: Vec<JobError>,
    /// Why it is [`JobStatus::Unseen`].
    pub error: Option<Error>,
}

/// How a job is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobStatus {
    /// It waits for its turn.
    Queued,
    /// It is under way.
    Processing,
    /// It has ended; its errors have been read.
    Complete,
    /// Klaviyo cancelled it.
    Cancelled,
    /// It was not finished by the time at which Klaviyo forgets it.
    Expired,
    /// Klaviyo does not know it (any more).
    Vanished,
    /// It, or what went wrong in it, could not be looked at; [`JobReport::error`] says why.
    Unseen,
}

impl JobStatus {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            JobStatus::Queued => "queued",
            JobStatus::Processing => "processing",
            JobStatus::Complete => "complete",
            JobStatus::Cancelled => "cancelled",
            JobStatus::Expired => "expired",
            JobStatus::Vanished => "vanished",
            JobStatus::Unseen => "unseen",
        }
    }

    /// Whether nothing more will become of it.
    #[must_use]
    pub fn has_ended(self) -> bool {
        use JobStatus::{Processing, Queued, Unseen};
        !matches!(self, Queued | Processing | Unseen)
    }
}

/// A job's own counts of its items.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JobTally {
    /// All of them.
    pub total: Option<u64>,
    /// Those that are done.
    pub completed: Option<u64>,
    /// Those that went wrong.
    pub failed: Option<u64>,
    /// Those that were passed over (suppress and unsuppress).
    pub skipped: Option<u64>,
}

/// What Klaviyo says went wrong with an item of a job.
#[derive(Debug, Clone, PartialEq)]
pub struct JobError {
    /// The item's row, where the pointer names one.
    pub row: Option<u64>,
    /// The kind of error.
    pub code: String,
    /// What is wrong.
    pub detail: String,
    /// Klaviyo's JSON pointer into the request; often just `/data`.
    pub pointer: String,
    /// The item as Klaviyo kept it, if it did.
    pub payload: Option<Value>,
}

impl Jobs<'_> {
    /// How the jobs are doing now, in the order of the handles. The errors of those that are complete
    /// are read as well. A job that cannot be looked at holds up none of the others: it is
    /// [`JobStatus::Unseen`].
    ///
    /// # Errors
    /// When there are jobs and none could be looked at: why the first one could not. Klaviyo could not
    /// be asked, or the operation is not one that begins jobs.
    pub async fn poll(self, handles: &JobHandles) -> Result<Vec<JobReport>, Error> {
        self.wait(handles, Duration::ZERO).await
    }

    /// Waits until all jobs have ended, but not longer than `deadline`; gives them in the order of
    /// the handles.
    ///
    /// # Errors
    /// As [`Jobs::poll`].
    pub async fn wait(
        self,
        handles: &JobHandles,
        deadline: Duration,
    ) -> Result<Vec<JobReport>, Error> {
        let mut by_operation: BTreeMap<&str, Vec<(usize, &JobHandle)>> = BTreeMap::new();
        for (place, handle) in handles.iter().enumerate() {
            let operation = by_operation.entry(&handle.operation).or_default();
            operation.push((place, handle));
        }
        let groups = by_operation
            .into_iter()
            .map(|(operation, handles)| self.wait_for(operation, handles, deadline));
        let groups = futures::future::join_all(groups).await;
        let mut reports: Vec<(usize, JobReport)> = groups.into_iter().flatten().collect();
        reports.sort_by_key(|(place, _)| *place);
        let reports: Vec<JobReport> = reports.into_iter().map(|(_, report)| report).collect();
        match reports.first() {
            Some(JobReport {
                error: Some(error), ..
            }) if reports.iter().all(|report| report.error.is_some()) => Err(error.clone()),
            _ => Ok(reports),
        }
    }

    /// Waits for jobs of one operation.
    async fn wait_for(
        self,
        operation: &str,
        handles: Vec<(usize, &JobHandle)>,
        deadline: Duration,
    ) -> Vec<(usize, JobReport)> {
        let Some(kind) = klaviyo_gen::find(operation).and_then(Kind::of) else {
            let message = format!("{operation:?} is no operation that begins jobs");
            let error = Error::Configuration(message);
            let unseen = |handle: &JobHandle| {
                JobReport::unseen(handle.clone(), JobTally::default(), error.clone())
            };
            let handles = handles.into_iter();
            return handles
                .map(|(place, handle)| (place, unseen(handle)))
                .collect();
        };
        let (meter, stop) = (Meter::default(), Stop::default());
        let reader = Reader {
            kind,
            exchange: self.client.exchange(),
            meter: &meter,
            stop: &stop,
        };
        let (watched, jobs) = mpsc::unbounded_channel();
        let (ended, mut ends) = mpsc::unbounded_channel();
        for (place, handle) in handles {
            let job = self.watched((place, handle.clone()));
            drop(watched.send(job));
        }
        drop(watched);
        let watch = Watch::new(reader, deadline);
        let end = |(place, handle), end| {
            let ended = ended.clone();
            async move {
                let report = report(reader, handle, end).await;
                drop(ended.send((place, report)));
            }
            .boxed()
        };
        watch.run(jobs, Attention::Always, end).await;
        drop(ended);
        let mut reports = Vec::new();
        while let Some(report) = ends.recv().await {
            reports.push(report);
        }
        reports
    }

    /// A job that is looked at at once, and is expected to be known unless it is quite young.
    fn watched(self, subject: (usize, JobHandle)) -> Watched<(usize, JobHandle)> {
        let clock = &self.client.exchange().clock;
        let handle = &subject.1;
        let age = clock.utc().signed_duration_since(handle.began);
        Watched {
            id: handle.id.clone(),
            began: clock.now(),
            first_look: Some(clock.now()),
            known: age.to_std().is_ok_and(|age| age >= SPREADING),
            expires: handle.expires,
            subject,
        }
    }
}

/// What the end of the watching says of a job's rows.
async fn report(reader: Reader<'_>, handle: JobHandle, end: End) -> JobReport {
    let status = match end {
        End::Complete(state) => return complete(reader, handle, state).await,
        End::Open(state) => {
            let queued = state.status.as_deref() == Some("queued");
            let status = if queued {
                JobStatus::Queued
            } else {
                JobStatus::Processing
            };
            let tally = JobTally::of(&state);
            return JobReport::all(handle, status, tally, Outcome::Accepted);
        }
        End::Unseen(error) => return JobReport::unseen(handle, JobTally::default(), error),
        End::Cancelled => JobStatus::Cancelled,
        End::Expired => JobStatus::Expired,
        End::Vanished => JobStatus::Vanished,
    };
    JobReport::all(handle, status, JobTally::default(), Outcome::Unknown)
}

async fn complete(reader: Reader<'_>, handle: JobHandle, state: State) -> JobReport {
    let (rows, tally) = (handle.rows.len(), JobTally::of(&state));
    if state.is_clean(rows) || rows == 0 {
        return JobReport::all(handle, JobStatus::Complete, tally, Outcome::Completed);
    }
    let most = usize::try_from(rows).unwrap_or(usize::MAX);
    let errors = match reader.errors(&handle.id, &state, most).await {
        Ok(errors) => errors,
        Err(error) => return JobReport::unseen(handle, tally, error),
    };
    let items = Items::in_order(reader.kind.items, &handle.rows);
    let mut counts = Counts::default();
    for end in tie(&items, &errors, &state) {
        let outcome = end.map_or(Outcome::Completed, |(outcome, _)| outcome);
        counts.add(outcome, 1);
    }
    let row = |error: &ItemError| match items.meant_by(error).as_slice() {
        [only] => handle.rows.get(*only as u64),
        _ => None,
    };
    let errors = errors.iter().map(|error| JobError::of(error, row(error)));
    let errors = errors.collect();
    JobReport {
        status: JobStatus::Complete,
        tally,
        counts,
        errors,
        handle,
        error: None,
    }
}

impl JobReport {
    /// All rows had the same end.
    fn all(handle: JobHandle, status: JobStatus, tally: JobTally, outcome: Outcome) -> Self {
        let mut counts = Counts::default();
        counts.add(outcome, handle.rows.len());
        JobReport {
            handle,
            status,
            tally,
            counts,
            errors: Vec::new(),
            error: None,
        }
    }

    /// It could not be looked at; as far as is known, its rows are accepted.
    fn unseen(handle: JobHandle, tally: JobTally, error: Error) -> Self {
        JobReport {
            error: Some(error),
            ..JobReport::all(handle, JobStatus::Unseen, tally, Outcome::Accepted)
        }
    }
}

impl JobTally {
    fn of(state: &State) -> Self {
        JobTally {
            total: state.total_count,
            completed: state.completed_count,
            failed: state.failed_count,
            skipped: state.skipped_count,
        }
    }
}

impl JobError {
    fn of(error: &ItemError, row: Option<u64>) -> Self {
        let cause = cause(error);
        JobError {
            row,
            code: cause.code,
            detail: cause.detail,
            pointer: cause.pointer,
            payload: error.original_payload.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
