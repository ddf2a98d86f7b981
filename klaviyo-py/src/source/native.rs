//! Rows that are read without Python.

use std::cell::RefCell;
use std::io;

use klaviyo_core::source::{Source, SourceError};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::{SLICE, Sink, Slice};
use crate::errors::configuration;

/// A source of rows that needs no GIL.
pub(super) struct Native(RefCell<Box<dyn Source + Send>>);

impl Native {
    pub(super) fn new(source: impl Source + Send + 'static) -> Self {
        Native(RefCell::new(Box::new(source)))
    }

    pub(super) fn push_slice(&self, py: Python<'_>, to: &mut impl Sink) -> PyResult<Slice> {
        let mut source = self.0.borrow_mut();
        let source = source.as_mut();
        let pushed = py.detach(|| push(source, to));
        pushed.map_err(|error| exception(py, &error))
    }
}

fn push(source: &mut (dyn Source + Send), to: &mut impl Sink) -> Result<Slice, SourceError> {
    for _ in 0..SLICE {
        if !source.advance()? {
            return Ok(Slice::Last);
        }
        to.push(&source.row());
        if to.has_enough() {
            break;
        }
    }
    Ok(Slice::More)
}

/// The exception for a source that cannot be read: OSError from the system, ValueError for data that is
/// damaged, ConfigurationError for what was asked for.
pub(super) fn exception(py: Python<'_>, error: &SourceError) -> PyErr {
    let message = error.to_string();
    match error {
        SourceError::Io { error, .. } => io::Error::new(error.kind(), message).into(),
        SourceError::Data { .. } => PyValueError::new_err(message),
        _ => configuration(py, &message),
    }
}
