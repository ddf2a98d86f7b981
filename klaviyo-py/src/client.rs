//! The native half of `klaviyo_py.Client` and `AsyncClient`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use klaviyo_core::{ChangedOptions, Client as CoreClient, ClientOptions, Secret};
use klaviyo_gen::Limits;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::credentials::Given;
use crate::errors::{configuration, exception, forked};
use crate::logs;
use crate::process::OfProcess;

/// The native half of `klaviyo_py.Client` and `AsyncClient`, which add how to wait (`_end`), and the
/// single operations by their tags.
#[pyclass(frozen, subclass, module = "klaviyo_py._klaviyo")]
pub(crate) struct Client {
    /// `None` once it is closed.
    core: RwLock<Option<OfProcess<CoreClient>>>,
    base_url: String,
}

/// The engine of a client that [`Client::with_options`] is about to make.
#[pyclass(frozen, module = "klaviyo_py._klaviyo")]
struct Engine {
    core: CoreClient,
    base_url: String,
}

#[pymethods]
impl Client {
    #[new]
    #[pyo3(signature = (
        api_key=None, *, access_token=None, oauth=None, on_token_refresh=None, base_url=None,
        share=1.0, limits=None, timeout=60.0, max_retries=7, revision=None, proxy=None,
        ca_bundle=None, _engine=None,
    ), text_signature = "(api_key=None, *, access_token=None, oauth=None, on_token_refresh=None, \
        base_url=None, share=1.0, limits=None, timeout=60.0, max_retries=7, revision=None, \
        proxy=None, ca_bundle=None)")]
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
        limits: Option<BTreeMap<String, (u32, u32)>>,
        timeout: f64,
        max_retries: i64,
        revision: Option<String>,
        proxy: Option<String>,
        ca_bundle: Option<PathBuf>,
        _engine: Option<Bound<'_, Engine>>,
    ) -> PyResult<Self> {
        if let Some(engine) = _engine {
            let Engine { core, base_url } = engine.get();
            return Ok(Client::of(core.clone(), base_url.clone()));
        }
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
        if let Some(revision) = revision {
            options.revision = revision;
        }
        options.limits.share = share;
        options.limits.overrides = overrides(limits.unwrap_or_default());
        options.retry.attempts = attempts(py, max_retries)?;
        options.attempt_timeout = positive_seconds(py, timeout)?;
        let base_url = options.base_url.clone();
        let core =
            CoreClient::new(options).map_err(|error| exception(py, &error, &error.to_string()))?;
        Ok(Client::of(core, base_url))
    }

    /// A client with other options, which shares connections, credentials and the count of the
    /// account's limits with this one. What is not given stays as it is. It costs next to nothing,
    /// so it will do for a single call:
    ///
    /// >>> client.with_options(timeout=5, max_retries=0).profiles.get_profiles().data
    /// []
    ///
    /// `timeout` is for one attempt, as `Client` takes it: a body gets 20 s a megabyte on top.
    /// `share` is the part of the limits within which the new client stays: it sends only while all
    /// requests of the process take less, and leaves the rest to the others. It cannot be more than
    /// that of the client that was made first. `revision` is another revision of Klaviyo's API
    /// (`"2026-07-15"`), which answers in its own way.
    ///
    /// Raises ConfigurationError when an option cannot be used.
    #[pyo3(signature = (*, timeout=None, share=None, revision=None, max_retries=None))]
    fn with_options<'py>(
        slf: &Bound<'py, Self>,
        timeout: Option<f64>,
        share: Option<f64>,
        revision: Option<String>,
        max_retries: Option<i64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let changed = ChangedOptions {
            revision,
            attempt_timeout: timeout
                .map(|given| positive_seconds(py, given))
                .transpose()?,
            share,
            attempts: max_retries.map(|given| attempts(py, given)).transpose()?,
        };
        let core = slf.get().core(py)?.with_options(changed);
        let engine = Engine {
            core: core.map_err(|error| exception(py, &error, &error.to_string()))?,
            base_url: slf.get().base_url.clone(),
        };
        let given = PyDict::new(py);
        given.set_item("_engine", Bound::new(py, engine)?)?;
        // As copy.copy does it: a class of the user's own may take other arguments.
        let class = py.get_type::<Client>();
        let its_class = slf.get_type();
        let client = class.call_method(intern!(py, "__new__"), (its_class,), Some(&given))?;
        let state = |client: &Bound<'py, PyAny>| client.getattr(intern!(py, "__dict__"));
        state(&client)?.call_method1(intern!(py, "update"), (state(slf.as_any())?,))?;
        Ok(client)
    }

    /// Lets go of the connections, unless clients made by `with_options` still use them. Nothing can
    /// be sent after that. `with Client() as client:` closes it at the end of the block.
    fn close(&self) {
        let mut core = self.core.write().unwrap_or_else(PoisonError::into_inner);
        drop(core.take());
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
    fn of(core: CoreClient, base_url: String) -> Self {
        Client {
            core: RwLock::new(Some(OfProcess::new(core))),
            base_url,
        }
    }

    /// The engine.
    ///
    /// # Errors
    /// When the client is closed, or in a process that was forked from the one that made it.
    pub(crate) fn core(&self, py: Python<'_>) -> PyResult<CoreClient> {
        logs::heed(py)?;
        let core = self.core.read().unwrap_or_else(PoisonError::into_inner);
        let core = core.as_ref();
        let core = core.ok_or_else(|| configuration(py, "this Client is closed"))?;
        let core = core.get().map_err(|fork| forked(py, fork, "Client"))?;
        Ok(core.clone())
    }
}

/// The limits of an account that has others than the usual ones: requests a second and a minute.
fn overrides(limits: BTreeMap<String, (u32, u32)>) -> BTreeMap<String, Limits> {
    let limits = limits.into_iter().map(|(operation, (burst, steady))| {
        let daily = klaviyo_gen::find(&operation).and_then(|known| known.limits.daily);
        let own = Limits {
            burst: Some(burst),
            steady: Some(steady),
            daily,
        };
        (operation, own)
    });
    limits.collect()
}

fn read_bundle(py: Python<'_>, path: &Path) -> PyResult<Vec<u8>> {
    std::fs::read(path).map_err(|error| {
        let path = path.display();
        configuration(py, &format!("ca_bundle {path} could not be read: {error}"))
    })
}

/// How often a request is sent at most.
fn attempts(py: Python<'_>, max_retries: i64) -> PyResult<u32> {
    u32::try_from(max_retries.saturating_add(1))
        .ok()
        .filter(|attempts| *attempts > 0)
        .ok_or_else(|| {
            let message = format!("max_retries must be a number of at least 0, not {max_retries}");
            configuration(py, &message)
        })
}

fn positive_seconds(py: Python<'_>, seconds: f64) -> PyResult<Duration> {
    let length = Duration::try_from_secs_f64(seconds).ok();
    length
        .filter(|length| !length.is_zero())
        .ok_or_else(|| configuration(py, "timeout must be a number of seconds above 0"))
}
