//! A bulk run: rows in, batches through the engine, a report out.
//!
//! [`Run`] is the near end, where rows are pushed; [`engine`] is the far end, a task that keeps
//! several requests under way; [`deliver`] sees one batch to its end. Between the two lies a short
//! queue, so a slow end stops the reading of the source and memory stays bounded.
mod canceller;
mod deliver;
mod departure;
mod engine;
mod lookup;
mod packer;
mod pending;
mod plan;
mod refusal;
mod resume;
mod sizes;
mod split;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde::Serialize;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tracing::{Instrument, Span};

use crate::chunk::Batch;
use crate::encode::Rejection;
use crate::error::Error;
use crate::journal::JournalError;
use crate::limit::least_time;
use crate::progress::{Gauge, Progress};
use crate::record::Record;
use crate::report::{Backlog, Outcomes, Report, RunError};
use crate::shared::Shared;
use crate::source::{Source as RowSource, located};
use crate::trace::Seconds;
pub use canceller::Canceller;
pub(crate) use lookup::Lookup;
pub(crate) use packer::Packer;
pub(crate) use pending::Pending;
pub use plan::{Plan, Planning};
pub(crate) use sizes::Sizes;

/// Batches that wait between the reading of rows and the sending. One is enough to keep the sender
/// busy while the next is being encoded; each holds up to 5 MB.
const QUEUE: usize = 1;

/// A bulk run that is under way: rows are pushed into it, and it is finished or cancelled.
///
/// Dropped without either (a future of [`Run::finish`] that is dropped counts), it is cancelled, and
/// reports to nobody.
#[derive(Debug)]
pub struct Run {
    packer: Packer,
    /// Full batches that were not handed over yet.
    ready: Vec<Batch>,
    /// How many were handed over, and the last of their rows.
    handed_over: u64,
    last_row: Option<u64>,
    /// How far the reader of outcomes is behind, when there is one.
    backlog: Option<Arc<Backlog>>,
    run_id: String,
    shared: Arc<Shared>,
    queue: mpsc::Sender<Pending>,
    engine: JoinHandle<()>,
    /// What all of the run's work is traced under, here as well as in the engine.
    span: Span,
    /// Otherwise the engine would go on alone.
    _cancel: CancelOnDrop,
}

/// How the reading of rows ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// All rows were read.
    Whole,
    /// There may be more.
    BrokenOff,
}

/// What a run came to.
struct Closed {
    report: Report,
    /// Why it stopped, if it did.
    stopped: Option<Error>,
    source: Source,
}

/// Ends a run that nobody waits for any more; after its end it changes nothing.
#[derive(Debug)]
struct CancelOnDrop(Canceller);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

impl Run {
    /// Begins a run; needs a tokio runtime, on which the sending goes on by itself.
    pub(crate) fn begin(shared: Shared, packer: Packer, run_id: String) -> Self {
        let shared = Arc::new(shared);
        let cancel = CancelOnDrop(Canceller::new(&shared));
        let (queue, batches) = mpsc::channel(QUEUE);
        let operation = shared.operation.id;
        let span = tracing::info_span!("run", operation, run_id);
        tracing::info!(operation, run_id, "a run begins");
        span.in_scope(|| shared.warn_of_another_key());
        let engine = engine::run(Arc::clone(&shared), batches);
        let engine = tokio::spawn(engine.instrument(span.clone()));
        Run {
            packer,
            ready: Vec::new(),
            handed_over: 0,
            last_row: None,
            backlog: None,
            run_id,
            shared,
            queue,
            engine,
            span,
            _cancel: cancel,
        }
    }

    /// Takes the next row of the source: encodes it, or rejects it with a reason.
    ///
    /// Sends nothing and never waits; call [`Run::hand_over`] when [`Run::has_ready`].
    pub fn push<R: Serialize + ?Sized>(&mut self, row: &R) {
        let pushed = self.packer.push(row);
        self.packed(pushed);
    }

    /// As [`Run::push`], of the row at hand of a source: rejected, it names its place there.
    pub fn push_from<S: RowSource + ?Sized>(&mut self, source: &S) {
        let pushed = self.packer.push_row(&source.row());
        self.packed(pushed.map_err(|rejection| located(rejection, source)));
    }

