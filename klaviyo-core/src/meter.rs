//! Counts what a run costs: requests, bytes, waits.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Counters that many tasks add to.
#[derive(Debug, Default)]
pub struct Meter {
    requests: AtomicU64,
    throttled: AtomicU64,
    retries: AtomicU64,
    bytes_sent: AtomicU64,
    waited_nanoseconds: AtomicU64,
}

/// What a [`Meter`] had counted at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Requests sent, every attempt counted.
    pub requests: u64,
    /// Requests that a rate limit refused (429).
    pub throttled: u64,
    /// Attempts beyond the first of each request, those after a 429 included.
    pub retries: u64,
    /// Bytes of bodies sent, every attempt counted.
    pub bytes_sent: u64,
    /// Time spent waiting for the limits and between attempts, summed over requests side by side.
    pub waited: Duration,
}

impl Meter {
    pub(crate) fn attempt(&self, bytes: usize, is_first: bool) {
        self.requests.fetch_add(1, Relaxed);
        self.bytes_sent.fetch_add(bytes as u64, Relaxed);
        if !is_first {
            self.retries.fetch_add(1, Relaxed);
        }
    }

    pub(crate) fn throttled(&self) {
        self.throttled.fetch_add(1, Relaxed);
    }

    pub(crate) fn waited(&self, length: Duration) {
        let nanoseconds = u64::try_from(length.as_nanos()).unwrap_or(u64::MAX);
        self.waited_nanoseconds.fetch_add(nanoseconds, Relaxed);
    }

    /// The counts so far.
    #[must_use]
    pub fn usage(&self) -> Usage {
        Usage {
            requests: self.requests.load(Relaxed),
            throttled: self.throttled.load(Relaxed),
            retries: self.retries.load(Relaxed),
            bytes_sent: self.bytes_sent.load(Relaxed),
            waited: Duration::from_nanos(self.waited_nanoseconds.load(Relaxed)),
        }
    }
}
