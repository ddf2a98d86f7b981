//! A run over an iterator, seen row by row.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::{Stream, StreamExt};

use crate::report::{Outcomes, Report, RowOutcome, RunError};

/// A run over an iterator as a [`Stream`] of the ends of its rows, in the order in which they become
/// known. Rows are read as the stream is; dropped, it ends the run.
///
/// A run that stops on an error still gives every row that was read its end;
/// [`OutcomeStream::report`] says why it stopped.
#[must_use = "a stream does nothing until it is read"]
pub struct OutcomeStream<F> {
    outcomes: Outcomes,
    driving: Driving<F>,
}

/// The reading of the rows, and what it came to.
enum Driving<F> {
    UnderWay(Pin<Box<F>>),
    Ended(Box<Result<Report, RunError>>),
}

impl<F> OutcomeStream<F>
where
    F: Future<Output = Result<Report, RunError>>,
{
    pub(super) fn new(outcomes: Outcomes, driving: F) -> Self {
        OutcomeStream {
            outcomes,
            driving: Driving::UnderWay(Box::pin(driving)),
        }
    }

    /// Sees the run to its end, whatever was read of the stream, and gives its report.
    ///
    /// # Errors
    /// When the run stopped; the error carries the report.
    pub async fn report(self) -> Result<Report, RunError> {
        drop(self.outcomes);
        match self.driving {
            Driving::UnderWay(driving) => driving.await,
            Driving::Ended(result) => *result,
        }
    }
}

impl<F> Stream for OutcomeStream<F>
where
    F: Future<Output = Result<Report, RunError>>,
{
    type Item = RowOutcome;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let ready @ Poll::Ready(Some(_)) = self.outcomes.poll_next_unpin(context) {
            return ready;
        }
        if let Driving::UnderWay(driving) = &mut self.driving
            && let Poll::Ready(result) = driving.as_mut().poll(context)
        {
            self.driving = Driving::Ended(Box::new(result));
        }
        // What the reading of rows has just brought about, or the end.
        self.outcomes.poll_next_unpin(context)
    }
}

impl<F> fmt::Debug for OutcomeStream<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ended = matches!(self.driving, Driving::Ended(_));
        formatter
            .debug_struct("OutcomeStream")
            .field("ended", &ended)
            .finish_non_exhaustive()
    }
}
