//! The far end of a run: takes batches from the queue and keeps several of them under way.

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tracing::Instrument;

use super::Pending;
use super::deliver::deliver;
use super::resume::resume;
use crate::jobs;
use crate::shared::Shared;

/// Sends every batch that comes, until the queue is closed and every batch and job has its end.
///
/// After a stop, batches that still come are dropped, which enters their rows as never sent.
pub(super) async fn run(shared: Arc<Shared>, mut batches: mpsc::Receiver<Pending>) {
    let room = Arc::new(Semaphore::new(shared.max_in_flight));
    let mut tasks = JoinSet::new();
    let (begun, jobs) = mpsc::unbounded_channel();
    let work = async {
        while let Some(pending) = batches.recv().await {
            let Ok(place) = Arc::clone(&room).acquire_owned().await else {
                return;
            };
            if shared.stop.is_raised() {
                continue;
            }
            match resume(&shared, pending).await {
                Ok(work) if work.is_empty() => {}
                Ok(work) => {
                    let delivery = deliver(Arc::clone(&shared), work, place, begun.clone());
                    tasks.spawn(delivery.in_current_span());
                }
                Err(error) => shared.stop.raise(error.into()),
            }
            while let Some(ended) = tasks.try_join_next() {
                pass_on_panic(ended);
            }
        }
        while let Some(ended) = tasks.join_next().await {
            pass_on_panic(ended);
        }
        drop(begun);
    };
    let cancelled = tokio::select! {
        _ = futures::future::join(work, jobs::follow(&shared, jobs)) => false,
        () = shared.cancel.raised() => true,
    };
    if cancelled {
        tasks.shutdown().await;
    }
}

/// A panic of a task is a bug: it must not pass for a quiet end.
fn pass_on_panic(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        std::panic::resume_unwind(error.into_panic());
    }
}
