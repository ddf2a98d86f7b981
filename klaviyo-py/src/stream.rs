//! `client.bulk.stream`: the ends of a run's rows one by one, while it goes on.
mod iterators;

use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use klaviyo_core::report::Outcomes;
use klaviyo_core::run::Canceller;
use klaviyo_core::{Error, Report, RowOutcome, Run, RunError};
use pyo3::prelude::*;

use crate::drive::{close, finish, read_slice};
use crate::ending::{Halt, conclude};
use crate::source::{Rows, Sink, Slice};
use crate::watched::{Closed, Watched, Watching};
use crate::work::{Place, Waiter};
pub(crate) use iterators::{AsyncOutcomeStream, OutcomeStream};

/// A run that is streamed.
pub(crate) struct Streaming {
    /// `None` once nobody wants to know any more.
    outcomes: Option<Outcomes>,
    canceller: Canceller,
    stage: Stage,
    report: Option<Py<PyAny>>,
    /// Where it is read.
    place: Place,
    /// Where its end is waited for.
    ending_place: Place,
}

enum Stage {
    /// Rows are read.
    Reading(Box<Watched>, Rows),
    /// All that were read are seen to their ends; then this is raised.
    Ending(BoxFuture<'static, Closed>, Option<Halt>),
    /// There is nothing left but what is to be raised.
    Over(Option<PyErr>),
}

/// What happened first.
enum Event {
    Outcome(RowOutcome),
    /// Full batches are handed over.
    HandedOver,
    /// The run has ended.
    Ended(Box<Closed>),
}

impl Streaming {
    pub(crate) fn new(run: Run, watching: Watching, rows: Rows) -> Self {
        let (place, ending_place) = (watching.place(&rows), watching.in_place(Place::Anywhere));
        let mut run = Watched::new(run, watching);
        Streaming {
            outcomes: Some(run.outcomes()),
            canceller: run.canceller(),
            place,
            ending_place,
            stage: Stage::Reading(Box::new(run), rows),
            report: None,
        }
    }

    /// Where it is closed: rows that are left, where they were read.
    fn closing_place(&self) -> Place {
        match self.stage {
            Stage::Reading(..) => self.place,
            Stage::Ending(..) | Stage::Over(_) => self.ending_place,
        }
    }

    /// The next row's end; `None` behind the last.
    async fn next(&mut self, waiter: &mut Waiter) -> PyResult<Option<RowOutcome>> {
        loop {
            if let Some(outcome) = self.known() {
                return Ok(Some(outcome));
            }
            let event = match &mut self.stage {
                Stage::Over(error) => return error.take().map_or(Ok(None), Err),
                Stage::Reading(..) => self.read(waiter).await,
                Stage::Ending(ending, _) => {
                    let ended = async { Event::Ended(Box::new(ending.await)) };
                    let first = first(self.outcomes.as_mut(), ended);
                    waiter.unless_raised(first).await
                }
            };
            match event {
                Ok(Event::Outcome(outcome)) => return Ok(Some(outcome)),
                Ok(Event::HandedOver) => {}
                Ok(Event::Ended(closed)) => {
                    let (result, late) = *closed;
                    self.conclude(result, late)?;
                }
                Err(interrupt) => return Err(self.interrupt(interrupt, waiter).await?),
            }
        }
    }

    /// An end that need not be waited for.
    fn known(&mut self) -> Option<RowOutcome> {
        let outcomes = self.outcomes.as_mut()?;
        outcomes.next().now_or_never().flatten()
    }

    /// Reads rows and hands full batches over, until the rows end.
    ///
    /// # Errors
    /// What is to end the run at once.
    async fn read(&mut self, waiter: &mut Waiter) -> PyResult<Event> {
        let Stage::Reading(run, rows) = &mut self.stage else {
            return Ok(Event::HandedOver);
        };
        match read_slice(run.as_mut(), rows, waiter).await {
            Ok(Slice::More) => {
                let handing = async {
                    run.hand_over().await;
                    Event::HandedOver
                };
                let first = first(self.outcomes.as_mut(), handing);
                return waiter.unless_raised(first).await;
            }
            Ok(Slice::Last) => match run.take_raised() {
                Some(Halt::Interrupt(error)) => return Err(error),
                halt => self.end_reading(halt, waiter).await,
            },
            Err(Halt::Interrupt(error)) => return Err(error),
            Err(halt) => self.end_reading(Some(halt), waiter).await,
        }
        Ok(Event::HandedOver)
    }

