//! Arrow by capsules, which whoever knows Arrow reads: pyarrow need not be there.

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::Schema;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use pyo3_arrow::ffi::to_schema_pycapsule;
use pyo3_arrow::{PyRecordBatch, PyRecordBatchReader};

/// The schema that a reader would like better, as it comes from Python.
pub(crate) type Requested<'py> = Option<Bound<'py, PyCapsule>>;

/// What `__arrow_c_stream__` gives.
pub(crate) fn stream<'py>(
    py: Python<'py>,
    reader: impl RecordBatchReader + Send + 'static,
    requested: Requested<'py>,
) -> PyResult<Bound<'py, PyAny>> {
    let reader = Bound::new(py, PyRecordBatchReader::new(Box::new(reader)))?;
    reader.call_method1(intern!(py, "__arrow_c_stream__"), (requested,))
}

/// What `__arrow_c_array__` gives.
pub(crate) fn array<'py>(
    py: Python<'py>,
    batch: RecordBatch,
    requested: Requested<'py>,
) -> PyResult<Bound<'py, PyAny>> {
    let batch = Bound::new(py, PyRecordBatch::new(batch))?;
    batch.call_method1(intern!(py, "__arrow_c_array__"), (requested,))
}

/// What `__arrow_c_schema__` gives.
pub(crate) fn schema<'py>(py: Python<'py>, schema: &Schema) -> PyResult<Bound<'py, PyCapsule>> {
    Ok(to_schema_pycapsule(py, schema)?)
}
