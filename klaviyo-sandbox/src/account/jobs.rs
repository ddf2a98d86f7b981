//! Asynchronous jobs: what they are about, when they begin and end, how long they can be looked at.
//!
//! A job here does nothing by itself: whoever holds the account asks for those whose end has come
//! and does their work, so that no task has to wait for it.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::ids::Ids;
use crate::clock::after;

/// How long a job can be looked at after its creation.
const LIFETIME: TimeDelta = TimeDelta::days(7);

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Queued,
    Processing,
    Complete,
    /// It ended before its work was done, and none of it was.
    Cancelled,
}

impl Status {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Processing => "processing",
            Self::Complete => "complete",
            Self::Cancelled => "cancelled",
        }
    }
}

/// How long a job waits, and how long it takes from its creation to its end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) waits: Duration,
    pub(crate) takes: Duration,
    /// For how long it still shows as processing when it has ended.
    pub(crate) lingers: Duration,
}

impl Pace {
    /// A job that is queued for the first half of its time.
    pub(crate) fn queued(takes: Duration) -> Self {
        Self {
            waits: takes / 2,
            takes,
            lingers: Duration::ZERO,
        }
    }

    /// A job that is at work as soon as it is created.
    pub(crate) fn at_once(takes: Duration) -> Self {
        Self {
            waits: Duration::ZERO,
            takes,
            lingers: Duration::ZERO,
        }
    }

    /// How far something is that nobody has to do: it is complete as soon as its time is over.
    pub(crate) fn status(self, created: DateTime<Utc>, now: DateTime<Utc>) -> Status {
        if now >= after(after(created, self.takes), self.lingers) {
            Status::Complete
        } else if now >= after(created, self.waits) {
            Status::Processing
        } else {
            Status::Queued
        }
    }

    /// A job whose end is told late.
    pub(crate) fn lingering(self, lingers: Duration) -> Self {
        Self { lingers, ..self }
    }
}

/// A job, and its work.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Job<T> {
    pub(crate) id: String,
    /// Its place among all jobs of its kind, counted from zero.
    pub(crate) number: u64,
    pub(crate) created: DateTime<Utc>,
    pub(crate) started: DateTime<Utc>,
    /// When its work is done.
    pub(crate) ends: DateTime<Utc>,
    /// When it shows as complete.
    pub(crate) completes: DateTime<Utc>,
    /// What is to be done, and what became of it.
    pub(crate) work: T,
    settled: bool,
    #[serde(default)]
    cancelled: bool,
}

