//! Halves a batch that was refused without a word on which row is meant, until the guilty rows stand
//! alone or the request turns out to be at fault.
//!
//! A 400 is the request's when both halves of the first split are refused alike. A 413 need not be: a
//! gateway may take less than half a batch. It is the request's once a single row is refused for its
//! size too, and nothing of the batch got through. Both halves are tried before either is split, and
//! the larger one is split first: so this is known after two requests for each halving, and a row that
//! is too large by itself is not taken for the request.

use std::cmp::Reverse;
use std::sync::atomic::Ordering::Relaxed;

use futures::future::BoxFuture;

use super::deliver::{Delivery, Unlocated};
use super::pending::Blame;
use crate::error::Error;

impl Delivery<'_> {
    /// Splits a batch that was refused.
    pub(super) async fn split(&self, whole: Unlocated) {
        let by_size = whole.is_too_large();
        let halves = match self.send_halves(whole).await {
            Ok(halves) => halves,
            Err(alone) => {
                // No smaller request can be compared with it.
                alone.settle(Blame::Rows);
                return;
            }
        };
        match <[Unlocated; 2]>::try_from(halves) {
            Ok([one, other]) if !by_size && one.cause == other.cause => {
                one.settle(Blame::Request);
                self.shared.stop.raise(other.settle(Blame::Request));
            }
            Ok(halves) => {
                self.split_each(halves.into()).await;
            }
            Err(one) => {
                self.split_each(one).await;
            }
        }
    }

    /// Splits parts of a batch; gives what turned out to be at fault.
    fn split_each(&self, parts: Vec<Unlocated>) -> BoxFuture<'_, Blame> {
        Box::pin(async move {
            let mut blame = Blame::Rows;
            for part in parts {
                if blame == Blame::Request {
                    part.settle(blame);
                } else if !self.shared.stop.is_raised() {
                    // Once the run has stopped, dropping it says that its rows were not taken.
                    blame = self.split_part(part).await;
                }
            }
            blame
        })
    }

    async fn split_part(&self, part: Unlocated) -> Blame {
        let alone = match self.send_halves(part).await {
            Ok(halves) => return self.split_each(halves).await,
            Err(alone) => alone,
        };
        if alone.is_too_large() && !self.got_through.load(Relaxed) {
            self.shared.stop.raise(alone.settle(Blame::Request));
            return Blame::Request;
        }
        alone.settle(Blame::Rows);
        Blame::Rows
    }

    /// Sends both halves; gives those that are to be split in turn, the larger one first. `Err` gives
    /// a single row back.
    async fn send_halves(&self, whole: Unlocated) -> Result<Vec<Unlocated>, Box<Unlocated>> {
        let (one, other) = match whole.pending.halves() {
            Ok(halves) => halves,
            Err(alone) => {
                let pending = *alone;
                return Err(Box::new(Unlocated { pending, ..whole }));
            }
        };
        let one = self.send(one).await;
        let other = self.send(other).await;
        let mut refused: Vec<Unlocated> = [one, other].into_iter().flatten().collect();
        refused.sort_by_key(|half| Reverse(half.pending.rows()));
        Ok(refused)
    }
}

impl Unlocated {
    /// Whether it was refused for its size (413).
    fn is_too_large(&self) -> bool {
        self.error.status() == Some(413)
    }

    /// Its rows were refused; gives the error.
    fn settle(self, blame: Blame) -> Error {
        self.pending.settle_refused(&self.cause, blame);
        self.error
    }
}
