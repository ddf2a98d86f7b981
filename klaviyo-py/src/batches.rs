//! `Page.to_arrow()`: lists as record batches, for whoever reads Arrow and for Python itself.
mod awaited;

use std::vec::IntoIter;

use arrow_array::{RecordBatch as Batch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use klaviyo_core::Page;
use klaviyo_core::pages::RecordBatches as CoreBatches;
use pyo3::exceptions::{PyKeyboardInterrupt, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::capsules::{Requested, array, schema, stream};
use crate::client::Client;
use crate::errors::{exception, forked};
use crate::operations::Answer;
use crate::process::OfProcess;
use crate::work::block;
pub(crate) use awaited::{AsyncRecordBatchIterator, AsyncRecordBatches};

/// A list as record batches of Arrow: a page and all behind it, as `Page.to_arrow()` gives it.
///
/// Polars, pyarrow, duckdb and others that know Arrow take it as it is. To iterate over it gives
/// RecordBatches, of some thousand rows each, and errors as this package's exceptions; other readers raise
/// their own, with the message in it; Ctrl-C ends them with such an error, and then what comes next.
///
/// >>> client.bulk.import_profiles([{"email": "ada@shop.example"}]).completed
/// 1
/// >>> batches = client.profiles.get_profiles(page_size=100).to_arrow()
/// >>> [batch.num_rows for batch in batches]
/// [1]
///
/// Every reader begins with the page that was there and asks for those behind it again, unless they were
/// awaited: then all are there.
#[pyclass(frozen, module = "klaviyo_py")]
pub(crate) struct RecordBatches(Source);

enum Source {
    List(List),
    /// All batches, of this schema.
    Held(SchemaRef, Vec<Batch>),
}

/// A page of a list, and whose it is.
struct List {
    client: Py<Client>,
    page: Page,
    operation: &'static str,
}

impl List {
    fn of(client: Py<Client>, answer: &Answer) -> PyResult<Self> {
        let page = answer.as_page().cloned();
        let page = page.ok_or_else(|| PyValueError::new_err("the answer is no page of a list"))?;
        Ok(List {
            client,
            page,
            operation: answer.operation(),
        })
    }

    fn begin(&self, py: Python<'_>) -> PyResult<CoreBatches> {
        let core = self.client.get().core(py)?;
        let batches = self.page.record_batches(&core);
        batches.map_err(|error| exception(py, &error, &error.to_string()))
    }
}

/// The record batches of the list that an answer is a page of.
#[pyfunction]
pub(crate) fn record_batches(client: Py<Client>, answer: &Answer) -> PyResult<RecordBatches> {
    Ok(RecordBatches(Source::List(List::of(client, answer)?)))
}

/// The same, of an AsyncClient.
#[pyfunction]
pub(crate) fn async_record_batches(
    client: Py<Client>,
    answer: &Answer,
) -> PyResult<AsyncRecordBatches> {
    Ok(AsyncRecordBatches::new(List::of(client, answer)?))
}

impl RecordBatches {
    fn begin(&self, py: Python<'_>) -> PyResult<(SchemaRef, Left)> {
        Ok(match &self.0 {
            Source::List(list) => {
                let batches = list.begin(py)?;
                (
                    batches.schema(),
                    Left::Asked(Box::new(OfProcess::new(batches))),
                )
            }
            Source::Held(schema, batches) => {
                let batches = batches.clone().into_iter();
                (SchemaRef::clone(schema), Left::Held(batches))
            }
        })
    }
}

#[pymethods]
impl RecordBatches {
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Requested<'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (schema, left) = self.begin(py)?;
        stream(py, Reader { schema, left }, requested_schema)
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        schema(py, &self.begin(py)?.0)
    }

    fn __repr__(&self) -> String {
        match &self.0 {
            Source::List(list) => format!("<RecordBatches of {}>", list.operation),
            Source::Held(_, batches) => {
                let rows: usize = batches.iter().map(Batch::num_rows).sum();
                format!("<RecordBatches: {rows} rows>")
            }
        }
    }

    fn __iter__(&self, py: Python<'_>) -> PyResult<RecordBatchIterator> {
        let (_, left) = self.begin(py)?;
        Ok(RecordBatchIterator { left })
    }
}

/// The batches that are left.
enum Left {
    Asked(Box<OfProcess<CoreBatches>>),
    Held(IntoIter<Batch>),
}

impl Left {
    /// The next batch; asked for, it is waited for with the GIL released.
    ///
    /// # Errors
    /// What came of a request, or of a signal.
    fn next(&mut self, py: Python<'_>) -> PyResult<Option<Batch>> {
        let batches = match self {
            Left::Asked(batches) => batches.get_mut(),
            Left::Held(batches) => return Ok(batches.next()),
        };
        let batches = batches.map_err(|fork| forked(py, fork, "Client"))?;
        block(py, batches.next())?.map_err(|error| exception(py, &error, &error.to_string()))
    }
}

/// Goes through the batches of a list.
#[pyclass(module = "klaviyo_py")]
pub(crate) struct RecordBatchIterator {
    left: Left,
}

#[pymethods]
impl RecordBatchIterator {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&mut self, py: Python<'_>) -> PyResult<Option<RecordBatch>> {
        Ok(self.left.next(py)?.map(RecordBatch))
    }
}

/// Some thousand rows of a list, in columns.
///
/// Whoever knows Arrow takes it as it is (`polars.DataFrame(batch)`, `pyarrow.record_batch(batch)`).
#[pyclass(frozen, module = "klaviyo_py")]
pub(crate) struct RecordBatch(Batch);

#[pymethods]
impl RecordBatch {
    /// How many rows it has.
    #[getter]
    fn num_rows(&self) -> usize {
        self.0.num_rows()
    }

    fn __len__(&self) -> usize {
        self.0.num_rows()
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Requested<'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        array(py, self.0.clone(), requested_schema)
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        schema(py, &self.0.schema())
    }

    fn __repr__(&self) -> String {
        let rows = self.0.num_rows();
        format!(
            "<RecordBatch: {rows} rows, {} columns>",
            self.0.num_columns()
        )
    }
}

/// What reads a list for others, on whichever of their threads.
struct Reader {
    schema: SchemaRef,
    left: Left,
}

impl Iterator for Reader {
    type Item = Result<Batch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        Python::attach(|py| {
            let next = self.left.next(py).transpose()?;
            Some(next.map_err(|error| {
                // First of all: Python's own texts notice signals, too.
                let message = error.to_string();
                if error.is_instance_of::<PyKeyboardInterrupt>(py) {
                    interrupt_again(py);
                }
                ArrowError::ExternalError(message.into())
            }))
        })
    }
}

impl RecordBatchReader for Reader {
    fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.schema)
    }
}

/// Makes Python raise KeyboardInterrupt as soon as the reader is back from its call: through the
/// reader itself only a text can go.
fn interrupt_again(py: Python<'_>) {
    let thread = py.import("_thread");
    if let Err(error) = thread.and_then(|thread| thread.call_method0("interrupt_main")) {
        error.write_unraisable(py, None);
    }
}
