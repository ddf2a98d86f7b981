//! Sees one batch to its end: sent whole, without its refused rows, or in halves.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use klaviyo_gen::ItemErrors;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tracing::{Instrument, Span};

use super::departure::{Departure, Outgoing};
use super::pending::{Blame, Pending};
use super::refusal::{Refusal, read_refusal};
use super::resume::Work;
use crate::chunk::Batch;
use crate::classify::Ending;
use crate::error::Error;
use crate::exchange::Failure;
use crate::jobs::{self, Job, JobHandle, Watched};
use crate::outcome::Outcome;
use crate::report::Cause;
use crate::shared::Shared;
use crate::trace::Told;
use crate::transport::{Request, Response};

/// So many batches in a row failing on Klaviyo's side are an outage, not a batch that it stumbles over.
const OUTAGE: u32 = 3;

/// Where jobs go that Klaviyo began; dropped on the way, they are left open.
pub(super) type Begun = mpsc::UnboundedSender<Watched<Job>>;

/// A batch's places: among those under way, and, until it goes out, among those that wait.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) under_way: OwnedSemaphorePermit,
    pub(super) waiting: OwnedSemaphorePermit,
}

/// Sees one batch to its end, or to its jobs.
pub(super) async fn deliver(shared: Arc<Shared>, work: Work, place: Place, begun: Begun) {
    let Place { under_way, waiting } = place;
    let mut waiting = Some(waiting);
    for open in work.jobs {
        let room = shared.room_for_a_job().await;
        let job = Job::new(&shared, open.handle, open.batch, open.record, room);
        drop(begun.send(job));
    }
    for pending in work.unsent {
        let span = span_of(&pending);
        let delivery = Delivery {
            shared: &shared,
            departure: Departure::of(&shared, &pending, waiting.take()),
            begun: &begun,
            got_through: AtomicBool::new(false),
        };
        let sending = async {
            if let Some(unlocated) = delivery.send(pending).await {
                delivery.split(unlocated).await;
            }
        };
        sending.instrument(span).await;
    }
    drop(under_way);
}

/// What a trace says of a batch: its rows and its size, never a body.
fn span_of(pending: &Pending) -> Span {
    let Some(batch) = pending.batch() else {
        return Span::none();
    };
    tracing::debug_span!(
        "batch",
        first_row = batch.row(0),
        rows = batch.len(),
        bytes = batch.body().len(),
    )
}

/// A batch on its way, whole or in parts.
pub(super) struct Delivery<'a> {
    pub(super) shared: &'a Shared,
    departure: Departure<'a>,
    begun: &'a Begun,
    /// Whether a request with a part of it was taken.
    pub(super) got_through: AtomicBool,
}

/// A batch that was refused without a word on which row is meant.
pub(super) struct Unlocated {
    pub(super) pending: Pending,
    pub(super) cause: Cause,
    pub(super) error: Error,
}

impl Delivery<'_> {
    /// Sends a batch or a part of one, and again without the rows that are refused, until the rest is
    /// taken or it is unclear which row is meant.
    pub(super) async fn send(&self, pending: Pending) -> Option<Unlocated> {
        let shared = self.shared;
        let operation = shared.operation.id;
        let mut rest = Some(pending);
        while let Some(pending) = rest.take() {
            if let Some(error) = known_refusal(shared, pending.batch()?) {
                let cause = Cause::of_error(&error);
                return Some(Unlocated {
                    pending,
                    cause,
                    error,
                });
            }
            let room = shared.room_for_a_job().await;
            let batch = pending.batch()?;
            let bytes = batch.body().len();
            let request = request(shared, batch);
            let repeat_is_safe = shared.repeat_is_safe(batch);
            let outgoing = Outgoing::new(&pending, &self.departure);
            let context = shared.context(repeat_is_safe, &pending.in_doubt, Some(&outgoing));
            let failure = match shared.exchange.send(&request, context).await {
                Ok(response) => {
                    shared.outages.over();
                    shared.sizes.taken(bytes);
                    self.got_through.store(true, Relaxed);
                    if let Some(job) = taken(shared, pending, &response, room) {
                        drop(self.begun.send(job));
                    }
                    return None;
                }
                Err(failure) => failure,
            };
            let refused = matches!(failure.ending, Some(Ending::Refused | Ending::TooLarge));
            if !refused {
                failed(shared, pending, &failure);
                return None;
            }
            shared.outages.heard();
            match read_refusal(shared.operation, &failure.error, pending.batch()?) {
                Refusal::Rows(causes) => {
                    let rows: usize = causes.iter().map(|(rows, _)| rows.len()).sum();
                    tracing::info!(
                        operation,
                        rows,
                        "rows were refused, the others are sent again"
                    );
                    rest = pending.settle_some(&causes);
                }
                Refusal::Request(cause) => {
                    pending.settle_refused(&cause, Blame::Request);
                    shared.stop.raise(failure.error);
                }
                Refusal::Unlocated(cause) => {
                    let (rows, status) = (pending.rows(), failure.error.status());
                    tracing::info!(
                        operation,
                        rows,
                        status,
                        "refused without naming rows, halved"
                    );
                    if status == Some(413) {
                        shared.sizes.refused(bytes, &failure.error);
                    }
                    return Some(Unlocated {
                        pending,
                        cause,
                        error: failure.error,
                    });
                }
            }
        }
        None
    }
}

