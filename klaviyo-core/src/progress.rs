//! How far a run has come, for whoever wants to look while it goes on.
//!
//! [`tally`] counts (atomics; nothing waits for it), [`Gauge`] reads it from anywhere, [`eta`] reckons the
//! rest (pure), and [`hook`] calls somebody every now and then.
mod eta;
mod hook;
mod tally;

use std::sync::Arc;
use std::time::Duration;

use klaviyo_gen::Operation;

use crate::clock::{Clock, Moment};
use crate::limit::Limiter;
use crate::meter::{Meter, Usage};
use crate::outcome::Counts;
use crate::report::Ledger;
use crate::shared::Shared;
use eta::Rest;
pub use hook::Looks;
pub(crate) use hook::{Hook, Telling};
pub(crate) use tally::{OneMore, Tally};

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Rows read from the source.
    pub rows: u64,
    /// How many there are in all: as the source knows it or its owner said, and for certain once all
    /// are read. `None` when nobody knows.
    pub total: Option<u64>,
    /// Rows that stood in a request, each counted once however often it was sent. Those whose answer
    /// a resumed run knows from its journal are not among them.
    pub sent: u64,
    /// How many rows have an end, and which.
    pub counts: Counts,
    /// Requests, retries, bytes and waits.
    pub usage: Usage,
    /// Batches that wait for a limit or for their answer.
    pub batches_open: u64,
    /// Jobs that Klaviyo began and whose end is waited for.
    pub jobs_open: u64,
    /// From the start of the run until now, or until its end.
    pub elapsed: Duration,
    /// How long it will take until all rows have their end: what the rate limits allow for the rows
    /// that are left, and what was lost on top of that so far. Of a daily limit (Klaviyo sets none for
    /// bulk operations, your own may be one) the days that this run's requests need are part of it.
    /// `None` when `total` is not known, when a daily limit that is not waited for will end the run, or
    /// when answers or jobs take longer than those before them.
    pub eta: Option<Duration>,
    /// Whether the run has ended, so that nothing will change any more.
    pub ended: bool,
}

impl Progress {
    /// Rows a second that came to their end, since the start.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a rate is not exact")]
    pub fn rate(&self) -> f64 {
        let seconds = self.elapsed.as_secs_f64();
        if seconds > 0.0 {
            self.counts.total() as f64 / seconds
        } else {
            0.0
        }
    }
}

/// Reads how far a run has come, from anywhere, and also while [`Run::finish`](crate::Run::finish) waits.
///
/// Clones read the same run. It can be kept beyond the run's end; then it shows how that was.
#[derive(Debug, Clone)]
pub struct Gauge {
    operation: &'static Operation,
    tally: Arc<Tally>,
    ledger: Arc<Ledger>,
    meter: Arc<Meter>,
    clock: Arc<dyn Clock>,
    limiter: Arc<Limiter>,
}

impl Gauge {
    pub(crate) fn new(shared: &Shared) -> Self {
        Gauge {
            operation: shared.operation,
            tally: Arc::clone(&shared.tally),
            ledger: Arc::clone(&shared.ledger),
            meter: Arc::clone(&shared.meter),
            clock: Arc::clone(&shared.exchange.clock),
            limiter: Arc::clone(&shared.exchange.limiter),
        }
    }

    fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    fn now(&self) -> Moment {
        self.clock().now()
    }

    /// How far the run has come. Costs about a microsecond; what goes on meanwhile may be counted in
    /// one figure and not yet in another.
    #[must_use]
    pub fn read(&self) -> Progress {
        let tally = &self.tally;
        // In the order of a row's way backwards, so that none has an end before it was read.
        let counts = self.ledger.counts();
        let sent = tally.sent();
        let rows = tally.rows();
        let total = tally.total().filter(|&total| total >= rows);
        let elapsed = tally.elapsed(self.now());
        let mut progress = Progress {
            rows,
            total,
            sent: sent.rows,
            counts,
            usage: self.meter.usage(),
            batches_open: tally.batches_open.count(),
            jobs_open: tally.jobs_open.count(),
            elapsed,
            eta: None,
            ended: tally.has_ended(),
        };
        progress.eta = if progress.ended {
            Some(Duration::ZERO)
        } else {
            total.and_then(|total| {
                let never_sent = counts.rejected + tally.recalled();
                let rest = Rest {
                    rows: total.saturating_sub(sent.rows + never_sent),
                    sent_rows: sent.rows,
                    sent_batches: sent.batches,
                    rows_in_a_batch: most_in_a_batch(self.operation),
                    open: progress.batches_open + progress.jobs_open,
                    elapsed,
                    since_last_sent: elapsed.saturating_sub(sent.last),
                    job: tally.usual_job(),
                    waits_for_daily: self.limiter.waits_for_daily(),
                };
                rest.eta(&self.limiter.limits(self.operation))
            })
        };
        progress
    }
}

/// Rows of a batch that is full, before one was seen.
fn most_in_a_batch(operation: &Operation) -> u64 {
    let most = operation.caps.and_then(|caps| caps.max_items);
    most.map_or(1, u64::from)
}

#[cfg(test)]
mod tests;
