//! `Report.open_jobs`: jobs whose end is not known, to ask for it later.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use klaviyo_core::jobs::{JobError, JobReport};
use klaviyo_core::{JobHandle, JobHandles};
use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple, PyType};

use crate::client::Client;
use crate::errors::{configuration, exception};
use crate::work::Work;

/// The module that holds the dataclasses.
const MODULE: &str = "klaviyo_py.jobs";

/// Klaviyo's jobs whose end is not known, because nobody waited for it; their rows are `accepted`.
///
/// It has a length and can be iterated. Ask later what became of the rows, from this process or, by
/// way of a file, from another.
///
/// >>> report = client.bulk.import_profiles([{"email": "ada@shop.example"}], wait=False)
/// >>> report.accepted, len(report.open_jobs)
/// (1, 1)
/// >>> report.open_jobs.save(folder / "jobs.json")
/// >>> jobs = klaviyo_py.Jobs.load(folder / "jobs.json")
/// >>> [job] = jobs.wait(client, timeout=60)
/// >>> job.status, job.completed
/// ('complete', 1)
#[derive(PartialEq)]
#[pyclass(frozen, eq, module = "klaviyo_py")]
pub(crate) struct Jobs(Arc<JobHandles>);

impl Jobs {
    pub(crate) fn new(handles: JobHandles) -> Self {
        Jobs(Arc::new(handles))
    }
}

#[pymethods]
impl Jobs {
    /// Reads what `save` wrote.
    #[classmethod]
    fn load(_: &Bound<'_, PyType>, path: PathBuf) -> PyResult<Self> {
        Ok(Self::new(JobHandles::load(path)?))
    }

    /// Writes them to a file. It replaces what was there only when it is whole, and only its owner
    /// may read it.
    fn save(&self, path: PathBuf) -> PyResult<()> {
        Ok(self.0.save(path)?)
    }

    /// How the jobs are doing now, in their order; to be awaited with an AsyncClient. One that cannot
    /// be looked at is `unseen`; an exception is raised only when none can.
    fn poll<'py>(&self, client: &Bound<'py, Client>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(client, Duration::ZERO)
    }

    /// Waits until all jobs have ended, but for `timeout` seconds at most; gives them in their order.
    /// To be awaited with an AsyncClient.
    #[pyo3(signature = (client, timeout=3600.0))]
    fn wait<'py>(&self, client: &Bound<'py, Client>, timeout: f64) -> PyResult<Bound<'py, PyAny>> {
        let timeout = Duration::try_from_secs_f64(timeout).map_err(|_| {
            configuration(
                client.py(),
                "timeout must be a number of seconds, 0 or more",
            )
        })?;
        self.ask(client, timeout)
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let jobs: PyResult<Vec<_>> = self.0.iter().map(|handle| job(py, handle)).collect();
        Ok(PyList::new(py, jobs?)?.try_iter()?.into_any())
    }

    fn __repr__(&self) -> String {
        format!("<Jobs: {}>", self.0.len())
    }

    /// For pickle.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        let text = serde_json::to_string(&*slf.get().0);
        let text = text.map_err(|cause| PyValueError::new_err(cause.to_string()))?;
        Ok((slf.get_type().getattr("_from_json")?, (text,)))
    }

    /// For pickle: what `__reduce__` gave.
    #[classmethod]
    fn _from_json(_: &Bound<'_, PyType>, text: &str) -> PyResult<Self> {
        let handles = serde_json::from_str(text);
        let handles = handles.map_err(|cause| PyValueError::new_err(cause.to_string()))?;
        Ok(Self::new(handles))
    }
}

impl Jobs {
    fn ask<'py>(
        &self,
        client: &Bound<'py, Client>,
        deadline: Duration,
    ) -> PyResult<Bound<'py, PyAny>> {
        let core = client.get().core(client.py())?;
        let jobs = Arc::clone(&self.0);
        let request = async move { core.jobs().wait(&jobs, deadline).await };
        let work = Work::request(request, |py, reports| {
            let reports: PyResult<Vec<_>> = reports.iter().map(|one| job_report(py, one)).collect();
            Ok(PyList::new(py, reports?)?.into_any())
        });
        // The client's class says whether to wait here.
        client.call_method1(intern!(client.py(), "_end"), (work,))
    }
}

/// A job as Python sees it.
fn job<'py>(py: Python<'py>, handle: &JobHandle) -> PyResult<Bound<'py, PyAny>> {
    py.import(MODULE)?.getattr("Job")?.call1((
        &handle.operation,
        &handle.id,
        PyTuple::new(py, handle.rows.iter().collect::<Vec<_>>())?,
        moment(py, handle.began)?,
        handle.expires.map(|time| moment(py, time)).transpose()?,
    ))
}

fn moment(py: Python<'_>, time: DateTime<Utc>) -> PyResult<Bound<'_, PyAny>> {
    let datetime = py.import("datetime")?;
    let utc = datetime.getattr("timezone")?.getattr("utc")?;
    let seconds = time.timestamp();
    datetime
        .getattr("datetime")?
        .call_method1("fromtimestamp", (seconds, utc))
}

fn job_report<'py>(py: Python<'py>, report: &JobReport) -> PyResult<Bound<'py, PyAny>> {
    let fields = PyDict::new(py);
    fields.set_item("job", job(py, &report.handle)?)?;
    fields.set_item("status", report.status.as_str())?;
    fields.set_item("ended", report.status.has_ended())?;
    fields.set_item("completed", report.counts.completed)?;
    fields.set_item("accepted", report.counts.accepted)?;
    fields.set_item("failed", report.counts.failed)?;
    fields.set_item("unknown", report.counts.unknown)?;
    let errors: PyResult<Vec<_>> = report.errors.iter().map(|one| job_error(py, one)).collect();
    fields.set_item("errors", PyTuple::new(py, errors?)?)?;
    let error = report.error.as_ref();
    let error = error.map(|error| exception(py, error, &error.to_string()));
    fields.set_item("error", error)?;
    let class = py.import(MODULE)?.getattr("JobReport")?;
    class.call((), Some(&fields))
}

fn job_error<'py>(py: Python<'py>, error: &JobError) -> PyResult<Bound<'py, PyAny>> {
    let payload = error.payload.as_ref().map(ToString::to_string);
    py.import(MODULE)?.getattr("JobFailure")?.call1((
        error.row,
        &error.code,
        &error.detail,
        &error.pointer,
        payload,
    ))
}
