//! Follows the jobs of a run to their end, and enters what became of their rows.

use std::sync::Arc;

use futures::FutureExt;
use tokio::sync::mpsc::UnboundedReceiver;

use super::Job;
use super::answer::State;
use super::read::Reader;
use super::tie::{Items, tie};
use super::watch::{Attention, End, Watch, Watched};
use crate::report::Cause;
use crate::shared::Shared;

/// Follows each job from when it begins, until it ends or nobody wants to know any more.
///
/// A stop of the run, the deadline, or looks that cannot succeed end the looking; the rows then
/// stay accepted, and the job is left open.
pub(crate) async fn follow(shared: &Shared, begun: UnboundedReceiver<Watched<Job>>) {
    let Some(kind) = shared.jobs else { return };
    let attention = match (&shared.job_room, shared.wait) {
        (_, true) => Attention::Always,
        (Some(room), false) => Attention::WhenFull(Arc::clone(room)),
        // Nobody asks, then or later.
        (None, false) => return,
    };
    let reader = Reader {
        kind,
        exchange: &shared.exchange,
        meter: &shared.meter,
        stop: &shared.stop,
    };
    Watch::new(reader, shared.job_deadline)
        .run(begun, attention, |job, end| {
            enter(shared, reader, job, end).boxed()
        })
        .await;
}

/// Enters the ends of a job's rows.
async fn enter(shared: &Shared, reader: Reader<'_>, job: Job, end: End) {
    tell(shared, &job.handle.id, &end);
    match end {
        End::Complete(state) => {
            let now = shared.exchange.clock.now();
            shared.tally.job_ended(now.since(job.began));
            complete(reader, job, &state).await;
        }
        End::Cancelled => {
            let cause = Cause::new("job_cancelled", "Klaviyo cancelled the job");
            job.unknown(&cause, true).await;
        }
        End::Expired => {
            let detail = "the job was not finished when its time was over";
            job.unknown(&Cause::new("job_expired", detail), true).await;
        }
        End::Vanished => {
            let detail = "Klaviyo does not know the job any more";
            job.unknown(&Cause::new("job_vanished", detail), true).await;
        }
        // Dropped, it leaves its rows accepted.
        End::Open(_) => drop(job),
        End::Unseen(error) => {
            let what = "jobs could not be followed to their end, so their rows stay accepted";
            shared.ledger.warn_of(what, &error);
        }
    }
}

fn tell(shared: &Shared, job: &str, end: &End) {
    let operation = shared.operation.id;
    match end {
        End::Complete(State { failed_count, .. }) => {
            tracing::debug!(operation, job, failed = failed_count, "a job is complete");
        }
        End::Cancelled => tracing::warn!(operation, job, "Klaviyo cancelled a job"),
        End::Expired => tracing::warn!(operation, job, "a job's time is over"),
        End::Vanished => tracing::warn!(operation, job, "Klaviyo does not know a job any more"),
        End::Open(_) => tracing::warn!(operation, job, "a job is waited for no longer"),
        // It is among the run's warnings.
        End::Unseen(_) => {}
    }
}

/// Enters the ends of a complete job's rows.
async fn complete(reader: Reader<'_>, job: Job, state: &State) {
    let Some(retained) = &job.retained else {
        return;
    };
    if state.is_clean(retained.len() as u64) {
        return job.completed();
    }
    let errors = match reader.errors(&job.handle.id, state, retained.len()).await {
        Ok(errors) => errors,
        Err(error) => {
            let detail = format!("the job reports errors, and reading them failed: {error}");
            return job
                .unknown(&Cause::new("job_errors_unread", detail), false)
                .await;
        }
    };
    let batch = match retained.load().await {
        Ok(batch) => batch,
        Err(error) => {
            let detail =
                format!("the job reports errors, and its rows could not be read back: {error}");
            return job
                .unknown(&Cause::new("job_errors_unread", detail), false)
                .await;
        }
    };
    let ends = tie(&Items::of_batch(reader.kind.items, &batch), &errors, state);
    job.enter(&batch, ends);
}
