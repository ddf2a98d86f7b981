//! Drives a run from its rows to its report, or to an exception that carries the report.

use std::pin::pin;

use klaviyo_core::run::Canceller;
use klaviyo_core::{Error, Report, Run, RunError};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;

use crate::errors::exception;
use crate::report::to_python;
use crate::runtime::{block, block_uninterrupted};
use crate::source::{Rows, Slice};

/// Why reading ended before the rows did.
enum Halt {
    /// The iterable raised: what came before it is sent, or left to the run that resumes this one.
    Source(PyErr),
    /// Somebody wants it to end now.
    Interrupt(PyErr),
}

/// How a run ended.
struct End {
    report: Report,
    /// Why it stopped early, in the engine's words.
    stopped: Option<(Error, String)>,
    /// What a signal handler raised while its end was waited for.
    interrupt: Option<PyErr>,
}

/// Reads all rows, sees them to their ends and gives the report.
///
/// # Errors
/// Whatever stopped the run, with the report attached.
pub(crate) fn drive<'py>(mut run: Run, rows: &Rows<'py>) -> PyResult<Bound<'py, PyAny>> {
    let py = rows.py();
    let halt = read(&mut run, rows).err();
    let canceller = run.canceller();
    let end = match halt {
        Some(Halt::Interrupt(error)) => {
            let report = block_uninterrupted(py, run.cancel())?;
            return Err(with_report(py, error, &to_python(py, report)?));
        }
        Some(Halt::Source(_)) => finish(py, &canceller, run.break_off())?,
        None => finish(py, &canceller, run.finish())?,
    };
    let report = to_python(py, end.report)?;
    let stopped = end
        .stopped
        .map(|(error, message)| exception(py, &error, &message));
    let raised = match (end.interrupt, halt) {
        (Some(interrupt), _) => interrupt,
        (None, Some(Halt::Source(error) | Halt::Interrupt(error))) => {
            // The source's exception is the user's own; what stopped the run stays in sight.
            if let (Some(stopped), None) = (stopped, error.context(py)) {
                error.set_context(py, Some(stopped));
            }
            error
        }
        (None, None) => match stopped {
            Some(error) => {
                error.value(py).setattr("report", &report)?;
                return Err(error);
            }
            None => return Ok(report),
        },
    };
    Err(with_report(py, raised, &report))
}

/// Pushes rows and hands full batches over, until the rows end or the run does.
fn read(run: &mut Run, rows: &Rows<'_>) -> Result<(), Halt> {
    let py = rows.py();
    while !run.has_stopped() {
        if rows.push_slice(run).map_err(|error| halt(py, error))? == Slice::Last {
            break;
        }
        py.check_signals().map_err(Halt::Interrupt)?;
        // Also when nothing is ready: it releases the GIL, which gives other threads their turn.
        block(py, run.hand_over()).map_err(Halt::Interrupt)?;
    }
    Ok(())
}

/// `KeyboardInterrupt` and `SystemExit` come through a generator, too, but are not its failures.
fn halt(py: Python<'_>, error: PyErr) -> Halt {
    if error.is_instance_of::<PyException>(py) {
        Halt::Source(error)
    } else {
        Halt::Interrupt(error)
    }
}

/// Waits for the end of all that was pushed; a signal makes that end come at once.
fn finish(
    py: Python<'_>,
    canceller: &Canceller,
    ending: impl Future<Output = Result<Report, RunError>> + Send,
) -> PyResult<End> {
    let mut finished = pin!(ending);
    let (result, interrupt) = match block(py, finished.as_mut()) {
        Ok(result) => (result, None),
        Err(interrupt) => {
            canceller.cancel();
            (block_uninterrupted(py, finished)?, Some(interrupt))
        }
    };
    Ok(match result {
        Ok(report) => End {
            report,
            stopped: None,
            interrupt,
        },
        Err(run_error) => {
            let message = run_error.to_string();
            let RunError { error, report } = run_error;
            End {
                report: *report,
                stopped: Some((error, message)),
                interrupt,
            }
        }
    })
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
