//! Paths of files: one, several, or a pattern.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};

use crate::errors::configuration;

/// The files that are meant, in order; none when it is no path that was given.
///
/// # Errors
/// ConfigurationError for a pattern that no file matches.
pub(super) fn of(rows: &Bound<'_, PyAny>) -> PyResult<Option<Vec<PathBuf>>> {
    if is_path(rows)? {
        return Ok(Some(expand(rows)?));
    }
    if !rows.is_instance_of::<PyList>() && !rows.is_instance_of::<PyTuple>() {
        return Ok(None);
    }
    let mut files = Vec::new();
    for (index, path) in rows.try_iter()?.enumerate() {
        let path = path?;
        // What is first, the others are, too; a list of a million dicts is not gone through here.
        if index == 0 && !is_path(&path)? {
            return Ok(None);
        }
        files.extend(expand(&path)?);
    }
    Ok((!files.is_empty()).then_some(files))
}

fn is_path(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(value.is_instance_of::<PyString>() || value.hasattr("__fspath__")?)
}

/// A path as it is, or the files that match it, sorted.
fn expand(path: &Bound<'_, PyAny>) -> PyResult<Vec<PathBuf>> {
    let literal: PathBuf = path.extract()?;
    let is_pattern = literal.to_string_lossy().contains(['*', '?', '[']);
    if !is_pattern || literal.exists() {
        return Ok(vec![literal]);
    }
    let py = path.py();
    let kwargs = PyDict::new(py);
    kwargs.set_item("recursive", true)?;
    let matching = py
        .import("glob")?
        .call_method("glob", (literal.as_os_str(),), Some(&kwargs))?;
    let mut matching: Vec<PathBuf> = matching.extract()?;
    matching.sort();
    if matching.is_empty() {
        let message = format!("no file matches {}", literal.display());
        return Err(configuration(py, &message));
    }
    Ok(matching)
}
