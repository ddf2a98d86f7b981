//! The sandbox on a thread of this process; `klaviyo_py.Sandbox` is the face of it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use klaviyo_sandbox::Sandbox;
use pyo3::prelude::*;

use crate::errors::configuration;
use crate::process::OfProcess;

/// A Klaviyo on loopback, on threads of this process; `Sandbox` is the comfortable way to one.
#[pyclass(frozen, module = "klaviyo_py._klaviyo")]
pub(crate) struct SandboxServer {
    sandbox: Mutex<Option<OfProcess<Sandbox>>>,
    url: String,
    api_key: String,
}

#[pymethods]
impl SandboxServer {
    #[new]
    #[pyo3(signature = (*, port=0, limits=true, job_seconds=1.0))]
    fn new(py: Python<'_>, port: u16, limits: bool, job_seconds: f64) -> PyResult<Self> {
        let job_time = Duration::try_from_secs_f64(job_seconds)
            .map_err(|_| configuration(py, "job_seconds must be a number, 0 or more"))?;
        let builder = Sandbox::builder()
            .port(port)
            .limits(limits)
            .job_time(job_time);
        let sandbox = py.detach(|| builder.start_thread())?;
        Ok(SandboxServer {
            url: sandbox.url().to_owned(),
            api_key: sandbox.key().to_owned(),
            sandbox: Mutex::new(Some(OfProcess::new(sandbox))),
        })
    }

    /// Where it listens: `http://127.0.0.1:PORT`.
    #[getter]
    fn url(&self) -> &str {
        &self.url
    }

    /// The private key that it takes.
    #[getter]
    fn api_key(&self) -> &str {
        &self.api_key
    }

    /// Stops it and frees its port; it may be stopped already.
    fn stop(&self, py: Python<'_>) {
        let mut slot = self.sandbox.lock().unwrap_or_else(PoisonError::into_inner);
        let sandbox = slot.take();
        drop(slot);
        py.detach(|| drop(sandbox));
    }
}
