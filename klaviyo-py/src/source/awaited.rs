//! Rows of an async iterable, awaited one by one in the task that awaits the run.

use klaviyo_core::source::SourceOptions;
use pyo3::exceptions::PyStopAsyncIteration;
use pyo3::intern;
use pyo3::prelude::*;

use super::{Sink, Slice, Slicing, push_object};
use crate::work::{Step, Suspended, Waiter, begin};

/// An async iterator of rows.
pub(super) struct AwaitedRows {
    iterator: Py<PyAny>,
    options: SourceOptions,
}

/// Why no more rows are pushed for now.
enum Pause {
    Slice(Slice),
    /// The next row is not there yet.
    Row(Suspended),
}

impl AwaitedRows {
    /// The rows of an async iterable; none when it is no such, or can be iterated
    /// over as it is.
    pub(super) fn of(rows: &Bound<'_, PyAny>, options: &SourceOptions) -> PyResult<Option<Self>> {
        let (name, py) = (intern!(rows.py(), "__aiter__"), rows.py());
        if !rows.hasattr(name)? || rows.hasattr(intern!(py, "__iter__"))? {
            return Ok(None);
        }
        Ok(Some(AwaitedRows {
            iterator: rows.call_method0(name)?.unbind(),
            options: options.clone(),
        }))
    }

    pub(super) async fn push_slice(
        &mut self,
        to: &mut impl Sink,
        waiter: &mut Waiter,
    ) -> PyResult<Slice> {
        let slicing = Slicing::begin();
        loop {
            let pause = Python::attach(|py| self.push_ready(py, to, &slicing))?;
            let suspended = match pause {
                Pause::Slice(slice) => return Ok(slice),
                Pause::Row(suspended) => suspended,
            };
            let row = waiter.awaited(suspended).await;
            let is_pushed = Python::attach(|py| match row {
                Ok(row) => push_object(row.bind(py), &self.options, to).map(|_| true),
                Err(error) => unless_last(py, error).map(|()| false),
            })?;
            if !is_pushed {
                return Ok(Slice::Last);
            }
            if to.has_enough() || slicing.is_over() {
                return Ok(Slice::More);
            }
        }
    }

    /// Awaits its `aclose()`, if it has one.
    pub(super) async fn close(self, waiter: &mut Waiter) -> PyResult<()> {
        let suspended = Python::attach(|py| {
            let close = self.iterator.bind(py).getattr_opt(intern!(py, "aclose"))?;
            let begun = close.map(|close| begin(&close.call0()?)).transpose()?;
            PyResult::Ok(match begun {
                Some(Step::Suspended(suspended)) => Some(suspended),
                Some(Step::Done(_)) | None => None,
            })
        })?;
        match suspended {
            Some(suspended) => waiter.awaited(suspended).await.map(drop),
            None => Ok(()),
        }
    }

    /// Pushes rows until one is not there yet.
    fn push_ready(&self, py: Python<'_>, to: &mut impl Sink, slicing: &Slicing) -> PyResult<Pause> {
        let iterator = self.iterator.bind(py);
        loop {
            let next = iterator.call_method0(intern!(py, "__anext__"));
            match next.and_then(|next| begin(&next)) {
                Ok(Step::Done(row)) => drop(push_object(&row, &self.options, to)?),
                Ok(Step::Suspended(suspended)) => return Ok(Pause::Row(suspended)),
                Err(error) => {
                    unless_last(py, error)?;
                    return Ok(Pause::Slice(Slice::Last));
                }
            }
            if to.has_enough() || slicing.is_over() {
                return Ok(Pause::Slice(Slice::More));
            }
        }
    }
}

/// # Errors
/// What was raised, unless that says that there are no more rows.
fn unless_last(py: Python<'_>, error: PyErr) -> PyResult<()> {
    if error.is_instance_of::<PyStopAsyncIteration>(py) {
        Ok(())
    } else {
        Err(error)
    }
}
