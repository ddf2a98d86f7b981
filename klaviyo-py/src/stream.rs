//! `client.bulk.stream`: the ends of a run's rows one by one, while it goes on.

use std::sync::{Mutex, MutexGuard, TryLockError};

use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use klaviyo_core::report::Outcomes;
use klaviyo_core::run::Canceller;
use klaviyo_core::{Error, Report, RowOutcome, Run, RunError};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::drive::finish;
use crate::ending::{Halt, conclude};
use crate::errors::forked;
use crate::process::OfProcess;
use crate::report::outcome_to_python;
use crate::runtime::{block, block_uninterrupted};
use crate::source::{Rows, Slice};

/// The end of each row of a run as it becomes known: an iterator of RowOutcome.
///
/// Rows are read and sent as it is read, on the calling thread, and no more than some thousand ends
/// wait for their reader. What stops the run is raised after the last row's end. In a `with` block,
/// leaving early ends the run in order; an iterator that is dropped cancels it at once.
///
/// >>> rows = [{"metric": "Viewed", "external_id": str(number)} for number in range(3)]
/// >>> with client.bulk.stream.create_events(rows) as outcomes:
/// ...     [(row, outcome) for row, outcome, failure in outcomes]
/// [(0, 'accepted'), (1, 'accepted'), (2, 'accepted')]
/// >>> outcomes.report.accepted
/// 3
#[pyclass(frozen, module = "klaviyo_py")]
pub(crate) struct OutcomeStream(OfProcess<Mutex<Streaming>>);

/// A run that is streamed.
struct Streaming {
    /// `None` once nobody wants to know any more.
    outcomes: Option<Outcomes>,
    canceller: Canceller,
    stage: Stage,
    report: Option<Py<PyAny>>,
}

enum Stage {
    /// Rows are read.
    Reading(Box<Run>, Rows),
    /// All that were read are seen to their ends; then this is raised.
    Ending(BoxFuture<'static, Result<Report, RunError>>, Option<Halt>),
    /// There is nothing left but what is to be raised.
    Over(Option<PyErr>),
}

/// What happened first.
enum Event {
    Outcome(RowOutcome),
    /// Full batches are handed over.
    HandedOver,
    /// The run has ended.
    Ended(Result<Report, RunError>),
}

impl OutcomeStream {
    pub(crate) fn new(mut run: Run, rows: Rows) -> Self {
        OutcomeStream(OfProcess::new(Mutex::new(Streaming {
            outcomes: Some(run.outcomes()),
            canceller: run.canceller(),
            stage: Stage::Reading(Box::new(run), rows),
            report: None,
        })))
    }

    fn lock(&self, py: Python<'_>) -> PyResult<MutexGuard<'_, Streaming>> {
        let streaming = self.0.get().map_err(|fork| forked(py, fork, "stream"))?;
        match streaming.try_lock() {
            Ok(streaming) => Ok(streaming),
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => {
                Err(PyRuntimeError::new_err("the stream is being read already"))
            }
        }
    }
}

#[pymethods]
impl OutcomeStream {
    /// What became of all rows; None until the end.
    #[getter]
    fn report(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let streaming = self.lock(py)?;
        Ok(streaming.report.as_ref().map(|report| report.clone_ref(py)))
    }

    /// Ends the run in order: no more rows are read, nothing more is sent, and the answers to what
    /// is under way are waited for. `report` then says what became of the rows that were read; jobs
    /// that are not finished are among its `open_jobs`.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.lock(py)?.close(py)
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let next = self.lock(py)?.next(py)?;
        next.map(|outcome| outcome_to_python(py, outcome))
            .transpose()
    }

    fn __enter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    #[pyo3(signature = (kind, error, traceback, /))]
    fn __exit__(
        &self,
        py: Python<'_>,
        kind: &Bound<'_, PyAny>,
        error: &Bound<'_, PyAny>,
        traceback: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let _ = (error, traceback);
        let closed = self.close(py);
        // What is under way already is the user's own.
        if kind.is_none() { closed } else { Ok(()) }
    }
}

impl Streaming {
    /// The next row's end; `None` behind the last.
    fn next(&mut self, py: Python<'_>) -> PyResult<Option<RowOutcome>> {
        loop {
            if let Some(outcome) = self.known() {
                return Ok(Some(outcome));
            }
            let event = match &mut self.stage {
                Stage::Over(error) => return error.take().map_or(Ok(None), Err),
                Stage::Reading(..) => match self.read(py)? {
                    None => continue,
                    Some(event) => event,
                },
                Stage::Ending(ending, _) => {
                    let waited = block(
                        py,
                        first(self.outcomes.as_mut(), async { Event::Ended(ending.await) }),
                    );
                    match waited {
                        Ok(event) => event,
                        Err(interrupt) => return Err(self.interrupt(py, interrupt)?),
                    }
                }
            };
            match event {
                Event::Outcome(outcome) => return Ok(Some(outcome)),
                Event::HandedOver => {}
                Event::Ended(result) => self.conclude(py, result, None)?,
            }
        }
    }

