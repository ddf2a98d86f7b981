//! Errors of the engine as exceptions of `klaviyo_py.exceptions`.

use http::HeaderMap;
use klaviyo_core::{ApiError, Error};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::process::Forked;

/// The exception for an error, with a message of the caller's.
pub(crate) fn exception(py: Python<'_>, error: &Error, message: &str) -> PyErr {
    build(py, error, message)
        .and_then(|exception| {
            if error.maybe_applied() {
                exception.value(py).setattr("maybe_applied", true)?;
            }
            Ok(exception)
        })
        .unwrap_or_else(|broken| broken)
}

/// The exception for a call that was set up wrongly.
pub(crate) fn configuration(py: Python<'_>, message: &str) -> PyErr {
    raise(py, "ConfigurationError", message, None).unwrap_or_else(|broken| broken)
}

/// The exception for the use of a parent's client or sandbox in a forked child.
pub(crate) fn forked(py: Python<'_>, _: Forked, what: &str) -> PyErr {
    let message = format!(
        "this {what} was made before the process was forked, and its threads and connections \
         stayed in the parent; make a new {what} in this process"
    );
    configuration(py, &message)
}

fn build(py: Python<'_>, error: &Error, message: &str) -> PyResult<PyErr> {
    match error {
        Error::Configuration(_) | Error::Rejected { .. } => {
            raise(py, "ConfigurationError", message, None)
        }
        Error::Api(api) => {
            let class = class_for(api.status);
            let details = api_details(py, api, class == "RateLimitError")?;
            raise(py, class, message, Some(details))
        }
        Error::JobUnfinished { .. } => raise(py, "TimeoutError", message, None),
        Error::Transport { .. } if error.is_timeout() => raise(py, "TimeoutError", message, None),
        Error::Transport { .. } => raise(py, "ConnectionError", message, None),
        Error::RateLimit {
            operation, wait, ..
        } => {
            let details = PyDict::new(py);
            details.set_item("status", 429)?;
            details.set_item("code", error.code())?;
            details.set_item("operation", operation)?;
            details.set_item("retry_after", wait.as_secs_f64())?;
            raise(py, "RateLimitError", message, Some(details))
        }
        Error::Journal(_) => raise(py, "JournalError", message, None),
        // What a later core adds is at least a KlaviyoError.
        Error::UnreadableAnswer { .. } | Error::Cancelled | _ => {
            raise(py, "KlaviyoError", message, None)
        }
    }
}

fn class_for(status: u16) -> &'static str {
    match status {
        400 => "BadRequestError",
        401 => "AuthenticationError",
        403 => "PermissionDeniedError",
        404 => "NotFoundError",
        409 => "ConflictError",
        413 => "PayloadTooLargeError",
        429 => "RateLimitError",
        500.. => "ServerError",
        _ => "APIStatusError",
    }
}

fn api_details<'py>(
    py: Python<'py>,
    error: &ApiError,
    is_throttled: bool,
) -> PyResult<Bound<'py, PyDict>> {
    let details = PyDict::new(py);
    details.set_item("status", error.status)?;
    details.set_item("code", error.code())?;
    details.set_item("operation", error.operation)?;
    details.set_item("errors", objects(py, error)?)?;
    details.set_item("headers", headers(py, &error.headers)?)?;
    details.set_item("body_head", &error.body_head)?;
    if is_throttled {
        let seconds = error.retry_after.map(|wait| wait.as_secs_f64());
        details.set_item("retry_after", seconds)?;
    }
    Ok(details)
}

/// The JSON:API error objects.
fn objects<'py>(py: Python<'py>, error: &ApiError) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for object in &error.errors {
        let source = PyDict::new(py);
        for (name, value) in [
            ("pointer", &object.source.pointer),
            ("parameter", &object.source.parameter),
        ] {
            if !value.is_empty() {
                source.set_item(name, value)?;
            }
        }
        let entry = PyDict::new(py);
        entry.set_item("id", &object.id)?;
        entry.set_item("code", &object.code)?;
        entry.set_item("title", &object.title)?;
        entry.set_item("detail", &object.detail)?;
        entry.set_item("source", source)?;
        let meta = serde_json::Value::from(object.meta.clone()).to_string();
        entry.set_item("meta", py.import("json")?.call_method1("loads", (meta,))?)?;
        list.append(entry)?;
    }
    Ok(list)
}

/// An answer's headers under lower-case names; what came several times is joined by commas.
pub(crate) fn headers<'py>(py: Python<'py>, given: &HeaderMap) -> PyResult<Bound<'py, PyDict>> {
    let headers = PyDict::new(py);
    for name in given.keys() {
        let values = given.get_all(name).iter();
        let values: Vec<_> = values
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        headers.set_item(name.as_str(), values.join(", "))?;
    }
    Ok(headers)
}

fn raise(
    py: Python<'_>,
    class: &str,
    message: &str,
    details: Option<Bound<'_, PyDict>>,
) -> PyResult<PyErr> {
    let class = py.import("klaviyo_py.exceptions")?.getattr(class)?;
    let exception = class.call((message,), details.as_ref())?;
    Ok(PyErr::from_value(exception))
}
