//! The keywords of bulk operations as the engine's options.

use std::path::PathBuf;
use std::time::Duration;

use klaviyo_core::RunOptions;
use klaviyo_core::encode::{Duplicates, Extra, Nulls, Unsendable, json};
use klaviyo_core::journal::Journaling::{Begin, Resume};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::Value;

use crate::errors::configuration;
use crate::row::{Reading, Row};

/// The options of one operation alone, as the engine reads them.
pub(crate) fn json_object(own: &Bound<'_, PyDict>) -> PyResult<Value> {
    let py = own.py();
    let reading = Reading::body();
    let text = json(&Row::new(own.as_any(), &reading));
    reading.end()?;
    let text = text.map_err(|Unsendable { detail, .. }| configuration(py, &detail))?;
    serde_json::from_slice(&text).map_err(|cause| configuration(py, &cause.to_string()))
}

/// The options that all operations have, without those of the rows' source.
///
/// # Errors
/// TypeError for one that there is not; ConfigurationError for a value that it cannot have.
pub(crate) fn run_options(operation: &str, common: &Bound<'_, PyDict>) -> PyResult<RunOptions> {
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
            "job_deadline" => options.job_deadline = seconds(py, "job_deadline", &value)?,
            "journal" => options.journal = value.extract::<Option<PathBuf>>()?.map(Begin),
            // Of the rows' source.
            "columns" | "types" | "separator" => {}
            // Of those who watch the run.
            "progress" => {}
            "resume" => options.journal = Some(Resume(value.extract()?)),
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

/// A length of time, in seconds.
fn seconds(py: Python<'_>, option: &str, given: &Bound<'_, PyAny>) -> PyResult<Duration> {
    Duration::try_from_secs_f64(given.extract()?).map_err(|_| {
        configuration(
            py,
            &format!("{option} must be a number of seconds, 0 or more"),
        )
    })
}

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
