//! The far end of a run: takes batches from the queue and keeps several of them under way.

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tracing::Instrument;

use super::Pending;
use super::deliver::{Place, deliver};
use super::resume::resume;
use crate::jobs;
use crate::shared::Shared;

/// Batches that wait for their turn under the limits. More of them would be no sooner at Klaviyo, only
/// earlier in memory; with two, the next is at hand when one goes out.
const WAITING: usize = 2;

/// Sends every batch that comes, until the queue is closed and every batch and job has its end.
///
/// After a stop, batches that still come are dropped, which enters their rows as never sent.
pub(super) async fn run(shared: Arc<Shared>, mut batches: mpsc::Receiver<Pending>) {
    let room = Arc::new(Semaphore::new(shared.max_in_flight));
    let waiting_room = Arc::new(Semaphore::new(WAITING));
    let mut tasks = JoinSet::new();
    let (begun, jobs) = mpsc::unbounded_channel();
    let work = async {
        while let Some(pending) = batches.recv().await {
            let Ok(under_way) = Arc::clone(&room).acquire_owned().await else {
                return;
            };
            let Ok(waiting) = Arc::clone(&waiting_room).acquire_owned().await else {
                return;
            };
            let place = Place { under_way, waiting };
            tokio::select! {
                () = shared.store.has_room() => {}
                () = shared.stop.raised() => {}
            }
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
