//! Awaiting Python's own awaitables for work, in the task that awaits the work: an async generator may
//! use timeouts and cancel scopes, which belong to a task.

use pyo3::exceptions::PyStopIteration;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyIterator;
use pyo3::types::iterator::PySendResult;
use tokio::sync::oneshot;

/// How a step of awaiting ended.
pub(crate) enum Step<'py> {
    Done(Bound<'py, PyAny>),
    Suspended(Suspended),
}

/// Something that is being awaited, and what it wants the event loop to wait for.
pub(crate) struct Suspended {
    iterator: Py<PyIterator>,
    yielded: Py<PyAny>,
}

/// Something that the event loop goes on with for the work.
pub(super) struct Errand {
    suspended: Suspended,
    answer: oneshot::Sender<PyResult<Py<PyAny>>>,
}

/// Begins to await something; most of what yields rows has the next one at hand.
///
/// # Errors
/// What it raised.
pub(crate) fn begin<'py>(awaitable: &Bound<'py, PyAny>) -> PyResult<Step<'py>> {
    let py = awaitable.py();
    let iterator = awaitable.call_method0(intern!(py, "__await__"))?;
    let iterator = iterator.cast_into::<PyIterator>()?;
    step(&iterator, py.None().bind(py))
}

fn step<'py>(iterator: &Bound<'py, PyIterator>, value: &Bound<'py, PyAny>) -> PyResult<Step<'py>> {
    Ok(match iterator.send(value)? {
        PySendResult::Return(value) => Step::Done(value),
        PySendResult::Next(yielded) => suspended(iterator, yielded),
    })
}

fn suspended<'py>(iterator: &Bound<'py, PyIterator>, yielded: Bound<'py, PyAny>) -> Step<'py> {
    Step::Suspended(Suspended {
        iterator: iterator.clone().unbind(),
        yielded: yielded.unbind(),
    })
}

impl Errand {
    pub(super) fn new(suspended: Suspended, answer: oneshot::Sender<PyResult<Py<PyAny>>>) -> Self {
        Errand { suspended, answer }
    }

    /// What the event loop is to wait for.
    pub(super) fn yielded<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        self.suspended.yielded.bind(py).clone()
    }

    /// Goes on with a value; gives the errand back unless it is done.
    pub(super) fn send(self, value: &Bound<'_, PyAny>) -> Option<Self> {
        let iterator = self.suspended.iterator.bind(value.py()).clone();
        let stepped = step(&iterator, value);
        self.settle(stepped)
    }

    /// Goes on with an exception; gives the errand back unless it is done.
    pub(super) fn throw(self, py: Python<'_>, error: PyErr) -> Option<Self> {
        let iterator = self.suspended.iterator.bind(py).clone();
        let Ok(throw) = iterator.getattr(intern!(py, "throw")) else {
            return self.settle(Err(error));
        };
        let stepped = match throw.call1((error.into_value(py),)) {
            Ok(yielded) => Ok(suspended(&iterator, yielded)),
            Err(error) if error.is_instance_of::<PyStopIteration>(py) => {
                let value = error.value(py).getattr(intern!(py, "value"));
                value.map(Step::Done)
            }
            Err(error) => Err(error),
        };
        self.settle(stepped)
    }

    /// Closes it: nobody awaits the work any more.
    pub(super) fn close(self, py: Python<'_>) -> PyResult<()> {
        let iterator = self.suspended.iterator.bind(py);
        match iterator.getattr_opt(intern!(py, "close"))? {
            Some(close) => close.call0().map(drop),
            None => Ok(()),
        }
    }

    fn settle(self, stepped: PyResult<Step<'_>>) -> Option<Self> {
        let answer = match stepped {
            Ok(Step::Suspended(suspended)) => return Some(Errand { suspended, ..self }),
            Ok(Step::Done(value)) => Ok(value.unbind()),
            Err(error) => Err(error),
        };
        // Work that was dropped meanwhile wants no answer.
        let _ = self.answer.send(answer);
        None
    }
}
