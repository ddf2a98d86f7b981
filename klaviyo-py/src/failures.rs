//! `Report.failures()`: read one by one from where the engine keeps them.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::RecordBatchReader;
use klaviyo_core::RowFailure;
use klaviyo_core::report::{Failures as CoreFailures, Position};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyType};

use crate::capsules::{Requested, schema, stream};
use crate::report::failure_to_python;

/// The rows of a run that did not get through, or may not have, in the order in which that became
/// known.
///
/// It has a length and can be iterated any number of times. Many failures are kept in a temporary
/// file, which goes with this object, so a failed run of millions of rows fits into memory; so take
/// a list of them only when they are few.
///
/// Whoever knows Arrow takes it as it is, batch by batch: `row`, `outcome`, `code`, `detail`, `pointer`,
/// and `item` as JSON text.
///
/// >>> import polars
/// >>> report = client.bulk.import_profiles([{"email": "nobody"}])
/// >>> polars.DataFrame(report.failures()).select("row", "code").rows()
/// [(0, 'invalid_email')]
#[pyclass(frozen, module = "klaviyo_py")]
pub(crate) struct Failures {
    core: Arc<CoreFailures>,
}

impl Failures {
    pub(crate) fn new(core: CoreFailures) -> Self {
        Failures {
            core: Arc::new(core),
        }
    }
}

#[pymethods]
impl Failures {
    fn __len__(&self) -> PyResult<usize> {
        Ok(usize::try_from(self.core.len())?)
    }

    fn __iter__(&self) -> FailuresIterator {
        FailuresIterator {
            failures: Arc::clone(&self.core),
            position: Position::default(),
        }
    }

    fn __repr__(&self) -> String {
        format!("<Failures: {}>", self.core.len())
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Requested<'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        stream(py, self.core.record_batches(), requested_schema)
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        schema(py, &self.core.record_batches().schema())
    }

    /// Writes them to a file of JSON lines; gives their number. `Report.save_dead_letters` is the way to it.
    fn save_dead_letters(&self, py: Python<'_>, path: PathBuf) -> PyResult<u64> {
        Ok(py.detach(|| self.core.save_dead_letters(path))?)
    }

    /// For pickle: the failures themselves, since a temporary file cannot travel.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Vec<String>,))> {
        let lines: io::Result<Vec<String>> = slf
            .get()
            .core
            .iter()
            .map(|failure| Ok(serde_json::to_string(&failure?)?))
            .collect();
        Ok((slf.get_type().getattr("_from_json")?, (lines?,)))
    }

    /// For pickle: what `__reduce__` gave.
    #[classmethod]
    fn _from_json(_: &Bound<'_, PyType>, lines: Vec<String>) -> PyResult<Self> {
        let failures: Result<CoreFailures, serde_json::Error> = lines
            .iter()
            .map(|line| serde_json::from_str::<RowFailure>(line))
            .collect();
        failures
            .map(Self::new)
            .map_err(|cause| PyValueError::new_err(cause.to_string()))
    }
}

/// Goes through failures.
#[pyclass(module = "klaviyo_py")]
pub(crate) struct FailuresIterator {
    failures: Arc<CoreFailures>,
    position: Position,
}

#[pymethods]
impl FailuresIterator {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let next = self.failures.next_at(&mut self.position).transpose()?;
        next.map(|failure| failure_to_python(py, failure))
            .transpose()
    }
}
