//! Any bulk operation by its name. The methods of `klaviyo_py.bulk` are the only callers.

use std::path::PathBuf;

use klaviyo_core::bulk::{self, Audience, BulkOptions};
use klaviyo_core::journal::JournalSummary;
use klaviyo_core::{Error, JobHandle};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::client::Client;
use crate::drive::drive;
use crate::errors::{configuration, exception};
use crate::options::{json_object, run_options};
use crate::plan::plan_rows;
use crate::source::{Rows, source_options};
use crate::stream::{AsyncOutcomeStream, OutcomeStream, Streaming};
use crate::watched::{Watched, Watching};
use crate::work::{Ended, Place, Work, block, needs_event_loop};

/// Sends rows with a bulk operation; it comes to the Report.
///
/// `own` are the options of this operation alone, `common` those that all operations have.
#[pyfunction]
pub(crate) fn run(
    client: &Bound<'_, Client>,
    operation: &str,
    rows: &Bound<'_, PyAny>,
    own: &Bound<'_, PyDict>,
    common: &Bound<'_, PyDict>,
) -> PyResult<Work> {
    let Prepared {
        options,
        rows,
        watching,
    } = prepared(operation, rows, own, common)?;
    let core = client.get().core(client.py())?;
    Ok(Work::new(watching.place(&rows), |waiter| async move {
        match core.bulk().start(options.as_ref()).await {
            Ok(run) => drive(Watched::new(run, watching), rows, waiter).await,
            Err(error) => failed(error),
        }
    }))
}

/// Sends rows with a bulk operation as the stream of their ends is read; arguments are those of `run`.
#[pyfunction]
pub(crate) fn stream(
    client: &Bound<'_, Client>,
    operation: &str,
    rows: &Bound<'_, PyAny>,
    own: &Bound<'_, PyDict>,
    common: &Bound<'_, PyDict>,
) -> PyResult<OutcomeStream> {
    let prepared = prepared(operation, rows, own, common)?;
    if prepared.rows.place() == Place::EventLoop {
        return Err(needs_event_loop());
    }
    let streaming = streaming(client, prepared)?;
    Ok(OutcomeStream::new(streaming))
}

/// As `stream`, for an event loop.
#[pyfunction]
pub(crate) fn async_stream(
    client: &Bound<'_, Client>,
    operation: &str,
    rows: &Bound<'_, PyAny>,
    own: &Bound<'_, PyDict>,
    common: &Bound<'_, PyDict>,
) -> PyResult<AsyncOutcomeStream> {
    let prepared = prepared(operation, rows, own, common)?;
    let streaming = streaming(client, prepared)?;
    Ok(AsyncOutcomeStream::new(streaming))
}

/// Checks rows for a bulk operation and sends nothing; it comes to the Plan. Arguments are those of
/// `run`.
#[pyfunction]
pub(crate) fn plan(
    client: &Bound<'_, Client>,
    operation: &str,
    rows: &Bound<'_, PyAny>,
    own: &Bound<'_, PyDict>,
    common: &Bound<'_, PyDict>,
) -> PyResult<Work> {
    let Prepared { options, rows, .. } = prepared(operation, rows, own, common)?;
    let core = client.get().core(client.py())?;
    Ok(Work::new(rows.place(), |waiter| async move {
        match core.bulk().planning(options.as_ref()) {
            Ok(planning) => plan_rows(planning, rows, waiter).await,
            Err(error) => failed(error),
        }
    }))
}

/// What all of them are given.
struct Prepared {
    options: Box<dyn BulkOptions>,
    rows: Rows,
    watching: Watching,
}

fn prepared(
    operation: &str,
    rows: &Bound<'_, PyAny>,
    own: &Bound<'_, PyDict>,
    common: &Bound<'_, PyDict>,
) -> PyResult<Prepared> {
    let source = source_options(common)?;
    let options = options(operation, own, common)?;
    let given = rows;
    let rows = Rows::of(given, source)?;
    let watching = Watching::of(common, &rows, given)?;
    Ok(Prepared {
        options,
        rows,
        watching,
    })
}

fn streaming(client: &Bound<'_, Client>, prepared: Prepared) -> PyResult<Streaming> {
    let Prepared {
        options,
        rows,
        watching,
    } = prepared;
    let py = client.py();
    let core = client.get().core(py)?;
    let run = block(py, core.bulk().start(options.as_ref()))?;
    let run = run.map_err(|error| exception(py, &error, &error.to_string()))?;
    Ok(Streaming::new(run, watching, rows))
}

fn failed(error: Error) -> Ended {
    Box::new(move |py| Err(exception(py, &error, &error.to_string())))
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

/// Suppresses all members of a list or segment, or lifts their suppression. It comes to the id of
/// Klaviyo's job, or None when the answer did not name it.
#[pyfunction]
pub(crate) fn change_members(
    client: &Bound<'_, Client>,
    lift: bool,
    list_id: Option<String>,
    segment_id: Option<String>,
) -> PyResult<Work> {
    let py = client.py();
    let audience = match (list_id, segment_id) {
        (Some(list), None) => Audience::List(list),
        (None, Some(segment)) => Audience::Segment(segment),
        _ => return Err(configuration(py, "give list_id or segment_id, one of them")),
    };
    let core = client.get().core(py)?;
    let request = async move {
        let bulk = core.bulk();
        if lift {
            bulk.unsuppress_members(&audience).await
        } else {
            bulk.suppress_members(&audience).await
        }
    };
    Ok(Work::request(request, |py, job: Option<JobHandle>| {
        job.map(|job| job.id).into_bound_py_any(py)
    }))
}
