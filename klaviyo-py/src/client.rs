//! The native half of `klaviyo_py.Client`.

use std::sync::Arc;
use std::time::Duration;

use klaviyo_core::client::API_KEY_VARIABLE;
use klaviyo_core::{Client as CoreClient, ClientOptions};
use pyo3::prelude::*;

use crate::bulk::Bulk;
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
    #[pyo3(signature = (api_key=None, *, base_url=None, share=1.0, timeout=60.0, max_retries=7))]
    fn new(
        py: Python<'_>,
        api_key: Option<String>,
        base_url: Option<String>,
        share: f64,
        timeout: f64,
        max_retries: u32,
    ) -> PyResult<Self> {
        let key = api_key
            .or_else(|| std::env::var(API_KEY_VARIABLE).ok())
            .filter(|key| !key.is_empty())
            .ok_or_else(|| {
                let message = format!(
                    "no API key: pass api_key=, or set the environment variable \
                     {API_KEY_VARIABLE}, to the account's private key (it begins with pk_)"
                );
                configuration(py, &message)
            })?;
        let mut options = ClientOptions::new(key);
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

    /// The bulk operations: many rows a request, and a report of what became of each.
    #[getter]
    fn bulk(&self) -> Bulk {
        Bulk::new(Arc::clone(&self.core))
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

fn positive_seconds(seconds: f64) -> Option<Duration> {
    let length = Duration::try_from_secs_f64(seconds).ok()?;
    (!length.is_zero()).then_some(length)
}
