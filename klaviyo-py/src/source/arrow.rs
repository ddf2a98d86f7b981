//! Rows of whatever offers itself as Arrow, by its capsules: polars, duckdb, arro3, pyarrow, pandas.

use klaviyo_core::source::{Batches, SourceOptions};
use pyo3::exceptions::{PyImportError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3_arrow::input::AnyRecordBatch;

use super::{native, slices};

/// What an object offers.
pub(super) enum Offer<'py> {
    Batches(Batches),
    /// Its rows as dicts, because its batches cannot be read.
    Dicts(Bound<'py, PyAny>),
}

/// What an object offers; none when it knows nothing of Arrow.
///
/// # Errors
/// TypeError when it offers no records, ImportError when it lacks something to make them.
pub(super) fn offer<'py>(
    rows: &Bound<'py, PyAny>,
    options: &SourceOptions,
) -> PyResult<Option<Offer<'py>>> {
    let py = rows.py();
    let Some(rows) = &offering(rows)? else {
        return Ok(None);
    };
    let kind = rows.get_type().fully_qualified_name()?.to_string();
    let reader = slices::reader(rows).and_then(|slices| match slices {
        Some(slices) => Ok(slices),
        None => readable(rows)?.extract::<AnyRecordBatch>()?.into_reader(),
    });
    let reader = reader.map_err(|error| refused(py, &kind, error))?;
    let batches = Batches::new(reader, format!("the {kind}"), options);
    let batches = batches.map_err(|error| native::exception(py, &error))?;
    if batches.has_null_type() && rows.hasattr("iter_rows")? {
        // Polars gives columns of nulls a buffer, which the format rules out (its issue 22934).
        let named = PyDict::new(py);
        named.set_item("named", true)?;
        let dicts = rows.call_method("iter_rows", (), Some(&named))?;
        return Ok(Some(Offer::Dicts(dicts)));
    }
    Ok(Some(Offer::Batches(batches)))
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

/// The same rows, without what the reader makes nothing of.
fn readable<'py>(rows: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let module = rows.get_type().module()?;
    let package = module.to_str()?.split('.').next();
    if !matches!(package, Some("pyarrow" | "pandas")) {
        return Ok(rows.clone());
    }
    let ours = rows.py().import("klaviyo_py._pyarrow")?;
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