impl<T> Job<T> {
    /// How far the job is. It is complete when its work was done, never before.
    pub(crate) fn status(&self, now: DateTime<Utc>) -> Status {
        if self.cancelled {
            Status::Cancelled
        } else if self.settled && now >= self.completes {
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

/// Jobs of one kind, in the order of their creation.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Jobs<T> {
    ids: Ids,
    kind: Cow<'static, str>,
    jobs: VecDeque<Job<T>>,
    /// How many jobs were let go, the oldest first.
    #[serde(default)]
    gone: u64,
    /// The numbers of the jobs.
    by_id: HashMap<String, u64>,
    /// The numbers of the jobs that have not ended, by the time of their end. Those of a snapshot
    /// may take another time than those that come after it.
    unfinished: VecDeque<u64>,
}

impl<T> Jobs<T> {
    /// No jobs yet. The kind goes into their ids.
    pub(crate) fn new(ids: Ids, kind: &'static str) -> Self {
        Self {
            ids,
            kind: kind.into(),
            jobs: VecDeque::new(),
            gone: 0,
            by_id: HashMap::new(),
            unfinished: VecDeque::new(),
        }
    }

    /// Creates a job.
    pub(crate) fn create(&mut self, work: T, pace: Pace, now: DateTime<Utc>) -> &Job<T> {
        let job = self.job(work, pace, now);
        let (number, ends) = (job.number, job.ends);
        let place = self
            .unfinished
            .partition_point(|other| self.at(*other).ends <= ends);
        self.unfinished.insert(place, number);
        self.keep(job)
    }

    /// Creates a job that has nothing to do any more: it is complete.
    pub(crate) fn create_complete(&mut self, work: T, now: DateTime<Utc>) -> &Job<T> {
        let job = self.job(work, Pace::queued(Duration::ZERO), now);
        self.keep(Job {
            settled: true,
            ..job
        })
    }

    /// The next job, not yet kept.
    fn job(&self, work: T, pace: Pace, now: DateTime<Utc>) -> Job<T> {
        let number = self.gone + self.jobs.len() as u64;
        let ends = after(now, pace.takes);
        Job {
            id: self.ids.job(&self.kind, number),
            number,
            created: now,
            started: after(now, pace.waits),
            ends,
            completes: after(ends, pace.lingers),
            work,
            settled: false,
            cancelled: false,
        }
    }

    fn keep(&mut self, job: Job<T>) -> &Job<T> {
        let number = job.number;
        self.by_id.insert(job.id.clone(), number);
        self.jobs.push_back(job);
        self.at(number)
    }

    /// The job with a number of which it is known that it was not let go.
    fn at(&self, number: u64) -> &Job<T> {
        &self.jobs[self.place(number)]
    }

    fn at_mut(&mut self, number: u64) -> &mut Job<T> {
        let place = self.place(number);
        &mut self.jobs[place]
    }

    fn place(&self, number: u64) -> usize {
        usize::try_from(number - self.gone).expect("the jobs are in memory")
    }

    /// Ends a job before its work is done; says whether there was one that had not ended.
    pub(crate) fn cancel(&mut self, id: &str) -> bool {
        let Some(number) = self.by_id.get(id).copied() else {
            return false;
        };
        let before = self.unfinished.len();
        self.unfinished.retain(|other| *other != number);
        let had_not_ended = self.unfinished.len() < before;
        self.at_mut(number).cancelled |= had_not_ended;
        had_not_ended
    }

    /// Lets go of the oldest jobs, as far as they have expired and have nothing to do any more.
    pub(crate) fn let_go_of_expired(&mut self, now: DateTime<Utc>) {
        let is_over = |job: &Job<T>| now >= job.expires() && (job.settled || job.cancelled);
        while self.jobs.front().is_some_and(is_over) {
            if let Some(job) = self.jobs.pop_front() {
                self.by_id.remove(&job.id);
                self.gone += 1;
            }
        }
    }

    /// Those that have not expired.
    pub(crate) fn iter(&self, now: DateTime<Utc>) -> impl Iterator<Item = &Job<T>> {
        self.jobs.iter().filter(move |job| now < job.expires())
    }

    /// The job, unless it has expired.
    pub(crate) fn get(&self, id: &str, now: DateTime<Utc>) -> Option<&Job<T>> {
        let job = self.at(*self.by_id.get(id)?);
        (now < job.expires()).then_some(job)
    }

    /// Those that have not ended.
    pub(crate) fn unfinished(&self) -> impl Iterator<Item = &Job<T>> {
        self.unfinished.iter().map(|number| self.at(*number))
    }

    /// When the next job ends that has not ended.
    pub(crate) fn next_end(&self) -> Option<DateTime<Utc>> {
        self.unfinished().next().map(|job| job.ends)
    }

    /// A job whose end has come, for its work to be done; it counts as complete from now on.
    pub(crate) fn next_due(&mut self, now: DateTime<Utc>) -> Option<&mut Job<T>> {
        let number = *self.unfinished.front()?;
        if now < self.at(number).ends {
            return None;
        }
        self.unfinished.pop_front();
        let job = self.at_mut(number);
        job.settled = true;
        Some(job)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(millis).unwrap()
    }

    fn one(time: Duration) -> (Jobs<()>, String) {
        let mut jobs = Jobs::new(Ids::new(1), "test");
        let id = jobs.create((), Pace::queued(time), at(0)).id.clone();
        (jobs, id)
    }

    #[test]
    fn a_job_goes_through_its_states() {
        let (mut jobs, id) = one(Duration::from_secs(1));
        let status = |jobs: &Jobs<()>, now| jobs.get(&id, now).unwrap().status(now);
        assert_eq!(status(&jobs, at(499)), Status::Queued);
        assert_eq!(status(&jobs, at(500)), Status::Processing);
        assert!(jobs.next_due(at(999)).is_none());
        assert_eq!(jobs.unfinished().count(), 1);
        assert!(jobs.next_due(at(1000)).is_some());
        assert_eq!(status(&jobs, at(1000)), Status::Complete);
        assert!(jobs.next_due(at(1000)).is_none());
        assert_eq!(jobs.unfinished().count(), 0);
    }

    #[test]
    fn a_cancelled_job_never_becomes_due() {
        let (mut jobs, id) = one(Duration::from_secs(1));
        assert!(jobs.cancel(&id));
        assert!(jobs.next_due(at(1000)).is_none());
        assert_eq!(
            jobs.get(&id, at(1000)).unwrap().status(at(1000)),
            Status::Cancelled
        );
        assert!(!jobs.cancel(&id));
        let (mut jobs, id) = one(Duration::ZERO);
        jobs.next_due(at(0));
        assert!(!jobs.cancel(&id), "it has ended");
    }

    #[test]
    fn a_job_may_show_its_end_late() {
        let mut jobs = Jobs::new(Ids::new(1), "test");
        let pace = Pace::at_once(Duration::from_secs(1)).lingering(Duration::from_secs(9));
        let id = jobs.create((), pace, at(0)).id.clone();
        assert_eq!(jobs.next_end(), Some(at(1000)));
        assert!(jobs.next_due(at(1000)).is_some());
        let status = |now| jobs.get(&id, now).unwrap().status(now);
        assert_eq!(status(at(9999)), Status::Processing);
        assert_eq!(status(at(10_000)), Status::Complete);
    }

    #[test]
    fn a_job_ends_in_its_own_time_among_slower_ones() {
        let (mut jobs, slow) = one(Duration::from_secs(3600));
        let pace = Pace::queued(Duration::from_secs(1));
        let quick: Vec<String> = (0..2)
            .map(|_| jobs.create((), pace, at(0)).id.clone())
            .collect();
        let ended: Vec<String> =
            std::iter::from_fn(|| jobs.next_due(at(1000)).map(|job| job.id.clone())).collect();
        assert_eq!(ended, quick);
        assert_eq!(jobs.next_due(at(3_600_000)).unwrap().id, slow);
    }

    #[test]
    fn an_expired_job_is_let_go_and_its_number_stays_taken() {
        let week = at(LIFETIME.num_milliseconds());
        let mut jobs = Jobs::new(Ids::new(1), "test");
        let first = jobs.create_complete((), at(0)).id.clone();
        let second = jobs.create_complete((), at(1)).id.clone();
        jobs.let_go_of_expired(week);
        assert_eq!((jobs.jobs.len(), jobs.by_id.len()), (1, 1));
        assert!(jobs.get(&first, at(1)).is_none());
        assert!(jobs.get(&second, week).is_some());
        let third = jobs.create((), Pace::queued(Duration::ZERO), week);
        assert_eq!(third.number, 2);
        assert_eq!(jobs.next_due(week).unwrap().number, 2);
    }

    #[test]
    fn a_job_that_has_not_ended_is_not_let_go() {
        let (mut jobs, _) = one(Duration::from_secs(30 * 24 * 3600));
        jobs.let_go_of_expired(at(LIFETIME.num_milliseconds()));
        assert_eq!(jobs.unfinished().count(), 1);
    }

    #[test]
    fn a_job_vanishes_when_it_expires() {
        let (jobs, id) = one(Duration::ZERO);
        let week = LIFETIME.num_milliseconds();
        assert!(jobs.get(&id, at(week - 1)).is_some());
        assert!(jobs.get(&id, at(week)).is_none());
        assert_eq!(jobs.iter(at(week)).count(), 0);
    }
}