    fn packed(&mut self, pushed: Result<Option<Batch>, Rejection>) {
        match pushed {
            Ok(full) => self.ready.extend(full),
            Err(rejection) => self.shared.ledger.reject(rejection),
        }
        self.shared.tally.read(self.packer.rows());
    }

    /// The end of each row from now on, beside the report; to be asked for before the first row.
    pub fn outcomes(&mut self) -> Outcomes {
        let outcomes = self.shared.ledger.listen();
        self.backlog = self.shared.ledger.backlog();
        outcomes
    }

    /// Whether [`Run::hand_over`] has something to do: a full batch waits, or addresses are to be looked
    /// up, or the reader of outcomes has fallen behind.
    #[must_use]
    pub fn has_ready(&self) -> bool {
        let backlog = self.backlog.as_ref();
        !self.ready.is_empty()
            || self.packer.has_addresses()
            || backlog.is_some_and(|backlog| backlog.is_full())
    }

    /// Hands full batches over to be sent; waits until there is room for them, and until the reader
    /// of outcomes, if there is one, has caught up.
    ///
    /// Cancel-safe: what was not handed over is kept.
    pub async fn hand_over(&mut self) {
        if let Some(backlog) = &self.backlog {
            tokio::select! {
                () = backlog.has_room() => {}
                () = self.shared.stop.raised() => {}
            }
        }
        if self.packer.has_addresses() && !self.shared.stop.is_raised() {
            let full = self.packer.look_up(&self.shared, false);
            let full = full.instrument(self.span.clone()).await;
            self.ready.extend(full);
        }
        while !self.ready.is_empty() {
            let Ok(place) = self.queue.reserve().await else {
                // The engine has ended; finishing enters what is left.
                return;
            };
            let batch = self.ready.remove(0);
            let record = self.shared.record(self.handed_over, &batch);
            self.handed_over += 1;
            self.last_row = self.last_row.max(batch.rows().max());
            place.send(self.shared.pending(batch, record));
        }
    }

    /// Whether the run has stopped on an error; more rows would not be sent.
    #[must_use]
    pub fn has_stopped(&self) -> bool {
        self.shared.stop.is_raised() || self.queue.is_closed()
    }

