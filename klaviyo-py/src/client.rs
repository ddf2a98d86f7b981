//! The native half of `klaviyo_py.Client`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use klaviyo_core::{Client as CoreClient, ClientOptions, Secret};
use pyo3::prelude::*;

use crate::credentials::Given;
use crate::errors::{configuration, exception, forked};
use crate::process::OfProcess;

/// The native half of `klaviyo_py.Client`, which adds the single operations by their tags.
#[pyclass(frozen, subclass, module = "klaviyo_py._klaviyo")]
pub(crate) struct Client {
    core: Arc<OfProcess<CoreClient>>,
    base_url: String,
}

#[pymethods]
impl Client {
    #[new]
    #[pyo3(signature = (
        api_key=None, *, access_token=None, oauth=None, on_token_refresh=None, base_url=None,
        share=1.0, timeout=60.0, max_retries=7, proxy=None, ca_bundle=None,
    ))]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are keyword arguments of a Python class"
    )]
    fn new(
        py: Python<'_>,
        api_key: Option<String>,
        access_token: Option<String>,
        oauth: Option<Bound<'_, PyAny>>,
        on_token_refresh: Option<Py<PyAny>>,
        base_url: Option<String>,
        share: f64,
        timeout: f64,
        max_retries: u32,
        proxy: Option<String>,
        ca_bundle: Option<PathBuf>,
    ) -> PyResult<Self> {
        let given = Given {
            api_key,
            access_token,
            oauth,
            on_token_refresh,
        };
        let mut options = ClientOptions::with(given.credentials(py)?);
        options.proxy = proxy.map(Secret::new);
        options.ca_bundle = ca_bundle.map(|path| read_bundle(py, &path)).transpose()?;
        if let Some(base_url) = base_url {
            options.base_url = base_url;
        }
        options.limits.share = share;
        options.retry.attempts = max_retries.saturating_add(1);
        options.attempt_timeout = positive_seconds(timeout)
            .ok_or_else(|| configuration(py, "timeout must be a number of seconds above 0"))?;
        let base_url = options.base_url.clone();
        let core =
            CoreClient::new(options).map_err(|error| exception(py, &error, &error.to_string()))?;
        Ok(Client {
            core: Arc::new(OfProcess::new(core)),
            base_url,
        })
    }

    /// Where requests go.
    #[getter]
    fn base_url(&self) -> &str {
        &self.base_url
    }

    fn __repr__(&self) -> String {
        format!("Client(base_url={:?})", self.base_url)
    }
}

impl Client {
    /// The engine.
    ///
    /// # Errors
    /// In a process that was forked from the one that made the client.
    pub(crate) fn core(&self, py: Python<'_>) -> PyResult<&CoreClient> {
        self.core.get().map_err(|fork| forked(py, fork, "Client"))
    }
}

fn read_bundle(py: Python<'_>, path: &Path) -> PyResult<Vec<u8>> {
    std::fs::read(path).map_err(|error| {
        let path = path.display();
        configuration(py, &format!("ca_bundle {path} could not be read: {error}"))
    })
}

fn positive_seconds(seconds: f64) -> Option<Duration> {
    let length = Duration::try_from_secs_f64(seconds).ok()?;
    (!length.is_zero()).then_some(length)
}
