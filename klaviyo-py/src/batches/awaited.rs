//! Lists of an AsyncClient as record batches, awaited.

use std::sync::Arc;

use klaviyo_core::pages::RecordBatches as CoreBatches;
use pyo3::exceptions::{PyRuntimeError, PyStopAsyncIteration};
use pyo3::prelude::*;
use tokio::sync::Mutex;

use super::{List, RecordBatch, RecordBatches, Source};
use crate::errors::forked;
use crate::process::OfProcess;
use crate::work::Work;

/// A list as record batches of Arrow, as `AsyncPage.to_arrow()` gives it: to be awaited, or to be iterated
/// over by `async for`.
///
/// Awaited, it asks for all pages without holding up the event loop and gives RecordBatches, which hold
/// them, for whoever knows Arrow. Where that is too much for the memory, `async for batch in
/// page.to_arrow()` gives some thousand rows at a time.
///
/// >>> import polars
/// >>> async def emails():
/// ...     async with sandbox.async_client() as client:
/// ...         page = await client.profiles.get_profiles(page_size=1)
/// ...         rows = [batch.num_rows async for batch in page.to_arrow()]
/// ...         return rows, polars.DataFrame(await page.to_arrow())["email"].to_list()
/// >>> client.bulk.import_profiles([{"email": "ada@shop.example"}]).completed
/// 1
/// >>> asyncio.run(emails())
/// ([1], ['ada@shop.example'])
#[pyclass(frozen, module = "klaviyo_py")]
pub(crate) struct AsyncRecordBatches(List);

impl AsyncRecordBatches {
    pub(super) fn new(list: List) -> Self {
        AsyncRecordBatches(list)
    }
}

#[pymethods]
impl AsyncRecordBatches {
    fn __await__(&self, py: Python<'_>) -> PyResult<Work> {
        let mut batches = self.0.begin(py)?;
        let all = async move {
            let mut all = Vec::new();
            while let Some(batch) = batches.next().await? {
                all.push(batch);
            }
            Ok((batches.schema(), all))
        };
        Ok(Work::request(all, |py, (schema, all)| {
            let held = RecordBatches(Source::Held(schema, all));
            Ok(Bound::new(py, held)?.into_any())
        }))
    }

    fn __repr__(&self) -> String {
        let operation = self.0.operation;
        format!("<AsyncRecordBatches of {operation}: to be awaited, or iterated over by async for>")
    }

    fn __aiter__(&self, py: Python<'_>) -> PyResult<AsyncRecordBatchIterator> {
        let batches = Arc::new(Mutex::new(self.0.begin(py)?));
        Ok(AsyncRecordBatchIterator(OfProcess::new(batches)))
    }
}

/// Goes through the batches of a list, each awaited.
#[pyclass(frozen, module = "klaviyo_py")]
pub(crate) struct AsyncRecordBatchIterator(OfProcess<Arc<Mutex<CoreBatches>>>);

#[pymethods]
impl AsyncRecordBatchIterator {
    fn __aiter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __anext__(&self, py: Python<'_>) -> PyResult<Work> {
        let batches = self.0.get().map_err(|fork| forked(py, fork, "Client"))?;
        let batches = Arc::clone(batches).try_lock_owned();
        let mut batches =
            batches.map_err(|_| PyRuntimeError::new_err("the next batch is awaited already"))?;
        Ok(Work::request(
            async move { batches.next().await },
            |py, next| match next {
                Some(batch) => Ok(Bound::new(py, RecordBatch(batch))?.into_any()),
                None => Err(PyStopAsyncIteration::new_err(())),
            },
        ))
    }
}
