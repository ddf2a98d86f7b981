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
use crate::target::target;
use crate::transport::Request;

/// Wait before a job is first looked at; it grows by half from look to look. Jobs of Klaviyo's take
/// seconds to minutes.
const FIRST_LOOK: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Looks at a job until it ends, then enters the end of each of its rows.
///
/// A stop of the run or the deadline ends the looking; the rows then stay accepted.
pub(crate) async fn follow(shared: &Shared, job: Job) {
    let Some(operation) = shared.job else { return };
    let mut wait = FIRST_LOOK;
    loop {
        let now = shared.exchange.clock.now();
        if now.since(job.began) >= shared.job_deadline {
            return;
        }
        tokio::select! {
            biased;
            () = shared.stop.raised() => return,
            () = shared.exchange.clock.sleep(wait) => {}
        }
        wait = wait.mul_f64(1.5).min(LONGEST_WAIT);
        let state = match look(shared, operation, &job.id).await {
            Ok(state) => state,
            Err(error) if error.status() == Some(404) => {
                return job.unknown(&Cause::new(
                    "job_vanished",
                    "Klaviyo does not know the job any more",
                ));
            }
            // Nothing is known of the rows beyond that they were accepted.
            Err(_) if shared.stop.is_raised() => return,
            Err(error) => {
                tracing::warn!(operation = operation.id, %error, "looking at a job failed");
                continue;
            }
        };
        match state.status.as_deref() {
            Some("complete") => return complete(shared, job, &state).await,
            Some("cancelled") => {
                return job.unknown(&Cause::new("job_cancelled", "Klaviyo cancelled the job"));
            }
            _ => {}
        }
    }
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
    let errors = match errors(shared, &job.id).await {
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
    let failed = state.failed_count;
    let done = state
        .completed_count
        .unwrap_or(rows - failed.unwrap_or(0).min(rows));
    let counts_agree = state.total_count.is_none_or(|total| total == rows)
        && done + failed.unwrap_or(errors.len() as u64) == rows;
    let items = shared
        .operation
        .caps
        .and_then(|caps| caps.items)
        .unwrap_or("");
    let ends = tie(items, &batch, &errors, failed, counts_agree);
    job.enter(&batch, ends);
}

/// All errors of a job, page by page.
async fn errors(shared: &Shared, id: &str) -> Result<Vec<ItemError>, Error> {
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
        next = match page.next {
            None => None,
            Some(link) => match shared.origin.target_of(&link) {
                Some(target) => Some(target.to_owned()),
                None => return Err(unreadable(format!("the next page is elsewhere: {link}"))),
            },
        };
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
