//! A streamed run as Python iterates over it, blocking or awaiting.

use std::sync::Arc;

use pyo3::exceptions::{PyRuntimeError, PyStopAsyncIteration, PyStopIteration};
use pyo3::prelude::*;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::Streaming;
use crate::ending::Halt;
use crate::errors::forked;
use crate::process::OfProcess;
use crate::report::outcome_to_python;
use crate::work::{Ended, Work};

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
pub(crate) struct OutcomeStream(Shared);

/// The end of each row of a run as it becomes known: an async iterator of RowOutcome, from an
/// AsyncClient.
///
/// It is as OutcomeStream, awaited: `async for` and `async with`. A task that is cancelled while it
/// waits for the next end cancels the run at once; its CancelledError has the `report`.
///
/// >>> async def send(rows):
/// ...     async with sandbox.async_client() as client:
/// ...         async with client.bulk.stream.create_events(rows) as outcomes:
/// ...             ends = [outcome.outcome async for outcome in outcomes]
/// ...         return ends, outcomes.report.accepted
/// >>> asyncio.run(send([{"metric": "Viewed", "external_id": "1815"}]))
/// (['accepted'], 1)
#[pyclass(frozen, module = "klaviyo_py")]
pub(crate) struct AsyncOutcomeStream(Shared);

/// A streamed run that one call at a time may have.
struct Shared(OfProcess<Arc<Mutex<Streaming>>>);

/// Says what of a closing is to be raised.
type Heed = fn(Python<'_>, PyResult<()>) -> PyResult<()>;

impl Shared {
    fn new(streaming: Streaming) -> Self {
        Shared(OfProcess::new(Arc::new(Mutex::new(streaming))))
    }

    fn lock(&self, py: Python<'_>) -> PyResult<OwnedMutexGuard<Streaming>> {
        let streaming = self.0.get().map_err(|fork| forked(py, fork, "stream"))?;
        let streaming = Arc::clone(streaming).try_lock_owned();
        streaming.map_err(|_| PyRuntimeError::new_err("the stream is being read already"))
    }

    fn report(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let streaming = self.lock(py)?;
        Ok(streaming.report.as_ref().map(|report| report.clone_ref(py)))
    }

    /// Comes to the next row's end; behind the last, it raises `exhausted`.
    fn next(&self, py: Python<'_>, exhausted: fn() -> PyErr) -> PyResult<Work> {
        let mut streaming = self.lock(py)?;
        if let Some(outcome) = streaming.known() {
            return Ok(Work::done(outcome_to_python(py, outcome)?.unbind()));
        }
        Ok(Work::new(streaming.place, |mut waiter| async move {
            let next = streaming.next(&mut waiter).await;
            let read: Ended = Box::new(move |py| match next? {
                Some(outcome) => outcome_to_python(py, outcome),
                None => Err(exhausted()),
            });
            read
        }))
    }

    /// Ends the run in order.
    fn close(&self, py: Python<'_>) -> PyResult<Work> {
        self.end(py, |_, closed| closed)
    }

    /// As [`Shared::close`], at the end of a block.
    fn leave(&self, py: Python<'_>, kind: &Bound<'_, PyAny>) -> PyResult<Work> {
        if kind.is_none() {
            return self.close(py);
        }
        // What is under way already is the user's own; only to end at once is more.
        self.end(py, |py, closed| {
            closed.or_else(|error| match Halt::of(py, error) {
                Halt::Interrupt(error) => Err(error),
                Halt::Source(_) | Halt::Closing(_) => Ok(()),
            })
        })
    }

    fn end(&self, py: Python<'_>, heed: Heed) -> PyResult<Work> {
        let mut streaming = self.lock(py)?;
        Ok(Work::new(
            streaming.closing_place(),
            move |mut waiter| async move {
                let closed = streaming.close(&mut waiter).await;
                let read: Ended = Box::new(move |py| {
                    heed(py, closed)?;
                    Ok(py.None().into_bound(py))
                });
                read
            },
        ))
    }
}

#[pymethods]
impl OutcomeStream {
    /// What became of all rows; None until the end.
    #[getter]
    fn report(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        self.0.report(py)
    }

    /// Ends the run in order: no more rows are read, nothing more is sent, and the answers to what
    /// is under way are waited for. `report` then says what became of the rows that were read; jobs
    /// that are not finished are among its `open_jobs`.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.0.close(py)?.wait(py).map(drop)
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.0.next(py, || PyStopIteration::new_err(()))?.wait(py)
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
        self.0.leave(py, kind)?.wait(py).map(drop)
    }
}

impl OutcomeStream {
    pub(crate) fn new(streaming: Streaming) -> Self {
        OutcomeStream(Shared::new(streaming))
    }
}

#[pymethods]
impl AsyncOutcomeStream {
    /// What became of all rows; None until the end.
    #[getter]
    fn report(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        self.0.report(py)
    }

    /// Ends the run in order, as `OutcomeStream.close` does; to be awaited.
    fn aclose(&self, py: Python<'_>) -> PyResult<Work> {
        self.0.close(py)
    }

    fn __aiter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __anext__(&self, py: Python<'_>) -> PyResult<Work> {
        self.0.next(py, || PyStopAsyncIteration::new_err(()))
    }

    fn __aenter__(slf: Bound<'_, Self>) -> Work {
        Work::done(slf.into_any().unbind())
    }

    #[pyo3(signature = (kind, error, traceback, /))]
    fn __aexit__(
        &self,
        py: Python<'_>,
        kind: &Bound<'_, PyAny>,
        error: &Bound<'_, PyAny>,
        traceback: &Bound<'_, PyAny>,
    ) -> PyResult<Work> {
        let _ = (error, traceback);
        self.0.leave(py, kind)
    }
}

impl AsyncOutcomeStream {
    pub(crate) fn new(streaming: Streaming) -> Self {
        AsyncOutcomeStream(Shared::new(streaming))
    }
}
