//! Rows of whatever offers itself as Arrow, by its capsules: polars, duckdb, arro3, pyarrow, pandas.

use klaviyo_core::source::{Batches, SourceOptions};
use pyo3::exceptions::{PyImportError, PyTypeError};
use pyo3::prelude::*;
use pyo3_arrow::input::AnyRecordBatch;

use super::{native, slices};

/// What an object offers; none when it knows nothing of Arrow.
///
/// # Errors
/// TypeError when it offers no records, ImportError when it lacks something to make them.
pub(super) fn offer(rows: &Bound<'_, PyAny>, options: &SourceOptions) -> PyResult<Option<Batches>> {
    let py = rows.py();
    let Some(rows) = &offering(rows)? else {
        return Ok(None);
    };
    let kind = rows.get_type().fully_qualified_name()?.to_string();
    let rows = &readable(rows, "_polars", &["polars"])?;
    let reader = slices::reader(rows).and_then(|slices| match slices {
        Some(slices) => Ok(slices),
        None => {
            let rows = readable(rows, "_pyarrow", &["pyarrow", "pandas"])?;
            rows.extract::<AnyRecordBatch>()?.into_reader()
        }
    });
    let reader = reader.map_err(|error| refused(py, &kind, error))?;
    let batches = Batches::new(reader, format!("the {kind}"), options);
    let batches = batches.map_err(|error| native::exception(py, &error))?;
    Ok(Some(batches))
}

/// What offers the rows as Arrow. Datasets of pyarrow and their scanners do so by a reader only.
fn offering<'py>(rows: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    if rows.hasattr("__arrow_c_stream__")? || rows.hasattr("__arrow_c_array__")? {
        return Ok(Some(rows.clone()));
    }
    let module = rows.get_type().module()?;
    if !module.to_str()?.starts_with("pyarrow.") {
        return Ok(None);
    }
    for way in ["scanner", "to_reader"] {
        if rows.hasattr(way)? {
            return offering(&rows.call_method0(way)?);
        }
    }
    Ok(None)
}

/// The same rows, without what the reader makes nothing of; that module sees to it for these packages.
fn readable<'py>(
    rows: &Bound<'py, PyAny>,
    module: &str,
    packages: &[&str],
) -> PyResult<Bound<'py, PyAny>> {
    let theirs = rows.get_type().module()?;
    let package = theirs.to_str()?.split('.').next();
    if !package.is_some_and(|package| packages.contains(&package)) {
        return Ok(rows.clone());
    }
    let ours = rows.py().import(format!("klaviyo_py.{module}"))?;
    ours.call_method1("readable", (rows,))
}

fn refused(py: Python<'_>, kind: &str, error: PyErr) -> PyErr {
    let explained = if error.is_instance_of::<PyImportError>(py) {
        let message = format!(
            "a {kind} gives its rows by way of pyarrow, which is not installed: \
             pip install \"klaviyo-py[pandas]\", or give frame.to_dict(\"records\")"
        );
        PyImportError::new_err(message)
    } else {
        let message = format!("rows must be records with named columns, and this {kind} has none");
        PyTypeError::new_err(message)
    };
    explained.set_cause(py, Some(error));
    explained
}
