//! What is done one at a time. The methods of `klaviyo_py.actions` are the only callers.

use std::cell::RefCell;
use std::time::Duration;

use klaviyo_core::Error;
use klaviyo_core::actions::OptIn;
use pyo3::prelude::*;

use crate::client::Client;
use crate::errors::{configuration, exception};
use crate::row::Row;
use crate::runtime::block;

/// Creates or updates a profile; its id, and whether it was created.
#[pyfunction]
pub(crate) fn upsert_profile(
    client: &Bound<'_, Client>,
    row: &Bound<'_, PyAny>,
) -> PyResult<(String, bool)> {
    let core = client.get().core(client.py())?;
    let written = act(row, |row| core.actions().upsert_profile(row))?;
    Ok((written.id, written.created))
}

/// Creates a profile; its id, and whether there was one already.
#[pyfunction]
pub(crate) fn create_profile(
    client: &Bound<'_, Client>,
    row: &Bound<'_, PyAny>,
) -> PyResult<(String, bool)> {
    let core = client.get().core(client.py())?;
    let created = act(row, |row| core.actions().create_profile(row))?;
    Ok((created.id, created.existed))
}

/// Creates or updates a profile as a browser would.
#[pyfunction]
pub(crate) fn upsert_client_profile(
    client: &Bound<'_, Client>,
    company_id: &str,
    row: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let core = client.get().core(client.py())?;
    act(row, |row| {
        core.actions().upsert_client_profile(company_id, row)
    })
}

/// Records an event.
#[pyfunction]
pub(crate) fn create_event(client: &Bound<'_, Client>, row: &Bound<'_, PyAny>) -> PyResult<()> {
    let core = client.get().core(client.py())?;
    act(row, |row| core.actions().create_event(row))
}

/// Creates a list; its id.
#[pyfunction]
pub(crate) fn create_list(
    client: &Bound<'_, Client>,
    name: &str,
    opt_in_process: Option<&str>,
) -> PyResult<String> {
    let py = client.py();
    let opt_in = match opt_in_process {
        None => None,
        Some("double_opt_in") => Some(OptIn::DoubleOptIn),
        Some("single_opt_in") => Some(OptIn::SingleOptIn),
        Some(other) => {
            let message = format!(
                "opt_in_process must be \"double_opt_in\" or \"single_opt_in\", not {other:?}"
            );
            return Err(configuration(py, &message));
        }
    };
    let core = client.get().core(py)?;
    let actions = core.actions();
    ended(py, block(py, actions.create_list(name, opt_in))?)
}

/// How many people a campaign would reach, waited for `timeout` seconds at most.
#[pyfunction]
pub(crate) fn estimate_recipients(
    client: &Bound<'_, Client>,
    campaign_id: &str,
    timeout: f64,
) -> PyResult<u64> {
    let py = client.py();
    let deadline = Duration::try_from_secs_f64(timeout)
        .map_err(|_| configuration(py, "timeout must be a number of seconds of at least 0"))?;
    let core = client.get().core(py)?;
    let actions = core.actions();
    ended(
        py,
        block(py, actions.estimate_recipients(campaign_id, deadline))?,
    )
}

/// Has a row read under the GIL, and waits for what it was read for without.
fn act<'py, F, T>(row: &Bound<'py, PyAny>, begin: impl FnOnce(&Row<'_, 'py>) -> F) -> PyResult<T>
where
    F: Future<Output = Result<T, Error>> + Send,
    T: Send,
{
    let raised = RefCell::new(None);
    let action = begin(&Row::new(row, &raised));
    if let Some(error) = raised.take() {
        return Err(error);
    }
    ended(row.py(), block(row.py(), action)?)
}

fn ended<T>(py: Python<'_>, result: Result<T, Error>) -> PyResult<T> {
    result.map_err(|error| exception(py, &error, &error.to_string()))
}
