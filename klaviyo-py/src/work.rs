//! Work that Python waits for, blocked or awaiting: one future for both.
//!
//! Whoever waits polls the future, on its own thread and without the GIL. So a row is pulled from a
//! Python iterable by an ordinary step of the future, on the thread that gave the iterable. Between
//! polls, [`blocking`] parks the thread and looks for signals; [`awaiting`] gives the event loop its
//! turn. Nothing begins before it is waited for.
//!
//! This is in place of pyo3-async-runtimes, whose futures run on the runtime's threads only (rows of a
//! cursor must not), and are cancelled from outside: what a cancelled run came to could not be told.
mod alarm;
mod awaiting;
mod blocking;
mod errand;
mod waiter;

use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::BoxFuture;
use klaviyo_core::Error;
use pyo3::exceptions::{PyGeneratorExit, PyRuntimeError, PyStopIteration, PyTypeError};
use pyo3::prelude::*;

use crate::errors::{exception, forked};
use crate::logs;
use crate::process::OfProcess;
use awaiting::{Awaited, With};
pub(crate) use blocking::block;
pub(crate) use errand::{Step, Suspended, begin};
use waiter::Line;
pub(crate) use waiter::Waiter;

/// Reads, with the GIL, what work came to.
pub(crate) type Ended = Box<dyn for<'py> FnOnce(Python<'py>) -> PyResult<Bound<'py, PyAny>> + Send>;

/// Where a future may be polled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// On any thread; an event loop has it done elsewhere.
    Anywhere,
    /// On the thread that waits.
    Caller,
    /// On the thread of an event loop, in its task.
    EventLoop,
}

/// Something that is done when it is waited for, once: by `wait()`, which blocks, or by `await`.
#[pyclass(frozen, module = "klaviyo_py._klaviyo")]
pub(crate) struct Work(OfProcess<Mutex<Stage>>);

enum Stage {
    Due(Job),
    Awaited(Awaited),
    Over,
}

/// A future with the line to whoever waits for it.
struct Job {
    future: BoxFuture<'static, Ended>,
    line: Arc<Line>,
    place: Place,
}

impl Work {
    /// Work that needs Python, or heeds who waits.
    pub(crate) fn new<F>(place: Place, begin: impl FnOnce(Waiter) -> F) -> Self
    where
        F: Future<Output = Ended> + Send + 'static,
    {
        let line = Arc::new(Line::default());
        let job = Job {
            future: begin(Waiter::new(Arc::clone(&line))).boxed(),
            line,
            place,
        };
        Work(OfProcess::new(Mutex::new(Stage::Due(job))))
    }

    /// A request, which is dropped when whoever waits wants it to end; and the reading of its answer.
    pub(crate) fn request<T, F, R>(request: F, read: R) -> Self
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
        R: for<'py> FnOnce(Python<'py>, T) -> PyResult<Bound<'py, PyAny>> + Send + 'static,
    {
        Work::new(Place::Anywhere, |mut waiter| async move {
            let answer = waiter.unless_raised(request).await;
            let read: Ended = Box::new(move |py| {
                let answer = answer?.map_err(|error| exception(py, &error, &error.to_string()))?;
                read(py, answer)
            });
            read
        })
    }

    /// What is there already.
    pub(crate) fn done(value: Py<PyAny>) -> Self {
        Work::new(Place::Caller, |_| async move {
            let read: Ended = Box::new(move |py| Ok(value.into_bound(py)));
            read
        })
    }

    fn lock(&self, py: Python<'_>) -> PyResult<MutexGuard<'_, Stage>> {
        let stage = self.0.get().map_err(|fork| forked(py, fork, "call"))?;
        match stage.try_lock() {
            Ok(stage) => Ok(stage),
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => {
                Err(PyRuntimeError::new_err("this is being awaited already"))
            }
        }
    }

    fn take(&self, py: Python<'_>) -> PyResult<Job> {
        let mut stage = self.lock(py)?;
        match std::mem::replace(&mut *stage, Stage::Over) {
            Stage::Due(job) => Ok(job),
            other => {
                *stage = other;
                Err(begun())
            }
        }
    }

    /// Gives what the event loop is to wait for, or the end as StopIteration.
    fn go_on<'py>(&self, py: Python<'py>, with: With<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
        let mut stage = self.lock(py)?;
        let awaited = match std::mem::replace(&mut *stage, Stage::Over) {
            Stage::Due(job) => Awaited::begin(py, job)?,
            Stage::Awaited(awaited) => awaited,
            Stage::Over => return Err(begun()),
        };
        match awaited.go_on(py, with)? {
            (Some(awaited), yielded) => {
                *stage = Stage::Awaited(awaited);
                Ok(yielded)
            }
            (None, value) => Err(PyStopIteration::new_err((value.unbind(),))),
        }
    }
}

#[pymethods]
impl Work {
    /// Waits for its end with the GIL released, and gives what it came to.
    pub(crate) fn wait<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let job = self.take(py)?;
        if job.place == Place::EventLoop {
            return Err(needs_event_loop());
        }
        blocking::wait(py, job)
    }

    fn __await__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.go_on(py, With::Value(py.None().bind(py)))
    }

    /// Goes on until the event loop has something to wait for.
    #[pyo3(signature = (value, /))]
    fn send<'py>(&self, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.go_on(value.py(), With::Value(value))
    }

    /// Has it end, with this exception: a run says with it what it came to.
    #[pyo3(signature = (kind, value=None, traceback=None, /))]
    fn throw<'py>(
        &self,
        kind: Bound<'py, PyAny>,
        value: Option<Bound<'py, PyAny>>,
        traceback: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let _ = traceback;
        let py = kind.py();
        let error = PyErr::from_value(value.unwrap_or(kind));
        if error.is_instance_of::<PyGeneratorExit>(py) {
            self.close(py)?;
            return Err(error);
        }
        self.go_on(py, With::Exception(error))
    }

    /// Drops it, as nobody awaits it any more.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        let stage = std::mem::replace(&mut *self.lock(py)?, Stage::Over);
        match stage {
            Stage::Awaited(awaited) => awaited.close(py),
            _ => Ok(()),
        }
    }
}

impl Job {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Ended> {
        self.future.as_mut().poll(context)
    }

    /// What it came to; or what was raised too late for it to notice.
    fn end<'py>(&self, py: Python<'py>, ended: Ended) -> PyResult<Bound<'py, PyAny>> {
        let value = ended(py);
        logs::flush(py);
        self.line.take_raised().map_or(value, Err)
    }
}

fn begun() -> PyErr {
    PyRuntimeError::new_err("this was waited for already")
}

/// The exception for rows that have to be awaited, where nothing is.
pub(crate) fn needs_event_loop() -> PyErr {
    PyTypeError::new_err("rows of an async iterable have to be awaited: use an AsyncClient")
}
