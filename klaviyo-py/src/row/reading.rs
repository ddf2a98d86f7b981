//! What the values of a row have in common while it is read.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use pyo3::prelude::*;

/// Levels beyond those that Klaviyo takes for a value: the row's own objects, and room to spare.
/// Whatever is deeper is cut off here, as it may hold itself.
const DEEPEST: usize = klaviyo_gen::FIELD_LIMITS.nesting + 6;

/// The same for the body of a single operation, in which a value may lie deeper than in a row.
const DEEPEST_IN_BODY: usize = 64;

/// The reading of a row.
pub(crate) struct Reading<'a> {
    deepest: usize,
    columns: Option<&'a BTreeMap<String, String>>,
    has_run_code: Cell<bool>,
    raised: RefCell<Option<PyErr>>,
}

impl<'a> Reading<'a> {
    /// Of a row.
    pub(crate) fn row() -> Self {
        Reading {
            deepest: DEEPEST,
            columns: None,
            // Without a GIL, other threads may run any at any time.
            has_run_code: Cell::new(cfg!(Py_GIL_DISABLED)),
            raised: RefCell::new(None),
        }
    }

    /// With other names for some of the row's own members.
    pub(crate) fn renaming(self, columns: &'a BTreeMap<String, String>) -> Self {
        let columns = (!columns.is_empty()).then_some(columns);
        Reading { columns, ..self }
    }

    /// Of the body of a single operation.
    pub(crate) fn body() -> Self {
        Reading {
            deepest: DEEPEST_IN_BODY,
            ..Reading::row()
        }
    }

    /// Ends it.
    ///
    /// # Errors
    /// What was raised that is no matter of this row.
    pub(crate) fn end(self) -> PyResult<()> {
        self.raised.into_inner().map_or(Ok(()), Err)
    }

    /// In how many containers a value may lie.
    pub(super) fn deepest(&self) -> usize {
        self.deepest
    }

    /// Other names for the row's own members, if there are any.
    pub(super) fn columns(&self) -> Option<&'a BTreeMap<String, String>> {
        self.columns
    }

    /// Whether code in Python may have run, which may have changed what is being read.
    pub(crate) fn has_run_code(&self) -> bool {
        self.has_run_code.get()
    }

    /// Notes that code in Python may run.
    pub(super) fn will_run_code(&self) {
        self.has_run_code.set(true);
    }

    /// Keeps an exception that is no matter of this row.
    pub(super) fn raise(&self, error: PyErr) {
        self.raised.replace(Some(error));
    }
}
