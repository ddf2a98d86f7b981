//! What a client shows Klaviyo to be let in, out of the arguments of `klaviyo_py.Client`.

use chrono::{DateTime, Utc};
use klaviyo_core::client::API_KEY_VARIABLE;
use klaviyo_core::{Credentials, OAuth, Secret, Tokens};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::configuration;

/// The arguments that say who sends.
#[derive(Default)]
pub(crate) struct Given<'py> {
    pub(crate) api_key: Option<String>,
    pub(crate) access_token: Option<String>,
    pub(crate) oauth: Option<Bound<'py, PyAny>>,
    pub(crate) on_token_refresh: Option<Py<PyAny>>,
}

impl Given<'_> {
    /// The credentials that were given, or the key of the environment.
    ///
    /// # Errors
    /// ConfigurationError when there are none, or several.
    pub(crate) fn credentials(self, py: Python<'_>) -> PyResult<Credentials> {
        if self.on_token_refresh.is_some() && self.oauth.is_none() {
            let message =
                "on_token_refresh needs oauth=OAuth(...); other credentials are never renewed";
            return Err(configuration(py, message));
        }
        match (self.api_key, self.access_token, self.oauth) {
            (Some(key), None, None) if !key.is_empty() => Ok(Credentials::ApiKey(Secret::new(key))),
            (None, Some(token), None) => Ok(Credentials::AccessToken(Secret::new(token))),
            (None, None, Some(oauth)) => Ok(Credentials::OAuth(read_oauth(
                &oauth,
                self.on_token_refresh,
            )?)),
            (None | Some(_), None, None) => key_of_environment(py),
            _ => Err(configuration(
                py,
                "give one of api_key, access_token and oauth, not several",
            )),
        }
    }
}

fn key_of_environment(py: Python<'_>) -> PyResult<Credentials> {
    let key = std::env::var(API_KEY_VARIABLE).ok();
    match key.filter(|key| !key.is_empty()) {
        Some(key) => Ok(Credentials::ApiKey(Secret::new(key))),
        None => Err(configuration(
            py,
            &format!(
                "no API key: pass api_key=, or set the environment variable {API_KEY_VARIABLE}, to \
                 the account's private key (it begins with pk_)"
            ),
        )),
    }
}

fn read_oauth(given: &Bound<'_, PyAny>, on_refresh: Option<Py<PyAny>>) -> PyResult<OAuth> {
    let py = given.py();
    let text = |name: &str| given.getattr(name)?.extract::<String>();
    let mut oauth = OAuth::new(
        text("client_id")?,
        text("client_secret")?,
        text("refresh_token")?,
    );
    let access_token: Option<String> = given.getattr("access_token")?.extract()?;
    let expires_at = given.getattr("expires_at")?;
    match (access_token, expires_at.is_none()) {
        (Some(token), false) => oauth = oauth.access_token(token, moment(&expires_at)?),
        (None, true) => {}
        _ => {
            let message = "OAuth takes access_token and expires_at together, or neither";
            return Err(configuration(py, message));
        }
    }
    Ok(match on_refresh {
        Some(store) => oauth.on_refresh(move |tokens| tell(&store, tokens)),
        None => oauth,
    })
}

/// A `datetime` with a time zone.
fn moment(given: &Bound<'_, PyAny>) -> PyResult<DateTime<Utc>> {
    let py = given.py();
    if given.getattr(intern!(py, "tzinfo"))?.is_none() {
        let message = "expires_at has no time zone; give it one, for example timezone.utc";
        return Err(configuration(py, message));
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "seconds since 1970 fit into an i64"
    )]
    let seconds = given
        .call_method0(intern!(py, "timestamp"))?
        .extract::<f64>()? as i64;
    DateTime::from_timestamp(seconds, 0)
        .ok_or_else(|| configuration(py, "expires_at is out of range"))
}

/// Calls the owner's function with new tokens. The request goes on whatever becomes of it: the tokens
/// are at hand, and only the storing failed, which `sys.unraisablehook` is told.
fn tell(store: &Py<PyAny>, tokens: &Tokens) {
    Python::attach(|py| {
        let told = python_tokens(py, tokens).and_then(|tokens| store.call1(py, (tokens,)));
        if let Err(error) = told {
            error.write_unraisable(py, Some(store.bind(py)));
        }
    });
}

fn python_tokens<'py>(py: Python<'py>, tokens: &Tokens) -> PyResult<Bound<'py, PyAny>> {
    let datetime = py.import("datetime")?;
    let utc = datetime.getattr("timezone")?.getattr("utc")?;
    let expires_at = datetime
        .getattr("datetime")?
        .call_method1("fromtimestamp", (tokens.expires_at.timestamp(), utc))?;
    let fields = PyDict::new(py);
    fields.set_item("access_token", tokens.access_token.expose())?;
    fields.set_item("refresh_token", tokens.refresh_token.expose())?;
    fields.set_item("expires_at", expires_at)?;
    let class = py.import("klaviyo_py.oauth")?.getattr("Tokens")?;
    class.call((), Some(&fields))
}
