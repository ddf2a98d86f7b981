//! What all tasks of a run share.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use klaviyo_gen::Operation;
use tokio::sync::OwnedSemaphorePermit;

use crate::bulk::Prepared;
use crate::chunk::Batch;
use crate::client::Client;
use crate::exchange::{Context, Exchange, Herald};
use crate::jobs::{JobRoom, Kind};
use crate::journal::{Fingerprint, Journal};
use crate::meter::Meter;
use crate::options::RunOptions;
use crate::outages::Outages;
use crate::progress::Tally;
use crate::record::Record;
use crate::report::Ledger;
use crate::retain::Store;
use crate::run::{Pending, Sizes};
use crate::stop::Stop;

/// More bodies than this at once would only fill the memory: no limit lets so many through.
const MOST_IN_FLIGHT: usize = 1000;

/// What all tasks of a run share, and nobody beyond them: as long as it lives, its journal is in use.
/// Handles that outlive a run hold what they need of it.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) operation: &'static Operation,
    /// Path and query of each request.
    pub(crate) target: String,
    /// The jobs that its requests begin, if they do.
    pub(crate) jobs: Option<Kind>,
    /// Whether jobs are waited for.
    pub(crate) wait: bool,
    pub(crate) exchange: Exchange,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) journal: Option<Arc<dyn Journal>>,
    pub(crate) meter: Arc<Meter>,
    pub(crate) tally: Arc<Tally>,
    /// Nothing more is to be sent; what is under way goes on to its answer.
    pub(crate) stop: Arc<Stop>,
    /// What is under way is to end as well.
    pub(crate) cancel: Arc<Stop>,
    pub(crate) store: Arc<Store>,
    pub(crate) max_in_flight: usize,
    /// Room for jobs that are not finished; `None` when any number of them may be.
    pub(crate) job_room: Option<Arc<JobRoom>>,
    pub(crate) job_deadline: Duration,
    /// Which bodies get through.
    pub(crate) sizes: Sizes,
    /// Batches that Klaviyo failed for (5xx) through all attempts.
    pub(crate) outages: Outages,
    /// Whether a batch has no end that holds for a resumed run: that would send it again.
    pub(crate) unsettled: AtomicBool,
}

impl Shared {
    pub(crate) fn new(
        client: &Client,
        prepared: &Prepared,
        options: &RunOptions,
        journal: Option<Arc<dyn Journal>>,
    ) -> Self {
        let operation = prepared.operation;
        let jobs = Kind::of(operation);
        let wait = options.wait.unwrap_or(!jobs.is_some_and(|jobs| jobs.long));
        let tally = Arc::new(Tally::new(client.exchange().clock.now()));
        Shared {
            operation,
            target: prepared.target.clone(),
            jobs,
            wait,
            exchange: client.exchange().clone(),
            ledger: Arc::default(),
            journal,
            meter: Arc::default(),
            tally,
            stop: Arc::default(),
            cancel: Arc::default(),
            store: Arc::new(Store::new(options.retain_bytes)),
            max_in_flight: options.max_in_flight.clamp(1, MOST_IN_FLIGHT),
            job_room: jobs.and_then(|jobs| client.job_rooms().of(operation, jobs, wait)),
            job_deadline: options.job_deadline,
            sizes: Sizes::default(),
            outages: Outages::default(),
            unsettled: AtomicBool::new(false),
        }
    }

    /// Waits for room for the job that a request may begin: too many unfinished ones hold up the
    /// sending, and that the reading. `None` when it needs none, or the run has stopped.
    pub(crate) async fn room_for_a_job(&self) -> Option<OwnedSemaphorePermit> {
        let room = self.job_room.as_ref()?;
        tokio::select! {
            biased;
            () = self.stop.raised() => None,
            place = room.enter() => place,
        }
    }

    /// Where the ends of a batch's rows go; the batch is the run's `number`th, counted from 0.
    pub(crate) fn record(&self, number: u64, batch: &Batch) -> Record {
        let ledger = Arc::clone(&self.ledger);
        match &self.journal {
            None => Record::new(ledger),
            Some(journal) => {
                let fingerprint = Arc::new(Fingerprint::of(number, &self.target, batch));
                Record::journaled(ledger, Arc::clone(journal), fingerprint)
            }
        }
    }

    /// A batch that comes from the source, of which an earlier process of the run may have sent some.
    pub(crate) fn pending(&self, batch: Batch, record: Record) -> Pending {
        Pending::of_source(batch, record, self.past_row())
    }

    /// The last row that an earlier process of the run may have sent.
    pub(crate) fn past_row(&self) -> Option<u64> {
        self.journal.as_ref()?.past()?.last_row
    }

    /// Says of a run that is resumed with another key that its account may be another one.
    pub(crate) fn warn_of_another_key(&self) {
        let past = self.journal.as_ref().and_then(|journal| journal.past());
        if past.is_some_and(|past| past.other_key) {
            let warning =
                "the journal was begun with another key; make sure that it is of the same account";
            self.ledger.warn(warning);
        }
    }

    /// Whether a batch may be sent again although it may have been applied.
    pub(crate) fn repeat_is_safe(&self, batch: &Batch) -> bool {
        self.operation.repeat.safe && batch.repeat_is_safe()
    }

    /// How a request of this run is sent.
    pub(crate) fn context<'a>(
        &'a self,
        repeat_is_safe: bool,
        in_doubt: &'a AtomicBool,
        herald: Option<&'a dyn Herald>,
    ) -> Context<'a> {
        Context {
            meter: &self.meter,
            stop: &self.stop,
            repeat_is_safe,
            in_doubt,
            herald,
        }
    }
}
