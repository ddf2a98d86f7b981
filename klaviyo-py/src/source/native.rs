//! Rows that are read without Python.

use std::io;

use klaviyo_core::source::{Source, SourceError};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use tokio::task::block_in_place;

use super::{GLANCE, Sink, Slice, Slicing};
use crate::errors::configuration;

/// A source of rows that needs no GIL.
pub(super) struct Native(Box<dyn Source + Send>);

impl Native {
    pub(super) fn new(source: impl Source + Send + 'static) -> Self {
        Native(Box::new(source))
    }

    pub(super) fn total(&self) -> Option<u64> {
        self.0.total()
    }

    pub(super) fn push_slice(&mut self, to: &mut impl Sink) -> PyResult<Slice> {
        // On a thread of the runtime, others do its tasks meanwhile.
        let pushed = block_in_place(|| push(self.0.as_mut(), to));
        pushed.map_err(|error| Python::attach(|py| exception(py, &error)))
    }
}

fn push(source: &mut (dyn Source + Send), to: &mut impl Sink) -> Result<Slice, SourceError> {
    let slicing = Slicing::begin();
    for read in 1_usize.. {
        if !source.advance()? {
            break;
        }
        to.push_from(source);
        if to.has_enough() || (read.is_multiple_of(GLANCE) && slicing.is_over()) {
            return Ok(Slice::More);
        }
    }
    Ok(Slice::Last)
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
