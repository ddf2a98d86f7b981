//! What is done one at a time. The methods of `klaviyo_py.actions` are the only callers.

use std::time::Duration;

use klaviyo_core::actions::OptIn;
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;

use crate::client::Client;
use crate::errors::configuration;
use crate::row::{Reading, Row};
use crate::work::Work;

/// Creates or updates a profile; comes to its id, and whether it was created.
#[pyfunction]
pub(crate) fn upsert_profile(
    client: &Bound<'_, Client>,
    row: &Bound<'_, PyAny>,
    then: Py<PyAny>,
) -> PyResult<Work> {
    let core = client.get().core(client.py())?;
    let request = read(row, |row| core.actions().upsert_profile(row))?;
    Ok(Work::request(request, move |py, profile| {
        then.into_bound(py).call1((profile.id, profile.created))
    }))
}

/// Creates a profile; comes to its id, and whether there was one already.
#[pyfunction]
pub(crate) fn create_profile(
    client: &Bound<'_, Client>,
    row: &Bound<'_, PyAny>,
    then: Py<PyAny>,
) -> PyResult<Work> {
    let core = client.get().core(client.py())?;
    let request = read(row, |row| core.actions().create_profile(row))?;
    Ok(Work::request(request, move |py, profile| {
        then.into_bound(py).call1((profile.id, profile.existed))
    }))
}

/// Creates or updates a profile as a browser would.
#[pyfunction]
pub(crate) fn upsert_client_profile(
    client: &Bound<'_, Client>,
    company_id: &str,
    row: &Bound<'_, PyAny>,
) -> PyResult<Work> {
    let core = client.get().core(client.py())?;
    let actions = core.actions();
    let request = read(row, |row| actions.upsert_client_profile(company_id, row))?;
    Ok(Work::request(request, nothing))
}

/// Records an event.
#[pyfunction]
pub(crate) fn create_event(client: &Bound<'_, Client>, row: &Bound<'_, PyAny>) -> PyResult<Work> {
    let core = client.get().core(client.py())?;
    let request = read(row, |row| core.actions().create_event(row))?;
    Ok(Work::request(request, nothing))
}

/// Creates a list; comes to its id.
#[pyfunction]
pub(crate) fn create_list(
    client: &Bound<'_, Client>,
    name: String,
    opt_in_process: Option<&str>,
) -> PyResult<Work> {
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
    let request = async move { core.actions().create_list(&name, opt_in).await };
    Ok(Work::request(request, |py, id| id.into_bound_py_any(py)))
}

/// How many people a campaign would reach, waited for `timeout` seconds at most.
#[pyfunction]
pub(crate) fn estimate_recipients(
    client: &Bound<'_, Client>,
    campaign_id: String,
    timeout: f64,
) -> PyResult<Work> {
    let py = client.py();
    let deadline = Duration::try_from_secs_f64(timeout)
        .map_err(|_| configuration(py, "timeout must be a number of seconds of at least 0"))?;
    let core = client.get().core(py)?;
    let request = async move {
        let actions = core.actions();
        actions.estimate_recipients(&campaign_id, deadline).await
    };
    Ok(Work::request(request, |py, people| {
        people.into_bound_py_any(py)
    }))
}

/// What a row is read for.
///
/// # Errors
/// What the reading raised, if that is no matter of the row.
fn read<'py, F>(row: &Bound<'py, PyAny>, begin: impl FnOnce(&Row<'_, 'py>) -> F) -> PyResult<F> {
    let reading = Reading::row();
    let action = begin(&Row::new(row, &reading));
    reading.end().map(|()| action)
}

fn nothing(py: Python<'_>, (): ()) -> PyResult<Bound<'_, PyAny>> {
    Ok(py.None().into_bound(py))
}
