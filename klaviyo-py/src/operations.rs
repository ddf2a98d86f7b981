//! `call`: any single operation, from Python values by way of the operation table. The methods of
//! `klaviyo_py.operations` are its only callers.
//!
//! What can be told to be wrong is a TypeError before anything is sent; the rest is Klaviyo's to judge.

mod form;
mod values;

use std::cell::RefCell;

use klaviyo_core::encode::{Unsendable, json};
use klaviyo_core::{Call, Error};
use klaviyo_gen::{Kind, MediaType, Operation, Parameter};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyMapping, PySequence, PyString};

use crate::client::Client;
use crate::errors::exception;
use crate::row::Row;
use crate::runtime::block;

use values::{in_words, scalar, type_name};

/// Sends one request of an operation and gives the answer's body; None when it has none.
///
/// Parameters go by their identifiers in the operation table; those that are None are left out.
#[pyfunction]
#[pyo3(signature = (client, operation, parameters, body=None))]
pub(crate) fn call<'py>(
    client: &Bound<'py, Client>,
    operation: &str,
    parameters: &Bound<'py, PyDict>,
    body: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = client.py();
    let operation = klaviyo_gen::find(operation)
        .ok_or_else(|| PyValueError::new_err(format!("there is no operation {operation:?}")))?;
    let mut call = Call {
        parameters: texts(operation, parameters)?,
        ..Call::default()
    };
    match operation.body {
        Some(MediaType::JsonApi) => call.body = encoded(operation, body)?.into(),
        Some(MediaType::Multipart) => {
            let (content_type, body) = form::filled(operation, body)?.into_body();
            call.content_type = Some(content_type);
            call.body = body;
        }
        None => {}
    }
    let core = client.get().core(py)?;
    let answer = block(py, core.call(operation, call))?
        .map_err(|error| exception(py, &error, &error.to_string()))?;
    if answer.body.is_empty() {
        return Ok(py.None().into_bound(py));
    }
    let body = PyBytes::new(py, &answer.body);
    py.import("json")?
        .call_method1("loads", (body,))
        .map_err(|unreadable| {
            let error = Error::UnreadableAnswer {
                operation: operation.id,
                detail: unreadable.value(py).to_string(),
            };
            exception(py, &error, &error.to_string())
        })
}

/// The parameters that are given: names on the wire, and values as texts.
fn texts(operation: &Operation, given: &Bound<'_, PyDict>) -> PyResult<Vec<(String, String)>> {
    let mut texts = Vec::new();
    for parameter in operation.parameters {
        match given.get_item(parameter.identifier)? {
            Some(value) if !value.is_none() => {
                let text = text(operation, parameter, &value)?;
                texts.push((parameter.name.to_owned(), text));
            }
            _ if parameter.required => {
                return Err(misfit(operation, parameter, "None"));
            }
            _ => {}
        }
    }
    Ok(texts)
}

/// A parameter's value as it goes out.
fn text(
    operation: &Operation,
    parameter: &Parameter,
    value: &Bound<'_, PyAny>,
) -> PyResult<String> {
    if let Kind::Array(element) = &parameter.schema.kind {
        return joined(operation, parameter, &element.kind, value);
    }
    scalar(&parameter.schema.kind, value)?
        .ok_or_else(|| misfit(operation, parameter, &type_name(value)))
}

/// The values of an array, joined by commas.
fn joined(
    operation: &Operation,
    parameter: &Parameter,
    element: &Kind,
    value: &Bound<'_, PyAny>,
) -> PyResult<String> {
    let is_text = value.is_instance_of::<PyString>()
        || value.is_instance_of::<PyBytes>()
        || value.is_instance_of::<PyByteArray>();
    // A text is a sequence, too.
    let Some(values) = value.cast::<PySequence>().ok().filter(|_| !is_text) else {
        return Err(misfit(operation, parameter, &type_name(value)));
    };
    let mut texts = Vec::new();
    for value in values.try_iter()? {
        let value = value?;
        let text = scalar(element, &value)?;
        texts.push(text.ok_or_else(|| {
            let given = format!("one with {} in it", type_name(&value));
            misfit(operation, parameter, &given)
        })?);
    }
    Ok(texts.join(","))
}

/// The TypeError for a parameter.
fn misfit(operation: &Operation, parameter: &Parameter, given: &str) -> PyErr {
    let takes = in_words(&parameter.schema.kind);
    values::misfit(operation, parameter.identifier, takes, given)
}

/// The JSON of a body.
fn encoded(operation: &Operation, body: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<u8>> {
    let body = match body {
        Some(body) if body.cast::<PyMapping>().is_ok() => body,
        other => {
            let given = other.map_or_else(|| "None".to_owned(), type_name);
            return Err(values::misfit(operation, "body", "a dict", &given));
        }
    };
    let raised = RefCell::new(None);
    let encoded = json(&Row::body(body, &raised));
    if let Some(error) = raised.take() {
        return Err(error);
    }
    encoded.map_err(|Unsendable { code, detail }| {
        let message = format!("{}() cannot send its body: {detail}", operation.id);
        match code {
            "unsupported_value" | "invalid_name" => PyTypeError::new_err(message),
            _ => PyValueError::new_err(message),
        }
    })
}
