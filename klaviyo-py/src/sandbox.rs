//! The sandbox on a thread of this process; `klaviyo_py.Sandbox` is the face of it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use klaviyo_sandbox::{Builder, Sandbox, Settings};
use pyo3::prelude::*;

use crate::errors::configuration;
use crate::process::OfProcess;

/// Settings by their names, as text; what is not named is as the sandbox has it by default.
type Chosen = BTreeMap<String, String>;

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
    #[pyo3(signature = (chosen, /))]
    fn new(py: Python<'_>, chosen: Chosen) -> PyResult<Self> {
        let settings = settings(py, &chosen)?;
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

    /// Stops it and frees its port; it may be stopped already.
    fn stop(&self, py: Python<'_>) {
        let mut slot = self.sandbox.lock().unwrap_or_else(PoisonError::into_inner);
        let sandbox = slot.take();
        drop(slot);
        py.detach(|| drop(sandbox));
    }
}

/// Raises ConfigurationError for settings that no sandbox takes.
#[pyfunction]
#[pyo3(signature = (chosen, /))]
pub(crate) fn check_sandbox_settings(py: Python<'_>, chosen: Chosen) -> PyResult<()> {
    settings(py, &chosen).map(drop)
}

/// A setting as a command line shows it: its name, the heading that it stands under, its option, the
/// option's placeholder (or none for a switch), what a switch chooses, what it is about, and its
/// default.
type Shown = (
    &'static str,
    &'static str,
    String,
    Option<String>,
    Option<&'static str>,
    &'static str,
    String,
);

/// All settings, for the command line.
#[pyfunction]
pub(crate) fn sandbox_settings() -> Vec<Shown> {
    let shown = |setting: &klaviyo_sandbox::NamedSetting| {
        let switched = setting.switched();
        let placeholder = switched.is_none().then(|| setting.placeholder());
        let default = setting.of(&Settings::default());
        let (name, heading, about) = (setting.name, setting.heading, setting.about);
        let flag = setting.flag();
        (name, heading, flag, placeholder, switched, about, default)
    };
    Settings::NAMED.iter().map(shown).collect()
}

fn settings(py: Python<'_>, chosen: &Chosen) -> PyResult<Settings> {
    let mut settings = Settings::default();
    for (name, text) in chosen {
        settings
            .set(name, text)
            .map_err(|error| configuration(py, &error.to_string()))?;
    }
    Ok(settings)
}
