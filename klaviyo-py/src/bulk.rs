//! Any bulk operation by its name. The methods of `klaviyo_py.bulk` are the only callers.

use std::path::PathBuf;

use klaviyo_core::bulk::{self, Audience, BulkOptions};
use klaviyo_core::journal::JournalSummary;
use klaviyo_core::{Error, JobHandle, Run};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::client::Client;
use crate::drive::drive;
use crate::errors::{configuration, exception};
use crate::options::{json_object, run_options};
use crate::plan::plan_rows;
use crate::runtime::block;
use crate::source::{Rows, source_options};
use crate::stream::OutcomeStream;

/// Sends rows with a bulk operation and gives the Report.
///
/// `own` are the options of this operation alone, `common` those that all operations have.
#[pyfunction]
pub(crate) fn run<'py>(
    client: &Bound<'py, Client>,
    operation: &str,
    rows: &Bound<'py, PyAny>,
    own: &Bound<'py, PyDict>,
    common: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyAny>> {
    let (options, rows) = prepared(operation, rows, own, common)?;
    drive(client.py(), start(client, options.as_ref())?, &rows)
}

/// Sends rows with a bulk operation as the stream of their ends is read; arguments are those of `run`.
#[pyfunction]
pub(crate) fn stream<'py>(
    client: &Bound<'py, Client>,
    operation: &str,
    rows: &Bound<'py, PyAny>,
    own: &Bound<'py, PyDict>,
    common: &Bound<'py, PyDict>,
) -> PyResult<OutcomeStream> {
    let (options, rows) = prepared(operation, rows, own, common)?;
    Ok(OutcomeStream::new(start(client, options.as_ref())?, rows))
}

/// Checks rows for a bulk operation, sends nothing and gives the Plan; arguments are those of `run`.
#[pyfunction]
pub(crate) fn plan<'py>(
    client: &Bound<'py, Client>,
    operation: &str,
    rows: &Bound<'py, PyAny>,
    own: &Bound<'py, PyDict>,
    common: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = client.py();
    let (options, rows) = prepared(operation, rows, own, common)?;
    let planning = client.get().core(py)?.bulk().planning(options.as_ref());
    let planning = planning.map_err(|error| exception(py, &error, &error.to_string()))?;
    plan_rows(py, planning, &rows)
}

/// What all of them are given: the options of the operation, and its rows.
fn prepared(
    operation: &str,
    rows: &Bound<'_, PyAny>,
    own: &Bound<'_, PyDict>,
    common: &Bound<'_, PyDict>,
) -> PyResult<(Box<dyn BulkOptions>, Rows)> {
    let source = source_options(common)?;
    let options = options(operation, own, common)?;
    Ok((options, Rows::of(rows, source)?))
}

fn start(client: &Bound<'_, Client>, options: &dyn BulkOptions) -> PyResult<Run> {
    let py = client.py();
    let core = client.get().core(py)?;
    let run = block(py, core.bulk().start(options))?;
    run.map_err(|error| exception(py, &error, &error.to_string()))
}

/// The options of an operation, out of its own and those that all have.
fn options(
    operation: &str,
    own: &Bound<'_, PyDict>,
    common: &Bound<'_, PyDict>,
) -> PyResult<Box<dyn BulkOptions>> {
    let py = own.py();
    let run = run_options(operation, common)?;
    let options = bulk::options(operation, json_object(own)?);
    let mut options = options.map_err(|error| exception(py, &error, &error.to_string()))?;
    *options.run_mut() = run;
    Ok(options)
}

/// The method of `klaviyo_py.bulk` whose run a journal holds.
#[pyfunction]
pub(crate) fn journal_verb(py: Python<'_>, journal: PathBuf) -> PyResult<&'static str> {
    let summary = JournalSummary::read(journal).map_err(Error::from);
    let summary = summary.map_err(|error| exception(py, &error, &error.to_string()))?;
    let operation = klaviyo_gen::find(&summary.operation).filter(|found| found.is_bulk());
    operation.map(bulk::verb).ok_or_else(|| {
        let operation = summary.operation;
        configuration(
            py,
            &format!("the journal's run is of {operation}, which this version lacks"),
        )
    })
}

/// Suppresses all members of a list or segment, or lifts their suppression. Gives the id of Klaviyo's
/// job, or None when the answer did not name it.
#[pyfunction]
pub(crate) fn change_members<'py>(
    client: &Bound<'py, Client>,
    lift: bool,
    list_id: Option<String>,
    segment_id: Option<String>,
) -> PyResult<Option<String>> {
    let py = client.py();
    let audience = match (list_id, segment_id) {
        (Some(list), None) => Audience::List(list),
        (None, Some(segment)) => Audience::Segment(segment),
        _ => return Err(configuration(py, "give list_id or segment_id, one of them")),
    };
    let core = client.get().core(py)?;
    let bulk = core.bulk();
    let job: Result<Option<JobHandle>, Error> = if lift {
        block(py, bulk.unsuppress_members(&audience))?
    } else {
        block(py, bulk.suppress_members(&audience))?
    };
    let job = job.map_err(|error| exception(py, &error, &error.to_string()))?;
    Ok(job.map(|job| job.id))
}
