//! Where rows come from: any Python iterable, pulled on the calling thread.

use std::cell::RefCell;

use klaviyo_core::Run;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyIterator, PyString};

use crate::row::Row;

/// Rows that are read with the GIL held, before signals are noticed and other threads have a turn:
/// some milliseconds' worth.
const SLICE: usize = 1000;

/// The rows of a run.
pub(crate) struct Rows<'py>(Bound<'py, PyIterator>);

/// How a slice of rows ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slice {
    /// There may be more.
    More,
    /// That was the last row.
    Last,
}

impl<'py> Rows<'py> {
    /// The rows of an iterable.
    ///
    /// # Errors
    /// TypeError for what cannot be rows, some of it although it can be iterated.
    pub(crate) fn of(rows: &Bound<'py, PyAny>) -> PyResult<Self> {
        let hint = if rows.is_instance_of::<PyDict>() {
            "a single row goes into a list: [row]"
        } else if rows.is_instance_of::<PyString>()
            || rows.is_instance_of::<PyBytes>()
            || rows.is_instance_of::<PyByteArray>()
        {
            "open a file and give its rows, for example csv.DictReader(file)"
        } else if rows.hasattr("__arrow_c_stream__")? {
            "give a data frame's rows as dicts: frame.to_dicts() in polars, \
             frame.to_dict(\"records\") in pandas, table.to_pylist() in pyarrow"
        } else if let Ok(iterator) = rows.try_iter() {
            return Ok(Rows(iterator));
        } else {
            "a list or a generator will do"
        };
        let kind = rows.get_type().fully_qualified_name()?;
        let message = format!("rows must be an iterable of dicts, not {kind}; {hint}");
        Err(PyTypeError::new_err(message))
    }

    pub(crate) fn py(&self) -> Python<'py> {
        self.0.py()
    }

    /// Pushes rows into the run: a slice, or fewer when a batch is full.
    ///
    /// # Errors
    /// What the iterable raised. Also what is no matter of one row (`KeyboardInterrupt`), when it
    /// was raised while a row was being read.
    pub(crate) fn push_slice(&self, run: &mut Run) -> PyResult<Slice> {
        let raised = RefCell::new(None);
        let mut rows = self.0.clone();
        for _ in 0..SLICE {
            let Some(row) = rows.next() else {
                return Ok(Slice::Last);
            };
            run.push(&Row::new(&row?, &raised));
            if let Some(error) = raised.take() {
                return Err(error);
            }
            if run.has_ready() {
                break;
            }
        }
        Ok(Slice::More)
    }
}