    /// An end that need not be waited for.
    fn known(&mut self) -> Option<RowOutcome> {
        let outcomes = self.outcomes.as_mut()?;
        outcomes.next().now_or_never().flatten()
    }

    /// Reads rows and hands full batches over; `None` when that has changed the stage.
    fn read(&mut self, py: Python<'_>) -> PyResult<Option<Event>> {
        let Stage::Reading(run, rows) = &mut self.stage else {
            return Ok(None);
        };
        let slice = if run.has_stopped() {
            Ok(Slice::Last)
        } else {
            rows.push_slice(py, run.as_mut())
        };
        match slice {
            Ok(Slice::More) => {}
            Ok(Slice::Last) => {
                self.end_reading(None);
                return Ok(None);
            }
            Err(error) => match Halt::of(py, error) {
                Halt::Interrupt(error) => return Err(self.interrupt(py, error)?),
                halt @ Halt::Source(_) => {
                    self.end_reading(Some(halt));
                    return Ok(None);
                }
            },
        }
        let waited = py.check_signals().and_then(|()| {
            let handing = async {
                run.hand_over().await;
                Event::HandedOver
            };
            block(py, first(self.outcomes.as_mut(), handing))
        });
        match waited {
            Ok(event) => Ok(Some(event)),
            Err(interrupt) => Err(self.interrupt(py, interrupt)?),
        }
    }

    fn end_reading(&mut self, halt: Option<Halt>) {
        self.stage = match std::mem::replace(&mut self.stage, Stage::Over(None)) {
            Stage::Reading(run, _) => {
                let broken_off = halt.is_some();
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

    /// Ends the run at once; gives what is to be raised.
    fn interrupt(&mut self, py: Python<'_>, error: PyErr) -> PyResult<PyErr> {
        self.canceller.cancel();
        self.outcomes = None;
        self.end_reading(None);
        let Stage::Ending(ending, _) = &mut self.stage else {
            return Ok(error);
        };
        let result = block_uninterrupted(py, ending)?;
        self.conclude(py, result, Some(Halt::Interrupt(error)))?;
        match &mut self.stage {
            Stage::Over(raised) => raised.take(),
            _ => None,
        }
        .ok_or_else(|| PyRuntimeError::new_err("an interrupted stream has nothing to raise"))
    }

    /// Keeps the report, and what is to be raised behind the last row's end.
    fn conclude(
        &mut self,
        py: Python<'_>,
        result: Result<Report, RunError>,
        interrupt: Option<Halt>,
    ) -> PyResult<()> {
        let stage = std::mem::replace(&mut self.stage, Stage::Over(None));
        let halt = match stage {
            Stage::Ending(_, halt) => interrupt.or(halt),
            _ => interrupt,
        };
        let (report, raised) = conclude(py, result, halt)?;
        self.report = Some(report.unbind());
        self.stage = Stage::Over(raised);
        Ok(())
    }

    fn close(&mut self, py: Python<'_>) -> PyResult<()> {
        self.outcomes = None;
        if matches!(self.stage, Stage::Over(_)) {
            self.stage = Stage::Over(None);
            return Ok(());
        }
        self.canceller.stop();
        self.end_reading(None);
        let Stage::Ending(ending, _) = &mut self.stage else {
            return Ok(());
        };
        let (result, interrupt) = finish(py, &self.canceller, ending)?;
        let result = match result {
            // That it was closed is nothing to raise.
            Err(RunError {
                error: Error::Cancelled,
                report,
                ..
            }) => Ok(*report),
            result => result,
        };
        self.conclude(py, result, interrupt)?;
        match &mut self.stage {
            Stage::Over(raised) => raised.take().map_or(Ok(()), Err),
            _ => Ok(()),
        }
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
