//! Waiting that gives the event loop its turn: Python's coroutine protocol, over a job.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures::FutureExt;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use tokio::task::JoinSet;

use super::alarm::Alarm;
use super::errand::Errand;
use super::{Ended, Job, Place};
use crate::runtime::runtime;

/// A job that a task awaits.
pub(super) struct Awaited {
    job: Job,
    alarm: Arc<Alarm>,
    /// What the task awaits in its place.
    errand: Option<Errand>,
}

/// What the task goes on with.
pub(super) enum With<'a, 'py> {
    Value(&'a Bound<'py, PyAny>),
    Exception(PyErr),
}

impl Awaited {
    /// # Errors
    /// RuntimeError when no event loop runs on this thread.
    pub(super) fn begin(py: Python<'_>, mut job: Job) -> PyResult<Self> {
        let alarm = Arc::new(Alarm::of_running_loop(py)?);
        if job.place == Place::Anywhere {
            job.move_away()?;
        }
        Ok(Awaited {
            job,
            alarm,
            errand: None,
        })
    }

    /// Goes on; gives itself back with what the event loop is to wait for, or what it came to.
    pub(super) fn go_on<'py>(
        mut self,
        py: Python<'py>,
        with: With<'_, 'py>,
    ) -> PyResult<(Option<Self>, Bound<'py, PyAny>)> {
        match (self.errand.take(), with) {
            (Some(errand), With::Value(value)) => self.errand = errand.send(value),
            (Some(errand), With::Exception(error)) => self.errand = errand.throw(py, error),
            (None, With::Value(_)) => {}
            (None, With::Exception(error)) => self.job.line.raise(error),
        }
        if self.errand.is_none() {
            match self.poll(py)? {
                Poll::Ready(ended) => return Ok((None, self.job.end(py, ended)?)),
                Poll::Pending => self.errand = self.job.line.take_errand(),
            }
        }
        let yielded = match &self.errand {
            Some(errand) => errand.yielded(py),
            None => self.alarm.end_turn(py)?,
        };
        Ok((Some(self), yielded))
    }

    /// Lets it go, as nobody awaits it any more.
    pub(super) fn close(self, py: Python<'_>) -> PyResult<()> {
        self.errand.map_or(Ok(()), |errand| errand.close(py))
    }

    fn poll(&mut self, py: Python<'_>) -> PyResult<Poll<Ended>> {
        let runtime = runtime()?;
        self.alarm.begin_turn();
        let waker = Waker::from(Arc::clone(&self.alarm));
        Ok(py.detach(|| {
            let _context = runtime.enter();
            self.job.poll(&mut Context::from_waker(&waker))
        }))
    }
}

impl Job {
    /// Has it done on the runtime, which spares the event loop all steps but the last. Dropped, it is
    /// dropped there.
    fn move_away(&mut self) -> PyResult<()> {
        let runtime = runtime()?;
        let here = std::mem::replace(&mut self.future, std::future::pending().boxed());
        let mut there = JoinSet::new();
        there.spawn_on(here, runtime.handle());
        self.future = async move {
            match there.join_next().await {
                Some(Ok(ended)) => ended,
                Some(Err(error)) => match error.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    Err(error) => broken(error.to_string()),
                },
                None => broken("there was nothing to do".to_owned()),
            }
        }
        .boxed();
        Ok(())
    }
}

/// Only the end of the runtime could make it so, and that does not end.
fn broken(why: String) -> Ended {
    Box::new(|_| Err(PyRuntimeError::new_err(why)))
}
