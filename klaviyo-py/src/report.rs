//! Reports as `klaviyo_py.Report`, a dataclass of Python's.

use klaviyo_core::{Counts, Report, RowFailure, RowOutcome, Usage};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple, PyType};

use crate::failures::Failures;
use crate::jobs::Jobs;

/// The module that holds the dataclasses.
const MODULE: &str = "klaviyo_py.report";

/// A report as Python sees it.
pub(crate) fn to_python(py: Python<'_>, report: Report) -> PyResult<Bound<'_, PyAny>> {
    let fields = PyDict::new(py);
    fields.set_item("operation", report.operation)?;
    fields.set_item("run_id", report.run_id)?;
    fields.set_item("rows", report.rows)?;
    set_figures(&fields, &report.counts, &report.usage)?;
    fields.set_item("batches", report.batches)?;
    fields.set_item("jobs", report.jobs)?;
    fields.set_item("open_jobs", Jobs::new(report.open_jobs))?;
    fields.set_item("elapsed", report.elapsed.as_secs_f64())?;
    fields.set_item("least_time", report.least_time.as_secs_f64())?;
    fields.set_item("reasons", report.reasons)?;
    fields.set_item("warnings", PyTuple::new(py, report.warnings)?)?;
    fields.set_item("_failures", Failures::new(report.failures))?;
    py.import(MODULE)?
        .getattr("Report")?
        .call((), Some(&fields))
}

/// Sets the fields that a report and the progress towards it share.
pub(crate) fn set_figures(
    fields: &Bound<'_, PyDict>,
    counts: &Counts,
    usage: &Usage,
) -> PyResult<()> {
    fields.set_item("completed", counts.completed)?;
    fields.set_item("accepted", counts.accepted)?;
    fields.set_item("failed", counts.failed)?;
    fields.set_item("rejected", counts.rejected)?;
    fields.set_item("unknown", counts.unknown)?;
    fields.set_item("requests", usage.requests)?;
    fields.set_item("throttled", usage.throttled)?;
    fields.set_item("retries", usage.retries)?;
    fields.set_item("bytes_sent", usage.bytes_sent)?;
    fields.set_item("waited", usage.waited.as_secs_f64())
}

/// The end of a row as Python sees it.
pub(crate) fn outcome_to_python(py: Python<'_>, outcome: RowOutcome) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let failure = outcome
        .failure
        .map(|failure| failure_to_python(py, failure));
    let class = CLASS.import(py, MODULE, "RowOutcome")?;
    class.call1((outcome.row, outcome.outcome.as_str(), failure.transpose()?))
}

/// A failure as Python sees it.
pub(crate) fn failure_to_python(py: Python<'_>, failure: RowFailure) -> PyResult<Bound<'_, PyAny>> {
    let class = py.import(MODULE)?.getattr("Failure")?;
    class.call1((
        failure.row,
        failure.outcome.as_str(),
        failure.code,
        failure.detail,
        failure.pointer,
        failure.item,
    ))
}
