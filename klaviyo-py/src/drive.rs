//! Drives a run from its rows to its report, or to an exception that carries the report.

use std::pin::pin;

use klaviyo_core::run::Canceller;
use klaviyo_core::{Report, Run, RunError};
use pyo3::prelude::*;

use crate::ending::{Halt, conclude};
use crate::runtime::{block, block_uninterrupted};
use crate::source::{Rows, Slice};

/// Reads all rows, sees them to their ends and gives the report.
///
/// # Errors
/// Whatever stopped the run, with the report attached.
pub(crate) fn drive<'py>(
    py: Python<'py>,
    mut run: Run,
    rows: &Rows,
) -> PyResult<Bound<'py, PyAny>> {
    let halt = read(py, &mut run, rows).err();
    let canceller = run.canceller();
    let (result, interrupt) = match halt {
        Some(Halt::Interrupt(_)) => (Ok(block_uninterrupted(py, run.cancel())?), None),
        Some(Halt::Source(_)) => finish(py, &canceller, run.break_off())?,
        None => finish(py, &canceller, run.finish())?,
    };
    let (report, raised) = conclude(py, result, interrupt.or(halt))?;
    raised.map_or(Ok(report), Err)
}

/// Pushes rows and hands full batches over, until the rows end or the run does.
fn read(py: Python<'_>, run: &mut Run, rows: &Rows) -> Result<(), Halt> {
    while !run.has_stopped() {
        let slice = rows.push_slice(py, run);
        if slice.map_err(|error| Halt::of(py, error))? == Slice::Last {
            break;
        }
        py.check_signals().map_err(Halt::Interrupt)?;
        // Also when nothing is ready: it releases the GIL, which gives other threads their turn.
        block(py, run.hand_over()).map_err(Halt::Interrupt)?;
    }
    Ok(())
}

/// Waits for the end of all that was pushed; a signal makes that end come at once.
pub(crate) fn finish(
    py: Python<'_>,
    canceller: &Canceller,
    ending: impl Future<Output = Result<Report, RunError>> + Send,
) -> PyResult<(Result<Report, RunError>, Option<Halt>)> {
    let mut ending = pin!(ending);
    match block(py, ending.as_mut()) {
        Ok(result) => Ok((result, None)),
        Err(interrupt) => {
            canceller.cancel();
            let result = block_uninterrupted(py, ending)?;
            Ok((result, Some(Halt::Interrupt(interrupt))))
        }
    }
}
