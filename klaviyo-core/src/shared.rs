//! What all tasks of a run share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32};
use std::time::Duration;

use klaviyo_gen::Operation;
use tokio::sync::Semaphore;

use crate::exchange::{Context, Exchange};
use crate::meter::Meter;
use crate::options::RunOptions;
use crate::report::Ledger;
use crate::retain::Store;
use crate::stop::Stop;

/// More bodies than this at once would only fill the memory: no limit lets so many through.
const MOST_IN_FLIGHT: usize = 1000;
/// Unfinished jobs at once. At the fastest pace of imports (2.5 a second) it lets each take three
/// minutes before sending slows down; each holds a few hundred kilobytes beside its items.
const MOST_JOBS: usize = 500;

/// What all tasks of a run share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) operation: &'static Operation,
    /// The operation that reads the jobs that a request begins.
    pub(crate) job: Option<&'static Operation>,
    /// Whether jobs are waited for.
    pub(crate) wait: bool,
    pub(crate) exchange: Exchange,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) meter: Meter,
    /// Nothing more is to be sent; what is under way goes on to its answer.
    pub(crate) stop: Stop,
    /// What is under way is to end as well.
    pub(crate) cancel: Stop,
    pub(crate) store: Arc<Store>,
    pub(crate) max_in_flight: usize,
    /// Room for jobs that are not finished.
    pub(crate) jobs: Semaphore,
    pub(crate) job_deadline: Duration,
    /// Batches in a row that Klaviyo failed for (5xx) through all attempts.
    pub(crate) outages: AtomicU32,
}

impl Shared {
    pub(crate) fn new(
        exchange: Exchange,
        operation: &'static Operation,
        options: &RunOptions,
    ) -> Self {
        let job = operation.caps.and_then(|caps| caps.job);
        Shared {
            operation,
            job: job.and_then(klaviyo_gen::find),
            wait: options.wait,
            exchange,
            ledger: Arc::default(),
            meter: Meter::default(),
            stop: Stop::default(),
            cancel: Stop::default(),
            store: Arc::new(Store::new(options.retain_bytes)),
            max_in_flight: options.max_in_flight.clamp(1, MOST_IN_FLIGHT),
            jobs: Semaphore::new(MOST_JOBS),
            job_deadline: options.job_deadline,
            outages: AtomicU32::new(0),
        }
    }

    /// How a request of this run is sent.
    pub(crate) fn context<'a>(
        &'a self,
        repeat_is_safe: bool,
        in_doubt: &'a AtomicBool,
    ) -> Context<'a> {
        Context {
            meter: &self.meter,
            stop: &self.stop,
            repeat_is_safe,
            in_doubt,
        }
    }
}
