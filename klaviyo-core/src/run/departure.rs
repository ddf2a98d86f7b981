//! A batch goes out: whoever watches the run learns of it when its turn has come, not before.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::OwnedSemaphorePermit;

use super::pending::Pending;
use crate::error::Error;
use crate::exchange::Herald;
use crate::progress::OneMore;
use crate::shared::Shared;

/// A batch under way. Its rows count as sent once, however often it, or parts of it, are.
#[derive(Debug)]
pub(super) struct Departure<'a> {
    shared: &'a Shared,
    rows: u64,
    is_out: AtomicBool,
    /// Its place among those that wait for their turn, for the next one.
    waiting: Mutex<Option<OwnedSemaphorePermit>>,
    /// It is open until its last part is answered.
    _open: OneMore,
}

impl<'a> Departure<'a> {
    pub(super) fn of(
        shared: &'a Shared,
        pending: &Pending,
        waiting: Option<OwnedSemaphorePermit>,
    ) -> Self {
        Departure {
            shared,
            rows: pending.rows() as u64,
            is_out: AtomicBool::new(false),
            waiting: Mutex::new(waiting),
            _open: shared.tally.batches_open.one_more(),
        }
    }

    fn goes_out(&self) {
        if !self.is_out.swap(true, Ordering::Relaxed) {
            let waiting = &mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            drop(waiting.take());
            let now = self.shared.exchange.clock.now();
            self.shared.tally.send(self.rows, now);
        }
    }
}

/// A batch, or a part of one, about to be sent.
#[derive(Debug)]
pub(super) struct Outgoing<'a> {
    pending: &'a Pending,
    departure: &'a Departure<'a>,
}

impl<'a> Outgoing<'a> {
    pub(super) fn new(pending: &'a Pending, departure: &'a Departure<'a>) -> Self {
        Outgoing { pending, departure }
    }
}

impl Herald for Outgoing<'_> {
    fn announce(&self) -> BoxFuture<'_, Result<(), Error>> {
        let announced = self.pending.announce();
        async move {
            announced.await?;
            self.departure.goes_out();
            Ok(())
        }
        .boxed()
    }
}
