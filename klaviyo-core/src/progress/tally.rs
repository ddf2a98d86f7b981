//! Counts what a run does that no outcome tells: rows read and sent, batches and jobs under way.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::clock::Moment;

/// Counters that many tasks add to, and whoever wants to reads.
#[derive(Debug)]
pub(crate) struct Tally {
    began: Moment,
    ended: OnceLock<Moment>,
    total: AtomicU64,
    rows: AtomicU64,
    sent_rows: AtomicU64,
    sent_batches: AtomicU64,
    /// Since the start of the run, in nanoseconds.
    last_sent: AtomicU64,
    recalled: AtomicU64,
    pub(crate) batches_open: Level,
    pub(crate) jobs_open: Level,
    jobs_ended: AtomicU64,
    /// All of them together, in nanoseconds.
    jobs_lasted: AtomicU64,
}

/// In place of a total that nobody knows; no source has so many rows.
const UNKNOWN: u64 = u64::MAX;

/// What was sent until now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    pub(super) rows: u64,
    pub(super) batches: u64,
    /// When the last batch was sent, since the start of the run.
    pub(super) last: Duration,
}

impl Tally {
    pub(crate) fn new(began: Moment) -> Self {
        Tally {
            began,
            ended: OnceLock::new(),
            total: AtomicU64::new(UNKNOWN),
            rows: AtomicU64::default(),
            sent_rows: AtomicU64::default(),
            sent_batches: AtomicU64::default(),
            last_sent: AtomicU64::default(),
            recalled: AtomicU64::default(),
            batches_open: Level::default(),
            jobs_open: Level::default(),
            jobs_ended: AtomicU64::default(),
            jobs_lasted: AtomicU64::default(),
        }
    }

    /// So many rows were read. Called for each row by the only one who reads: a plain store.
    pub(crate) fn read(&self, rows: u64) {
        self.rows.store(rows, Relaxed);
    }

    /// So many rows there are in all.
    pub(crate) fn set_total(&self, rows: u64) {
        self.total.store(rows, Relaxed);
    }

    /// A batch of so many rows is sent for the first time.
    pub(crate) fn send(&self, rows: u64, now: Moment) {
        self.sent_rows.fetch_add(rows, Relaxed);
        self.sent_batches.fetch_add(1, Relaxed);
        let last = nanoseconds(now.since(self.began));
        self.last_sent.fetch_max(last, Relaxed);
    }

    /// So many rows were sent by an earlier process, whose answer the journal knows.
    pub(crate) fn recall(&self, rows: u64) {
        self.recalled.fetch_add(rows, Relaxed);
    }

    /// A job has ended, so long after it began.
    pub(crate) fn job_ended(&self, lasted: Duration) {
        self.jobs_lasted.fetch_add(nanoseconds(lasted), Relaxed);
        self.jobs_ended.fetch_add(1, Relaxed);
    }

    /// The run has ended; nothing is counted after that.
    pub(crate) fn end(&self, now: Moment) {
        self.ended.get_or_init(|| now);
    }

    pub(crate) fn elapsed(&self, now: Moment) -> Duration {
        self.ended.get().unwrap_or(&now).since(self.began)
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended.get().is_some()
    }

    pub(super) fn total(&self) -> Option<u64> {
        Some(self.total.load(Relaxed)).filter(|&total| total != UNKNOWN)
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows.load(Relaxed)
    }

    pub(super) fn sent(&self) -> Sent {
        Sent {
            rows: self.sent_rows.load(Relaxed),
            batches: self.sent_batches.load(Relaxed),
            last: Duration::from_nanos(self.last_sent.load(Relaxed)),
        }
    }

    pub(super) fn recalled(&self) -> u64 {
        self.recalled.load(Relaxed)
    }

    /// How long a job took on average, once one has ended.
    pub(super) fn usual_job(&self) -> Option<Duration> {
        let ended = self.jobs_ended.load(Relaxed);
        let lasted = self.jobs_lasted.load(Relaxed);
        lasted.checked_div(ended).map(Duration::from_nanos)
    }
}

fn nanoseconds(length: Duration) -> u64 {
    u64::try_from(length.as_nanos()).unwrap_or(u64::MAX)
}

/// How many of a kind there are at present.
#[derive(Debug, Default)]
pub(crate) struct Level(Arc<AtomicU64>);

/// One of them, as long as it lives.
#[derive(Debug)]
pub(crate) struct OneMore(Arc<AtomicU64>);

impl Level {
    pub(crate) fn one_more(&self) -> OneMore {
        self.0.fetch_add(1, Relaxed);
        OneMore(Arc::clone(&self.0))
    }

    pub(super) fn count(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

impl Drop for OneMore {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}
