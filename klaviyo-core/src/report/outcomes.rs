//! The ends of rows as they become known, for who wants to see each of them.
//!
//! The near side of the queue never waits: ends are entered where nothing can (a batch that is
//! dropped). What waits is the handing over of further batches, until the reader has caught up.

use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use futures::Stream;
use tokio::sync::{Notify, mpsc};

use super::failures::{Failures, Position};
use super::{Cause, RowFailure};
use crate::outcome::Outcome;

/// Ends that may wait for the reader before no more batches are handed over: less than a megabyte.
/// Rows of one batch with the same end, one behind the other, wait as one; reasons wait in the
/// report's own file.
///
/// What was handed over by then still enters its ends. So beyond these there may wait one for each
/// row of the batches under way and of the jobs that are not finished, some tens of bytes each.
const MOST_WAITING: usize = 10_000;

/// The end of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowOutcome {
    /// The row's number in the source, from 0.
    pub row: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it did not get through, or may not have; `None` for `accepted` and `completed`.
    pub failure: Option<RowFailure>,
}

/// What waits for the reader.
#[derive(Debug)]
enum End {
    /// Rows of which nothing more is to be said.
    Passed(Outcome, Range<u64>),
    /// A row whose reason stands among the failures.
    Failed(Outcome, u64, Position),
}

/// The near side: where ends are entered.
#[derive(Debug)]
pub(super) struct Listener {
    ends: mpsc::UnboundedSender<End>,
    backlog: Arc<Backlog>,
}

/// How far the reader is behind.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    waiting: AtomicUsize,
    abandoned: AtomicBool,
    caught_up: Notify,
}

/// The ends of a run's rows in the order in which they become known: a [`Stream`].
///
/// It is to be read while rows are pushed, from another task or in turn: when too many ends wait,
/// the run takes no further batch. Dropped, it holds nothing up any more.
#[derive(Debug)]
pub struct Outcomes {
    ends: mpsc::UnboundedReceiver<End>,
    backlog: Arc<Backlog>,
    failures: Failures,
    /// What is left of the rows that ended together.
    passing: Option<(Outcome, Range<u64>)>,
}

/// Both sides; reasons are read from `failures`.
pub(super) fn outcomes(failures: Failures) -> (Listener, Outcomes) {
    let (sender, ends) = mpsc::unbounded_channel();
    let backlog = Arc::<Backlog>::default();
    let listener = Listener {
        ends: sender,
        backlog: Arc::clone(&backlog),
    };
    let outcomes = Outcomes {
        ends,
        backlog,
        failures,
        passing: None,
    };
    (listener, outcomes)
}

impl Listener {
    pub(super) fn passed(&self, outcome: Outcome, rows: Range<u64>) {
        self.say(End::Passed(outcome, rows));
    }

    pub(super) fn failed(&self, outcome: Outcome, row: u64, reason: Position) {
        self.say(End::Failed(outcome, row, reason));
    }

    pub(super) fn backlog(&self) -> Arc<Backlog> {
        Arc::clone(&self.backlog)
    }

    fn say(&self, end: End) {
        // Counted first: a quick reader takes it off the count as soon as it is there.
        self.backlog.waiting.fetch_add(1, Ordering::Relaxed);
        if self.ends.send(end).is_err() {
            // Nobody is there to hear it any more.
            self.backlog.waiting.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Backlog {
    /// Whether the reader is so far behind that it is to be waited for.
    pub(crate) fn is_full(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > MOST_WAITING
            && !self.abandoned.load(Ordering::Relaxed)
    }

    /// Ends when the reader has caught up, or is gone.
    pub(crate) async fn has_room(&self) {
        loop {
            // Asked for before the check, so that what happens between the two is not missed.
            let caught_up = self.caught_up.notified();
            if !self.is_full() {
                return;
            }
            caught_up.await;
        }
    }
}

impl Outcomes {
    fn read(&self, outcome: Outcome, row: u64, mut reason: Position) -> RowOutcome {
        let failure = match self.failures.next_at(&mut reason) {
            Some(Ok(failure)) => failure,
            Some(Err(error)) => unread(outcome, row, &error.to_string()),
            None => unread(outcome, row, "it is not there any more"),
        };
        RowOutcome {
            row,
            outcome,
            failure: Some(failure),
        }
    }
}

/// A row keeps its end when its reason is lost.
fn unread(outcome: Outcome, row: u64, why: &str) -> RowFailure {
    let detail = format!("the reason could not be read back: {why}");
    Cause::new("reason_unread", detail).failure(row, outcome, None)
}

impl Stream for Outcomes {
    type Item = RowOutcome;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some((outcome, rows)) = &mut self.passing
                && let Some(row) = rows.next()
            {
                let passed = RowOutcome {
                    row,
                    outcome: *outcome,
                    failure: None,
                };
                return Poll::Ready(Some(passed));
            }
            let Some(end) = ready!(self.ends.poll_recv(context)) else {
                return Poll::Ready(None);
            };
            self.backlog.waiting.fetch_sub(1, Ordering::Relaxed);
            if !self.backlog.is_full() {
                self.backlog.caught_up.notify_waiters();
            }
            match end {
                End::Passed(outcome, rows) => self.passing = Some((outcome, rows)),
                End::Failed(outcome, row, reason) => {
                    return Poll::Ready(Some(self.read(outcome, row, reason)));
                }
            }
        }
    }
}

impl Drop for Outcomes {
    fn drop(&mut self) {
        self.backlog.abandoned.store(true, Ordering::Relaxed);
        self.backlog.caught_up.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, StreamExt};

    use super::*;

    /// A reader that takes each end as soon as it is there never makes the backlog seem full.
    #[test]
    fn an_end_that_is_taken_at_once_is_counted_before() {
        const ENDS: u64 = 200_000;
        let (listener, mut outcomes) = outcomes(Failures::default());
        let backlog = listener.backlog();
        let taken = Arc::<AtomicUsize>::default();
        let seen = Arc::clone(&taken);
        let giver = std::thread::spawn(move || {
            for row in 0..ENDS {
                listener.passed(Outcome::Completed, row..row + 1);
                while seen.load(Ordering::Acquire) as u64 <= row {
                    std::thread::yield_now();
                }
            }
        });
        let mut waiting_most = 0;
        for _ in 0..ENDS {
            while outcomes.next().now_or_never().is_none() {
                std::hint::spin_loop();
            }
            waiting_most = waiting_most.max(backlog.waiting.load(Ordering::Relaxed));
            taken.fetch_add(1, Ordering::Release);
        }
        giver.join().unwrap();
        assert_eq!(waiting_most, 0, "the only end was taken");
    }
}