/// The refusal that is spared a batch, since one no larger met it. A single row has its own try: it
/// cannot be made smaller.
fn known_refusal(shared: &Shared, batch: &Batch) -> Option<Error> {
    let error = shared.sizes.refusal_of(batch.body().len());
    let error = error.filter(|_| batch.len() > 1)?;
    let warning = "a request below Klaviyo's caps was refused as too large (413), by a proxy or a gateway \
                   perhaps, so batches go out in smaller parts";
    shared.ledger.warn(warning);
    Some(error)
}

fn request(shared: &Shared, batch: &Batch) -> Request {
    Request::new(
        shared.operation,
        shared.target.clone(),
        batch.body().clone(),
    )
}

/// Klaviyo took the batch: its rows are done, accepted, or wait for a job.
fn taken(
    shared: &Shared,
    pending: Pending,
    response: &Response,
    room: Option<OwnedSemaphorePermit>,
) -> Option<Watched<Job>> {
    let status = response.status;
    let mut expected = shared.operation.success.iter();
    if !expected.any(|success| success.status == status) {
        // Something between us and Klaviyo answered, a captive portal say.
        let detail =
            format!("the answer {status} is none of this operation's; it may not be Klaviyo's");
        pending.in_doubt.store(true, Relaxed);
        doubted(shared, pending, &Cause::new("unexpected_answer", detail));
        return None;
    }
    let begun = shared.jobs.and_then(|_| jobs::Begun::read(&response.body));
    shared.ledger.batch_done(begun.is_some());
    if let Some(begun) = begun {
        let (batch, record) = pending.take()?;
        let handle = JobHandle {
            operation: shared.operation.id.to_owned(),
            id: begun.id,
            rows: batch.rows().collect(),
            began: shared.exchange.clock.utc(),
            expires: begun.expires,
        };
        let (operation, job, rows) = (shared.operation.id, &handle.id, batch.len());
        tracing::debug!(operation, job, rows, "a job began");
        return Some(Job::new(shared, handle, batch, record, room));
    }
    if shared.jobs.is_some() {
        let warning = "a request was taken without naming its job, so its rows stay accepted";
        shared.ledger.warn(warning);
    }
    let caps = shared.operation.caps;
    if caps.is_some_and(|caps| caps.item_errors == ItemErrors::IngestionLog) {
        // It names records by ids that no row need hold, and never says that all is read: rows cannot
        // be tied to it.
        let warning = "records are checked after the answer, so their rows stay accepted; what went \
                       wrong stands in the ingestion log of their object type \
                       (get_ingestion_logs_for_object_type)";
        shared.ledger.warn(warning);
    }
    pending.settle(if caps.is_some_and(|caps| caps.synchronous) {
        Outcome::Completed
    } else {
        Outcome::Accepted
    });
    None
}

/// The request came to no good end, for a reason that lies in no row.
fn failed(shared: &Shared, pending: Pending, failure: &Failure) {
    let error = &failure.error;
    let (operation, rows, doubt) = (shared.operation.id, pending.rows(), failure.maybe_applied);
    tracing::warn!(operation, rows, doubt, "given up: {}", Told(error));
    if ends_the_run(shared, &pending, failure) {
        shared.stop.raise(error.clone());
    } else {
        let what =
            "Klaviyo failed for a batch, or did not answer it, and no further attempt was made";
        shared.ledger.warn_of(what, error);
    }
    let cause = Cause::of_error(error);
    if failure.maybe_applied {
        return doubted(shared, pending, &cause);
    }
    shared.unsettled.store(true, Relaxed);
    if matches!(failure.ending, Some(Ending::Hopeless)) {
        pending.settle_for(Outcome::Failed, &cause, false);
    }
    // Else it was never taken, which dropping it says.
}

/// Nobody knows whether the batch was applied. A resumed run sends it again where that is safe;
/// elsewhere this is its end.
fn doubted(shared: &Shared, pending: Pending, cause: &Cause) {
    let again = pending
        .batch()
        .is_some_and(|batch| shared.repeat_is_safe(batch));
    if again {
        shared.unsettled.store(true, Relaxed);
    }
    pending.settle_for(Outcome::Unknown, cause, !again);
}

/// Whether the next batches would fare no better.
fn ends_the_run(shared: &Shared, pending: &Pending, failure: &Failure) -> bool {
    if !matches!(failure.ending, Some(Ending::Unavailable { .. })) {
        // Refused for good, told to wait longer than is allowed, or stopped before its turn.
        return true;
    }
    let batch = pending.batch();
    if failure.maybe_applied && !batch.is_some_and(|batch| shared.repeat_is_safe(batch)) {
        // Sent again, it might have been answered.
        shared.outages.heard();
    }
    let in_a_row = shared.outages.failed(&failure.error);
    let attempts = match &failure.error {
        Error::Transport { attempts, .. } => *attempts,
        _ => 0,
    };
    in_a_row >= OUTAGE || attempts >= shared.exchange.retry.attempts
}
