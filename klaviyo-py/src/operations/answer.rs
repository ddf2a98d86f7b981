//! What a request was answered with, for Python to read as far as it wants.

use klaviyo_core::transport::Response;
use klaviyo_core::{Error, Page};
use klaviyo_gen::Operation;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::errors::{exception, headers};

/// A successful answer.
#[pyclass(frozen, module = "klaviyo_py._klaviyo")]
pub(crate) struct Answer {
    operation: &'static Operation,
    response: Response,
    /// The page that it is, of a list.
    page: Option<Page>,
}

impl Answer {
    pub(super) fn new(operation: &'static Operation, response: Response) -> Self {
        Answer {
            operation,
            response,
            page: None,
        }
    }

    pub(super) fn page(operation: &'static Operation, page: Page) -> Self {
        Answer {
            operation,
            response: Response {
                status: page.status,
                headers: page.headers.clone(),
                body: page.body.clone(),
            },
            page: Some(page),
        }
    }

    /// The page that it is; none when it is no list.
    pub(crate) fn as_page(&self) -> Option<&Page> {
        self.page.as_ref()
    }
}

#[pymethods]
impl Answer {
    /// The operation's id.
    #[getter]
    pub(crate) fn operation(&self) -> &'static str {
        self.operation.id
    }

    /// The HTTP status.
    #[getter]
    fn status(&self) -> u16 {
        self.response.status
    }

    /// The headers under lower-case names.
    #[getter]
    fn headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        headers(py, &self.response.headers)
    }

    /// The body as it came.
    #[getter]
    fn content<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.response.body)
    }

    /// Of a page: where the next one is.
    #[getter]
    fn cursor(&self) -> Option<&str> {
        self.page.as_ref()?.cursor.as_deref()
    }

    /// The body as Python values; None when there is none.
    fn body<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if self.response.body.is_empty() {
            return Ok(py.None().into_bound(py));
        }
        let json = py.import("json")?;
        json.call_method1("loads", (self.content(py),))
            .map_err(|unreadable| {
                let error = Error::UnreadableAnswer {
                    operation: self.operation.id,
                    detail: unreadable.value(py).to_string(),
                };
                exception(py, &error, &error.to_string())
            })
    }
}
