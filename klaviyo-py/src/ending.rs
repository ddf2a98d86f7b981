//! How a run ended, as a report or as an exception that carries it.

use klaviyo_core::{Report, RunError};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;

use crate::errors::exception;
use crate::report::to_python;

/// Why reading ended before the rows did.
pub(crate) enum Halt {
    /// The iterable raised, or a callback: what came before it is sent, or left to the run that resumes this one.
    Source(PyErr),
    /// Somebody wants it to end now.
    Interrupt(PyErr),
    /// The rows were not all wanted, and their generator could not be closed: what else is to be raised
    /// comes first.
    Closing(PyErr),
}

impl Halt {
    /// Of two, the one that counts: what came first, unless somebody wanted an end at once. What the
    /// closing of the rows raised stays in sight.
    pub(crate) fn first(earlier: Option<Self>, later: Option<Self>) -> Option<Self> {
        match (earlier, later) {
            (Some(Halt::Source(_)), Some(interrupt @ Halt::Interrupt(_))) => Some(interrupt),
            (Some(Halt::Closing(closing)), Some(Halt::Closing(_)) | None) => {
                Some(Halt::Closing(closing))
            }
            (Some(Halt::Closing(closing)), Some(counts))
            | (Some(counts), Some(Halt::Closing(closing))) => {
                let (Halt::Source(error) | Halt::Interrupt(error) | Halt::Closing(error)) = &counts;
                Python::attach(|py| keep_in_sight(py, error, closing));
                Some(counts)
            }
            (earlier, later) => earlier.or(later),
        }
    }

    /// `KeyboardInterrupt` and `SystemExit` come through a generator, too, but are not its failures.
    pub(crate) fn of(py: Python<'_>, error: PyErr) -> Self {
        if error.is_instance_of::<PyException>(py) {
            Halt::Source(error)
        } else {
            Halt::Interrupt(error)
        }
    }

    /// The same for what the closing of the rows raised.
    pub(crate) fn of_closing(py: Python<'_>, error: PyErr) -> Self {
        match Halt::of(py, error) {
            Halt::Source(error) => Halt::Closing(error),
            interrupt => interrupt,
        }
    }
}

/// The report of a run, and what is to be raised, which then carries it.
pub(crate) fn conclude(
    py: Python<'_>,
    result: Result<Report, RunError>,
    halt: Option<Halt>,
) -> PyResult<(Bound<'_, PyAny>, Option<PyErr>)> {
    let (report, stopped) = match result {
        Ok(report) => (report, None),
        Err(run_error) => {
            let message = run_error.to_string();
            let stopped = exception(py, &run_error.error, &message);
            (*run_error.report, Some(stopped))
        }
    };
    let report = to_python(py, report)?;
    let raised = match (halt, stopped) {
        (Some(Halt::Interrupt(error)), _) => Some(with_report(py, error, &report)),
        (Some(Halt::Source(error)), stopped) => {
            // The source's exception is the user's own; what stopped the run stays in sight.
            if let Some(stopped) = stopped {
                keep_in_sight(py, &error, stopped);
            }
            Some(with_report(py, error, &report))
        }
        (Some(Halt::Closing(error)), None) => Some(with_report(py, error, &report)),
        (closing, Some(error)) => {
            if let Some(Halt::Closing(closing)) = closing {
                keep_in_sight(py, &error, closing);
            }
            error.value(py).setattr("report", &report)?;
            Some(error)
        }
        (None, None) => None,
    };
    Ok((report, raised))
}

/// Shows another exception beside one that is raised.
fn keep_in_sight(py: Python<'_>, raised: &PyErr, other: PyErr) {
    if raised.context(py).is_none() {
        raised.set_context(py, Some(other));
    }
}

/// Hangs the report on an exception that is not ours, and a line about it where Python shows such.
fn with_report(py: Python<'_>, error: PyErr, report: &Bound<'_, PyAny>) -> PyErr {
    let value = error.value(py);
    // An exception that takes neither must still be raised as it is.
    if value.setattr("report", report).is_ok() {
        // Since Python 3.11.
        let note = report
            .str()
            .map(|text| format!("{text} (in its report attribute)"));
        let noted = note.and_then(|note| value.call_method1("add_note", (note,)));
        drop(noted);
    }
    error
}
