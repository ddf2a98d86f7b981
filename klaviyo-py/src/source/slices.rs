//! A frame of polars, slice by slice: asked for as a whole, it first copies itself when its columns were
//! put together of pieces of different lengths.

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use pyo3::prelude::*;
use pyo3::types::PyIterator;
use pyo3_arrow::input::AnyRecordBatch;

/// Rows of a slice: enough to spread the cost of handing it over.
const SLICE: usize = 10_000;

type Reader = Box<dyn RecordBatchReader + Send>;

/// The batches of a frame's slices, one slice at a time.
struct Slices {
    /// Of those after the one at hand.
    slices: Py<PyIterator>,
    schema: SchemaRef,
    current: Reader,
}

/// Reads the frame's slices; none when the object has no slices, or no rows.
///
/// # Errors
/// What the frame raises.
pub(super) fn reader(rows: &Bound<'_, PyAny>) -> PyResult<Option<Reader>> {
    if !rows.hasattr("iter_slices")? {
        return Ok(None);
    }
    let mut slices = rows.call_method1("iter_slices", (SLICE,))?.try_iter()?;
    let Some(first) = slices.next() else {
        return Ok(None);
    };
    let current = read(&first?)?;
    Ok(Some(Box::new(Slices {
        slices: slices.unbind(),
        schema: current.schema(),
        current,
    })))
}

fn read(slice: &Bound<'_, PyAny>) -> PyResult<Reader> {
    slice.extract::<AnyRecordBatch>()?.into_reader()
}

impl Slices {
    /// Says whether there was one more.
    fn next_slice(&mut self) -> PyResult<bool> {
        Python::attach(|py| {
            let Some(slice) = self.slices.bind(py).clone().next() else {
                return Ok(false);
            };
            self.current = read(&slice?)?;
            Ok(true)
        })
    }
}

impl Iterator for Slices {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(batch) = self.current.next() {
                return Some(batch);
            }
            match self.next_slice() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some(Err(ArrowError::ExternalError(Box::new(error)))),
            }
        }
    }
}

impl RecordBatchReader for Slices {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}
