//! `call`: any single operation, from Python values by way of the operation table. The methods of
//! `klaviyo_py.operations` are its only callers.
//!
//! What can be told to be wrong is a TypeError before anything is sent; the rest is Klaviyo's to judge.

use std::cell::RefCell;

use klaviyo_core::encode::{Unsendable, json};
use klaviyo_core::{Call, Error};
use klaviyo_gen::{Kind, Operation, Parameter};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyInt, PyMapping, PySequence, PyString,
};

use crate::client::Client;
use crate::errors::exception;
use crate::row::Row;
use crate::runtime::block;

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
    if operation.body.is_some() {
        call.body = encoded(operation, body)?.into();
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

/// A single value as text; `None` when it is of another kind.
fn scalar(kind: &Kind, value: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    let flag = value.cast::<PyBool>();
    let integer = value.cast::<PyInt>();
    Ok(match kind {
        Kind::Boolean => flag.ok().map(|flag| flag.is_true().to_string()),
        // In Python, True is an integer.
        Kind::Integer | Kind::Number if flag.is_ok() => None,
        Kind::Integer => integer.ok().map(ToString::to_string),
        Kind::Number => match value.cast::<PyFloat>() {
            Ok(number) => Some(number.value().to_string()),
            Err(_) => integer.ok().map(ToString::to_string),
        },
        _ => match value.cast::<PyString>() {
            Ok(text) => Some(text.to_str()?.to_owned()),
            Err(_) => None,
        },
    })
}

/// The TypeError for a parameter.
fn misfit(operation: &Operation, parameter: &Parameter, given: &str) -> PyErr {
    PyTypeError::new_err(format!(
        "{}() takes {} for {}, not {given}",
        operation.id,
        in_words(&parameter.schema.kind),
        parameter.identifier,
    ))
}

fn in_words(kind: &Kind) -> &'static str {
    match kind {
        Kind::Integer => "an int",
        Kind::Number => "a number",
        Kind::Boolean => "a bool",
        Kind::Array(element) => match element.kind {
            Kind::Integer => "a list or tuple of int",
            Kind::Number => "a list or tuple of numbers",
            _ => "a list or tuple of str",
        },
        _ => "a str",
    }
}

fn type_name(value: &Bound<'_, PyAny>) -> String {
    let name = value.get_type().fully_qualified_name();
    name.map_or_else(|_| "another type".to_owned(), |name| name.to_string())
}

/// The JSON of a body.
fn encoded(operation: &Operation, body: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<u8>> {
    let body = match body {
        Some(body) if body.cast::<PyMapping>().is_ok() => body,
        other => {
            let given = other.map_or_else(|| "None".to_owned(), type_name);
            let message = format!("{}() takes a dict for body, not {given}", operation.id);
            return Err(PyTypeError::new_err(message));
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
