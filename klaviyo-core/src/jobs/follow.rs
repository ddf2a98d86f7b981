//! Polls one job to its end.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bytes::Bytes;
use klaviyo_gen::{ItemErrors, Operation, Place};

use super::Job;
use super::answer::{ErrorPage, ItemError, State};
use super::tie::tie;
use crate::error::Error;
use crate::report::Cause;
use crate::shared::Shared;
use crate::target::{target, target_of_link};
use crate::transport::Request;

/// Wait before a job is first looked at; it grows by half from look to look. Jobs of Klaviyo's take
/// seconds to minutes.
const FIRST_LOOK: Duration = Duration::from_secs(1);
/// A row can have several errors, but pages that hold more than this lead in a circle.
const MOST_ERRORS_OF_A_ROW: usize = 20;
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// So many looks in a row without an answer, each with all its attempts, and the looking ends.
const PATIENCE: u32 = 3;

/// Looks at a job until it ends, then enters the end of each of its rows.
///
/// A stop of the run, the deadline, or looks that cannot succeed end the looking; the rows then
/// stay accepted.
pub(crate) async fn follow(shared: &Shared, job: Job) {
    let Some(operation) = shared.job else { return };
    let mut wait = FIRST_LOOK;
    let mut missed = 0;
    let mut seen = false;
    while shared.exchange.clock.now().since(job.began) < shared.job_deadline {
        tokio::select! {
            biased;
            () = shared.stop.raised() => return,
            () = shared.exchange.clock.sleep(wait) => {}
        }
        wait = wait.mul_f64(1.5).min(LONGEST_WAIT);
        let error = match look(shared, operation, &job.id).await {
            Ok(state) => {
                (missed, seen) = (0, true);
                match state.status.as_deref() {
                    Some("complete") => return complete(shared, job, &state).await,
                    Some("cancelled") => return job.unknown(&cancelled()),
                    _ => continue,
                }
            }
            Err(error) => error,
        };
        if shared.stop.is_raised() {
            return;
        }
        missed += 1;
        // Right after its beginning a job may not be known everywhere yet.
        let vanished = error.status() == Some(404);
        if vanished && (seen || missed >= PATIENCE) {
            return job.unknown(&vanished_job());
        }
        if !vanished && (missed >= PATIENCE || is_hopeless(&error)) {
            shared.ledger.warn(format!(
                "jobs could not be followed to their end, so their rows stay accepted: {error}"
            ));
            return;
        }
    }
}

/// Whether looking again would fare no better: a key without the scope to read jobs, say.
fn is_hopeless(error: &Error) -> bool {
    matches!(error.status(), Some(400..=499))
}

fn cancelled() -> Cause {
    Cause::new("job_cancelled", "Klaviyo cancelled the job")
}

fn vanished_job() -> Cause {
    Cause::new("job_vanished", "Klaviyo does not know the job any more")
}

async fn look(shared: &Shared, operation: &'static Operation, id: &str) -> Result<State, Error> {
    let body = get(shared, operation, target(operation, &[id], &[])).await?;
    State::read(&body).map_err(|detail| Error::UnreadableAnswer {
        operation: operation.id,
        detail,
    })
}

/// Enters the ends of a complete job's rows.
async fn complete(shared: &Shared, job: Job, state: &State) {
    let Some(retained) = &job.retained else {
        return;
    };
    let rows = retained.len() as u64;
    if state.is_clean(rows) {
        return job.completed();
    }
    let errors = match errors(shared, &job.id, retained.len()).await {
        Ok(errors) => errors,
        Err(error) => {
            let detail = format!("the job reports errors, and reading them failed: {error}");
            return job.unknown(&Cause::new("job_errors_unread", detail));
        }
    };
    let batch = match retained.load() {
        Ok(batch) => batch,
        Err(error) => {
            let detail =
                format!("the job reports errors, and its rows could not be read back: {error}");
            return job.unknown(&Cause::new("job_errors_unread", detail));
        }
    };
    let items = shared
        .operation
        .caps
        .and_then(|caps| caps.items)
        .unwrap_or("");
    let ends = tie(items, &batch, &errors, state);
    job.enter(&batch, ends);
}

/// All errors of a job, page by page.
async fn errors(shared: &Shared, id: &str, rows: usize) -> Result<Vec<ItemError>, Error> {
    let pages = shared.operation.caps.map(|caps| caps.item_errors);
    let Some(ItemErrors::Pages(operation)) = pages else {
        return Ok(Vec::new());
    };
    let Some(operation) = klaviyo_gen::find(operation) else {
        return Ok(Vec::new());
    };
    let size = largest_page(operation).map(|size| size.to_string());
    let query: Vec<(&str, &str)> = size
        .iter()
        .map(|size| ("page[size]", size.as_str()))
        .collect();
    let mut next = Some(target(operation, &[id], &query));
    let mut errors = Vec::new();
    while let Some(target) = next {
        let body = get(shared, operation, target).await?;
        let unreadable = |detail| Error::UnreadableAnswer {
            operation: operation.id,
            detail,
        };
        let page = ErrorPage::read(&body).map_err(unreadable)?;
        errors.extend(page.errors);
        next = page.next.as_deref().map(target_of_link);
        if errors.len() > rows * MOST_ERRORS_OF_A_ROW {
            return Err(unreadable("the pages of errors do not end".to_owned()));
        }
    }
    Ok(errors)
}

fn largest_page(operation: &Operation) -> Option<i64> {
    let sizes = operation.parameters.iter();
    let mut sizes =
        sizes.filter(|parameter| parameter.place == Place::Query && parameter.name == "page[size]");
    sizes.next()?.maximum
}

async fn get(
    shared: &Shared,
    operation: &'static Operation,
    target: String,
) -> Result<Bytes, Error> {
    let request = Request::new(operation, target, Bytes::new());
    let in_doubt = AtomicBool::new(false);
    let context = shared.context(operation.repeat.safe, &in_doubt);
    let answer = shared.exchange.send(&request, context).await;
    answer
        .map(|response| response.body)
        .map_err(|failure| failure.error)
}
