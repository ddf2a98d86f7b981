//! `run`: any bulk operation by its name. The methods of `klaviyo_py.bulk` are its only callers.

use std::cell::RefCell;

use klaviyo_core::bulk::Audience;
use klaviyo_core::encode::{Duplicates, Extra, Nulls, Unsendable, json};
use klaviyo_core::{Error, JobHandle, RunOptions};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::Value;

use crate::client::Client;
use crate::drive::drive;
use crate::errors::{configuration, exception};
use crate::row::Row;
use crate::runtime::{block, runtime};
use crate::source::Rows;

/// Sends rows with a bulk operation and gives the Report.
///
/// `own` are the options of this operation alone, `common` those that all operations have.
#[pyfunction]
pub(crate) fn run<'py>(
    client: &Bound<'py, Client>,
    operation: &str,
    rows: &Bound<'py, PyAny>,
    own: &Bound<'py, PyDict>,
    common: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = client.py();
    let core = client.get().core(py)?;
    let common = run_options(operation, common)?;
    let own = value(py, own)?;
    let rows = Rows::of(rows)?;
    let run = {
        let _runtime = runtime()?.enter();
        core.bulk().start_named(operation, own, common)
    };
    let run = run.map_err(|error| exception(py, &error, &error.to_string()))?;
    drive(run, &rows)
}

/// Suppresses all members of a list or segment, or lifts their suppression. Gives the id of Klaviyo's
/// job, or None when the answer did not name it.
#[pyfunction]
pub(crate) fn change_members<'py>(
    client: &Bound<'py, Client>,
    lift: bool,
    list_id: Option<String>,
    segment_id: Option<String>,
) -> PyResult<Option<String>> {
    let py = client.py();
    let audience = match (list_id, segment_id) {
        (Some(list), None) => Audience::List(list),
        (None, Some(segment)) => Audience::Segment(segment),
        _ => return Err(configuration(py, "give list_id or segment_id, one of them")),
    };
    let core = client.get().core(py)?;
    let bulk = core.bulk();
    let job: Result<Option<JobHandle>, Error> = if lift {
        block(py, bulk.unsuppress_members(&audience))?
    } else {
        block(py, bulk.suppress_members(&audience))?
    };
    let job = job.map_err(|error| exception(py, &error, &error.to_string()))?;
    Ok(job.map(|job| job.id))
}

/// The options of one operation, as JSON.
fn value(py: Python<'_>, own: &Bound<'_, PyDict>) -> PyResult<Value> {
    let raised = RefCell::new(None);
    let text = json(&Row::body(own.as_any(), &raised));
    if let Some(error) = raised.take() {
        return Err(error);
    }
    let text = text.map_err(|Unsendable { detail, .. }| configuration(py, &detail))?;
    serde_json::from_slice(&text).map_err(|cause| configuration(py, &cause.to_string()))
}

fn run_options(operation: &str, common: &Bound<'_, PyDict>) -> PyResult<RunOptions> {
    let mut options = RunOptions::default();
    for (name, value) in common {
        let py = common.py();
        let name: String = name.extract()?;
        match name.as_str() {
            "extra" => options.rows.extra = choice(py, "extra", &value, &EXTRAS)?,
            "nulls" => options.rows.nulls = choice(py, "nulls", &value, &NULLS)?,
            "duplicates" => {
                options.rows.duplicates = choice(py, "duplicates", &value, &DUPLICATES)?;
            }
            "run_id" => options.run_id = value.extract()?,
            "wait" => options.wait = value.extract()?,
            _ => {
                let message = format!("{operation}() got an unexpected keyword argument {name:?}");
                return Err(PyTypeError::new_err(message));
            }
        }
    }
    Ok(options)
}

const EXTRAS: [(&str, Extra); 2] = [("reject", Extra::Reject), ("properties", Extra::Properties)];
const NULLS: [(&str, Nulls); 3] = [
    ("omit", Nulls::Omit),
    ("clear", Nulls::Clear),
    ("reject", Nulls::Reject),
];
const DUPLICATES: [(&str, Duplicates); 2] =
    [("warn", Duplicates::Warn), ("reject", Duplicates::Reject)];

/// One of several words.
fn choice<T: Copy>(
    py: Python<'_>,
    option: &str,
    given: &Bound<'_, PyAny>,
    choices: &[(&str, T)],
) -> PyResult<T> {
    let word: String = given.extract()?;
    let chosen = choices.iter().find(|(known, _)| *known == word);
    chosen.map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<String> = choices
            .iter()
            .map(|(word, _)| format!("{word:?}"))
            .collect();
        let message = format!("{option} must be {}, not {word:?}", words.join(" or "));
        configuration(py, &message)
    })
}
