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

/// A bulk operation with its rows and options: `klaviyo_py.bulk._verbs.Call`.
#[derive(FromPyObject)]
pub(crate) struct Call<'py> {
    operation: String,
    rows: Bound<'py, PyAny>,
    /// The options of this operation alone.
    own: Bound<'py, PyDict>,
    /// Those that all operations have.
    common: Bound<'py, PyDict>,
}

/// Sends rows with a bulk operation; it comes to the Report.
#[pyfunction]
pub(crate) fn run(client: &Bound<'_, Client>, call: Call<'_>) -> PyResult<Work> {
    let Prepared {
        options,
        rows,
        watching,
    } = call.prepare()?;
    let core = client.get().core(client.py())?;
    Ok(Work::new(watching.place(&rows), |waiter| async move {
        match core.bulk().start(options.as_ref()).await {
            Ok(run) => drive(Watched::new(run, watching), rows, waiter).await,
            Err(error) => failed(error),
        }
    }))
}

/// Sends rows with a bulk operation as the stream of their ends is read.
#[pyfunction]
pub(crate) fn stream(client: &Bound<'_, Client>, call: Call<'_>) -> PyResult<OutcomeStream> {
    let prepared = call.prepare()?;
    if prepared.rows.place() == Place::EventLoop {
        return Err(needs_event_loop());
    }
    Ok(OutcomeStream::new(prepared.stream(client)?))
}

/// As `stream`, for an event loop.
#[pyfunction]
pub(crate) fn async_stream(
    client: &Bound<'_, Client>,
    call: Call<'_>,
) -> PyResult<AsyncOutcomeStream> {
    Ok(AsyncOutcomeStream::new(call.prepare()?.stream(client)?))
}

/// Checks rows for a bulk operation and sends nothing; it comes to the Plan.
#[pyfunction]
pub(crate) fn plan(client: &Bound<'_, Client>, call: Call<'_>) -> PyResult<Work> {
    let Prepared { options, rows, .. } = call.prepare()?;
    let core = client.get().core(client.py())?;
    Ok(Work::new(rows.place(), |waiter| async move {
        match core.bulk().planning(options.as_ref()) {
            Ok(planning) => plan_rows(planning, rows, waiter).await,
            Err(error) => failed(error),
        }
    }))
}

/// What a run, a stream or a plan begins with.
struct Prepared {
    options: Box<dyn BulkOptions>,
    rows: Rows,
    watching: Watching,
}

impl Call<'_> {
    fn prepare(&self) -> PyResult<Prepared> {
        let source = source_options(&self.common)?;
        let mut options = self.options()?;
        options.run_mut().source = source.clone();
        let rows = Rows::of(&self.rows, source)?;
        let watching = Watching::of(&self.common, &rows, &self.rows)?;
        Ok(Prepared {
            options,
            rows,
            watching,
        })
    }

    /// The options of the operation, out of its own and those that all have.
    fn options(&self) -> PyResult<Box<dyn BulkOptions>> {
        let py = self.own.py();
        let run = run_options(&self.operation, &self.common)?;
        let options = bulk::options(&self.operation, json_object(&self.own)?);
        let mut options = options.map_err(|error| exception(py, &error, &error.to_string()))?;
        *options.run_mut() = run;
        Ok(options)
    }
}

impl Prepared {
    fn stream(self, client: &Bound<'_, Client>) -> PyResult<Streaming> {
        let py = client.py();
        let core = client.get().core(py)?;
        let run = block(py, core.bulk().start(self.options.as_ref()))?;
        let run = run.map_err(|error| exception(py, &error, &error.to_string()))?;
        Ok(Streaming::new(run, self.watching, self.rows))
    }
}

fn failed(error: Error) -> Ended {
    Box::new(move |py| Err(exception(py, &error, &error.to_string())))
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
