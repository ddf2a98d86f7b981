//! Single values as text, and the TypeErrors for those that are of another type.

use klaviyo_gen::{Kind, Operation};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString};

/// A single value as text; `None` when it is of another kind.
pub(super) fn scalar(kind: &Kind, value: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
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

/// The TypeError for an argument of an operation's method.
pub(super) fn misfit(operation: &Operation, argument: &str, takes: &str, given: &str) -> PyErr {
    let id = operation.id;
    PyTypeError::new_err(format!("{id}() takes {takes} for {argument}, not {given}"))
}

/// What an argument takes.
pub(super) fn in_words(kind: &Kind) -> &'static str {
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

/// The name of a value's type, as errors have it.
pub(super) fn type_name(value: &Bound<'_, PyAny>) -> String {
    let name = value.get_type().fully_qualified_name();
    name.map_or_else(|_| "another type".to_owned(), |name| name.to_string())
}
