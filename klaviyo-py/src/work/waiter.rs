//! The line between work and whoever waits for it.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use tokio::sync::{Notify, oneshot};
use tokio::task::yield_now;

use super::errand::{Errand, Suspended};

/// The work's end of the line.
pub(crate) struct Waiter(Arc<Line>);

/// The line between the two.
#[derive(Default)]
pub(super) struct Line {
    raised: Mutex<Option<PyErr>>,
    rung: Notify,
    errand: Mutex<Option<Errand>>,
}

impl Waiter {
    pub(super) fn new(line: Arc<Line>) -> Self {
        Waiter(line)
    }

    /// The output of a future; or the exception with which whoever waits wants the work to end. The
    /// future is dropped then; hand over a reference to go on with it.
    pub(crate) async fn unless_raised<T>(
        &mut self,
        future: impl Future<Output = T>,
    ) -> Result<T, PyErr> {
        tokio::select! {
            biased;
            error = self.raised() => Err(error),
            output = future => Ok(output),
        }
    }

    /// Gives whoever waits a turn: to look for signals, or to serve the other tasks of its event loop.
    ///
    /// # Errors
    /// As [`Waiter::unless_raised`].
    pub(crate) async fn turn(&mut self) -> PyResult<()> {
        self.unless_raised(yield_now()).await
    }

    /// Has the event loop go on with something that is being awaited, and gives what it comes to.
    pub(crate) async fn awaited(&mut self, suspended: Suspended) -> PyResult<Py<PyAny>> {
        let (answer, answered) = oneshot::channel();
        *lock(&self.0.errand) = Some(Errand::new(suspended, answer));
        let lost = |_| PyRuntimeError::new_err("nobody awaits any more");
        answered.await.map_err(lost)?
    }

    /// What was raised behind the last look.
    pub(crate) fn take_raised(&mut self) -> Option<PyErr> {
        self.0.take_raised()
    }

    async fn raised(&mut self) -> PyErr {
        loop {
            let rung = self.0.rung.notified();
            if let Some(error) = self.0.take_raised() {
                return error;
            }
            rung.await;
        }
    }
}

impl Line {
    /// Has the work end, with this exception.
    pub(super) fn raise(&self, error: PyErr) {
        *lock(&self.raised) = Some(error);
        self.rung.notify_one();
    }

    pub(super) fn take_raised(&self) -> Option<PyErr> {
        lock(&self.raised).take()
    }

    /// What is to be awaited before the work can go on.
    pub(super) fn take_errand(&self) -> Option<Errand> {
        lock(&self.errand).take()
    }
}

fn lock<T>(slot: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}