    /// Reads no more, for this reason or as the rows are at their end.
    async fn end_reading(&mut self, halt: Option<Halt>, waiter: &mut Waiter) {
        let Stage::Reading(_, rows) = &mut self.stage else {
            return;
        };
        let halt = close(rows, halt, waiter).await;
        if let Some(Halt::Interrupt(_)) = halt {
            self.cancel();
        }
        self.stage = match std::mem::replace(&mut self.stage, Stage::Over(None)) {
            Stage::Reading(run, _) => {
                let broken_off = matches!(halt, Some(Halt::Source(_)));
                let ending = async move {
                    if broken_off {
                        run.break_off().await
                    } else {
                        run.finish().await
                    }
                };
                Stage::Ending(ending.boxed(), halt)
            }
            other => other,
        };
    }

    /// Ends the run at once: nobody waits for its rows' ends any more.
    fn cancel(&mut self) {
        self.canceller.cancel();
        self.outcomes = None;
    }

    /// Ends the run at once; gives what is to be raised.
    async fn interrupt(&mut self, error: PyErr, waiter: &mut Waiter) -> PyResult<PyErr> {
        self.cancel();
        // Raised again as it is, should there be nothing to hang the report on.
        let again = Python::attach(|py| error.clone_ref(py));
        let halt = Python::attach(|py| Halt::Interrupt(error.clone_ref(py)));
        self.end_reading(Some(halt), waiter).await;
        let Stage::Ending(ending, _) = &mut self.stage else {
            return Ok(error);
        };
        let (result, _) = ending.await;
        self.conclude(result, Some(Halt::Interrupt(error)))?;
        Ok(self.take_raised().unwrap_or(again))
    }

    /// Keeps the report, and what is to be raised behind the last row's end.
    fn conclude(&mut self, result: Result<Report, RunError>, late: Option<Halt>) -> PyResult<()> {
        let stage = std::mem::replace(&mut self.stage, Stage::Over(None));
        let halt = match stage {
            Stage::Ending(_, halt) => Halt::first(halt, late),
            _ => late,
        };
        let (report, raised) = Python::attach(|py| {
            let (report, raised) = conclude(py, result, halt)?;
            PyResult::Ok((report.unbind(), raised))
        })?;
        self.report = Some(report);
        self.stage = Stage::Over(raised);
        Ok(())
    }

    fn take_raised(&mut self) -> Option<PyErr> {
        match &mut self.stage {
            Stage::Over(raised) => raised.take(),
            _ => None,
        }
    }

    /// Ends the run in order, however far it is.
    async fn close(&mut self, waiter: &mut Waiter) -> PyResult<()> {
        self.outcomes = None;
        if matches!(self.stage, Stage::Over(_)) {
            self.stage = Stage::Over(None);
            return Ok(());
        }
        self.canceller.stop();
        self.end_reading(None, waiter).await;
        let Stage::Ending(ending, _) = &mut self.stage else {
            return Ok(());
        };
        let (result, late) = finish(waiter, &self.canceller, ending).await;
        let result = match result {
            // That it was closed is nothing to raise.
            Err(RunError {
                error: Error::Cancelled,
                report,
                ..
            }) => Ok(*report),
            result => result,
        };
        self.conclude(result, late)?;
        self.take_raised().map_or(Ok(()), Err)
    }
}

/// A row's end, or what comes about otherwise.
async fn first(outcomes: Option<&mut Outcomes>, other: impl Future<Output = Event>) -> Event {
    let outcome = async {
        match outcomes {
            Some(outcomes) => outcomes.next().await,
            None => None,
        }
    };
    tokio::select! {
        biased;
        Some(outcome) = outcome => Event::Outcome(outcome),
        event = other => event,
    }
}
