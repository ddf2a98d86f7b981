//! The sandbox on a thread of this process; `klaviyo_py.Sandbox` is the face of it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use klaviyo_sandbox::{Builder, Confirmation, OnRefresh, Sandbox, Settings};
use pyo3::prelude::*;

use crate::errors::configuration;
use crate::process::OfProcess;

/// A Klaviyo on loopback, on threads of this process; `Sandbox` is the comfortable way to one.
#[pyclass(frozen, module = "klaviyo_py._klaviyo")]
pub(crate) struct SandboxServer {
    sandbox: Mutex<Option<OfProcess<Sandbox>>>,
    #[pyo3(get)]
    url: String,
    #[pyo3(get)]
    api_key: String,
    #[pyo3(get)]
    company: String,
    #[pyo3(get)]
    client_id: String,
    #[pyo3(get)]
    client_secret: String,
    #[pyo3(get)]
    refresh_token: String,
}

#[pymethods]
impl SandboxServer {
    #[new]
    #[pyo3(signature = (
        *, port=0, api_key=None, scopes=None, company=None, limits=true, job_seconds=1.0,
        client_id=None, client_secret=None, refresh_token=None, access_token_seconds=3600.0,
        rotate_refresh_tokens=false, confirm=false, suppression_seconds=0.0, sink=false, seed=None,
    ))]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are keyword arguments of a Python class"
    )]
    fn new(
        py: Python<'_>,
        port: u16,
        api_key: Option<String>,
        scopes: Option<Vec<String>>,
        company: Option<String>,
        limits: bool,
        job_seconds: f64,
        client_id: Option<String>,
        client_secret: Option<String>,
        refresh_token: Option<String>,
        access_token_seconds: f64,
        rotate_refresh_tokens: bool,
        confirm: bool,
        suppression_seconds: f64,
        sink: bool,
        seed: Option<u64>,
    ) -> PyResult<Self> {
        let mut settings = Settings {
            port,
            scopes,
            limits,
            job_time: seconds(py, "job_seconds", job_seconds)?,
            access_token_lifetime: seconds(py, "access_token_seconds", access_token_seconds)?,
            suppression_lag: seconds(py, "suppression_seconds", suppression_seconds)?,
            sink,
            seed,
            ..Settings::default()
        };
        if rotate_refresh_tokens {
            settings.on_refresh = OnRefresh::Rotate;
        }
        if confirm {
            settings.confirmation = Confirmation::Given;
        }
        for (setting, given) in [
            (&mut settings.key, api_key),
            (&mut settings.company, company),
            (&mut settings.client_id, client_id),
            (&mut settings.client_secret, client_secret),
            (&mut settings.refresh_token, refresh_token),
        ] {
            if let Some(given) = given {
                *setting = given;
            }
        }
        Self::start(py, settings)
    }

    /// Stops it and frees its port; it may be stopped already.
    fn stop(&self, py: Python<'_>) {
        let mut slot = self.sandbox.lock().unwrap_or_else(PoisonError::into_inner);
        let sandbox = slot.take();
        drop(slot);
        py.detach(|| drop(sandbox));
    }
}

impl SandboxServer {
    fn start(py: Python<'_>, settings: Settings) -> PyResult<Self> {
        let builder = Builder::from(settings.clone());
        let sandbox = py.detach(|| builder.start_thread())?;
        Ok(Self {
            url: sandbox.url().to_owned(),
            api_key: settings.key,
            company: settings.company,
            client_id: settings.client_id,
            client_secret: settings.client_secret,
            refresh_token: settings.refresh_token,
            sandbox: Mutex::new(Some(OfProcess::new(sandbox))),
        })
    }
}

fn seconds(py: Python<'_>, name: &str, seconds: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(seconds)
        .map_err(|_| configuration(py, &format!("{name} must be a number, 0 or more")))
}
