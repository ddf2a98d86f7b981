//! Any single operation, from Python values by way of the operation table. The methods of
//! `klaviyo_py.operations` are the only callers.
//!
//! What can be told to be wrong is a TypeError before anything is sent; the rest is Klaviyo's to judge.

mod answer;
mod form;
mod values;

use klaviyo_core::encode::{Unsendable, json};
use klaviyo_core::{Call, Client as CoreClient, Error, Pages};
use klaviyo_gen::{Kind, MediaType, Operation, Parameter};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyMapping, PySequence, PyString};

use crate::client::Client;
use crate::errors::exception;
use crate::row::{Reading, Row};
use crate::work::Work;

pub(crate) use answer::Answer;
use values::{in_words, scalar, type_name};

/// Sends one request of an operation; comes to what `then` makes of the Answer.
///
/// Parameters go by their identifiers in the operation table; those that are None are left out.
#[pyfunction]
pub(crate) fn call(
    client: &Bound<'_, Client>,
    operation: &str,
    parameters: &Bound<'_, PyDict>,
    body: Option<&Bound<'_, PyAny>>,
    then: Py<PyAny>,
) -> PyResult<Work> {
    let operation = found(operation)?;
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
    let core = client.get().core(client.py())?;
    let request = async move { core.call(operation, call).await };
    Ok(Work::request(request, move |py, response| {
        let answer = Answer::new(operation, response);
        then.into_bound(py).call1((answer,))
    }))
}

/// The page of a list that the parameters ask for; comes to what `then` makes of the Answer.
#[pyfunction]
pub(crate) fn page(
    client: &Bound<'_, Client>,
    operation: &str,
    parameters: &Bound<'_, PyDict>,
    then: Py<PyAny>,
) -> PyResult<Work> {
    let operation = found(operation)?;
    let call = Call {
        parameters: texts(operation, parameters)?,
        ..Call::default()
    };
    first(client, operation, then, |core| core.pages(operation, call))
}

/// The page of a list to which a cursor leads; comes to what `then` makes of the Answer.
#[pyfunction]
pub(crate) fn page_from(
    client: &Bound<'_, Client>,
    operation: &str,
    cursor: &str,
    then: Py<PyAny>,
) -> PyResult<Work> {
    let operation = found(operation)?;
    first(client, operation, then, |core| {
        core.pages_from(operation, cursor)
    })
}

fn first(
    client: &Bound<'_, Client>,
    operation: &'static Operation,
    then: Py<PyAny>,
    begin: impl FnOnce(&CoreClient) -> Result<Pages, Error>,
) -> PyResult<Work> {
    let py = client.py();
    let pages = begin(&client.get().core(py)?);
    let mut pages = pages.map_err(|error| exception(py, &error, &error.to_string()))?;
    let request = async move { pages.next().await };
    Ok(Work::request(request, move |py, page| {
        let page = page.ok_or_else(|| PyValueError::new_err("a list has at least one page"))?;
        let answer = Answer::page(operation, page);
        then.into_bound(py).call1((answer,))
    }))
}

/// What an operation that once had another name is called now; None if there is none of that name.
#[pyfunction]
pub(crate) fn current_name(earlier: &str) -> Option<&'static str> {
    let operation = klaviyo_gen::find(earlier)?;
    (operation.id != earlier).then_some(operation.id)
}

fn found(operation: &str) -> PyResult<&'static Operation> {
    let unknown = || PyValueError::new_err(format!("there is no operation {operation:?}"));
    klaviyo_gen::find(operation).ok_or_else(unknown)
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
    let reading = Reading::body();
    let encoded = json(&Row::new(body, &reading));
    reading.end()?;
    encoded.map_err(|Unsendable { code, detail }| {
        let message = format!("{}() cannot send its body: {detail}", operation.id);
        match code {
            "unsupported_value" | "invalid_name" => PyTypeError::new_err(message),
            _ => PyValueError::new_err(message),
        }
    })
}