    /// A handle that ends the run from elsewhere.
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        Canceller::new(&self.shared)
    }

    /// Says how many rows there will be, so that the run's end can be foreseen; nothing else comes of
    /// it.
    pub fn set_total(&self, rows: u64) {
        self.shared.tally.set_total(rows);
    }

    /// How far the run has come.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.gauge().read()
    }

    /// A handle that tells from elsewhere how far the run has come, also while [`Run::finish`] waits.
    #[must_use]
    pub fn gauge(&self) -> Gauge {
        Gauge::new(&self.shared)
    }

    /// Sends what is left, waits for all answers and jobs, and reports.
    ///
    /// # Errors
    /// When the run stopped: a request that can never succeed, or a Klaviyo that does not answer.
    /// The error carries the report.
    pub async fn finish(self) -> Result<Report, RunError> {
        // Who pushes rows stops at a stop, and has none to tell it from the last row.
        let source = if self.has_stopped() {
            Source::BrokenOff
        } else {
            Source::Whole
        };
        self.send_rest(source).await
    }

    async fn send_rest(mut self, source: Source) -> Result<Report, RunError> {
        if !self.shared.stop.is_raised() {
            self.set_total(self.packer.rows());
            let full = self.packer.look_up(&self.shared, true);
            let full = full.instrument(self.span.clone()).await;
            self.ready.extend(full);
        }
        self.ready.extend(self.packer.close());
        self.hand_over().await;
        self.close(source).await.into_result()
    }

    /// Ends a run whose source broke off, waits for all answers and jobs, and reports.
    ///
    /// Without a journal, all rows that were pushed are sent. With one, those of the open batch are
    /// not (`rejected`, `not_sent`; of a run that was resumed, `unknown`, `not_resumed`), and the run
    /// stays unfinished: when it is resumed, the source fills that batch up, so sent now it would be
    /// another one.
    ///
    /// # Errors
    /// As [`Run::finish`].
    pub async fn break_off(mut self) -> Result<Report, RunError> {
        if self.shared.journal.is_none() {
            return self.send_rest(Source::BrokenOff).await;
        }
        self.hand_over().await;
        self.close(Source::BrokenOff).await.into_result()
    }

    /// Ends the run at once, requests under way included, and reports what is known by then.
    pub async fn cancel(self) -> Report {
        self.canceller().cancel();
        self.close(Source::BrokenOff).await.report
    }

    /// Lets the journal go; a run that read its whole source and has not stopped is finished, unless
    /// there is a batch that a resumed run would send again.
    async fn close_journal(shared: &Shared, source: Source, rows: u64, last: Option<u64>) {
        let Some(journal) = &shared.journal else {
            return;
        };
        let stop = &shared.stop;
        let is_whole = || source == Source::Whole && !stop.is_raised();
        let last_row = shared.past_row();
        if let Some(last_row) = last_row.filter(|last_row| is_whole() && Some(*last_row) > last) {
            let error = if last_row < rows {
                JournalError::RejectedNow { row: last_row }
            } else {
                JournalError::Shorter { rows, last_row }
            };
            stop.raise(error.into());
        }
        let is_unsettled = shared.unsettled.load(Ordering::Relaxed);
        if is_whole() && is_unsettled {
            let warning = "rows are in doubt that may be sent again: the run is not finished, resume \
                           it to settle them";
            shared.ledger.warn(warning);
        }
        if let Err(error) = journal.close(is_whole() && !is_unsettled).await {
            stop.raise(error.into());
        }
    }

    /// A run of which not a single batch got an answer has not succeeded, however few they were.
    fn tell_outage(shared: &Shared) {
        let (batches, _) = shared.ledger.batches_and_jobs();
        if let Some(error) = shared.outages.throughout().filter(|_| batches == 0) {
            shared.stop.raise(error);
        }
    }

    /// Waits for the engine's end; gives the report and why the run stopped, if it did.
    async fn close(self, source: Source) -> Closed {
        let span = self.span.clone();
        self.end(source).instrument(span).await
    }

    async fn end(mut self, source: Source) -> Closed {
        self.packer.abandon(&self.shared);
        if let Some(warning) = self.packer.warning() {
            self.shared.ledger.warn(&warning);
        }
        // Only a run that stopped, or whose source broke off, has rows left here.
        let left: Vec<Batch> = self.ready.into_iter().chain(self.packer.close()).collect();
        let rows = self.packer.rows();
        // Jobs may take long: until they end, no memory is kept for rows that do not come.
        drop(self.packer);
        drop(self.queue);
        if let Err(error) = self.engine.await
            && let Ok(panic) = error.try_into_panic()
        {
            std::panic::resume_unwind(panic);
        }
        for batch in left {
            let record = Record::new(Arc::clone(&self.shared.ledger));
            drop(self.shared.pending(batch, record));
        }
        Self::close_journal(&self.shared, source, rows, self.last_row).await;
        let shared = &self.shared;
        Self::tell_outage(shared);
        shared.ledger.close();
        let now = shared.exchange.clock.now();
        shared.tally.end(now);
        let (batches, jobs) = shared.ledger.batches_and_jobs();
        let report = Report {
            operation: shared.operation.id,
            run_id: self.run_id,
            rows,
            counts: shared.ledger.counts(),
            usage: shared.meter.usage(),
            batches,
            jobs,
            open_jobs: shared.ledger.take_open_jobs(),
            elapsed: shared.tally.elapsed(now),
            least_time: least_time(&shared.operation.limits, batches),
            failures: shared.ledger.take_failures(),
            reasons: shared.ledger.take_reasons(),
            warnings: shared.ledger.take_warnings(),
        };
        tell_end(&report);
        Closed {
            report,
            stopped: shared.stop.why(),
            source,
        }
    }
}

fn tell_end(report: &Report) {
    let counts = &report.counts;
    tracing::info!(
        operation = report.operation,
        run_id = report.run_id,
        rows = report.rows,
        completed = counts.completed,
        accepted = counts.accepted,
        failed = counts.failed,
        rejected = counts.rejected,
        unknown = counts.unknown,
        requests = report.usage.requests,
        elapsed = %Seconds(report.elapsed),
        "a run has ended"
    );
}

impl Closed {
    fn into_result(self) -> Result<Report, RunError> {
        let Closed {
            report,
            stopped,
            source,
        } = self;
        match stopped {
            None => Ok(report),
            Some(error) => Err(RunError {
                error,
                report: Box::new(report),
                read_whole: source == Source::Whole,
            }),
        }
    }
}

#[cfg(test)]
mod tests;
