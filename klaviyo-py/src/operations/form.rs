//! A form, the body of an operation that takes files, from a method's arguments.

use klaviyo_gen::{Field, File, Form, Kind, Operation};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::values::{in_words, misfit, scalar, type_name};

/// What is known of a file whose name does not tell its kind.
const ANY_MEDIA_TYPE: &str = "application/octet-stream";

/// The form with what is given for its fields, by their names on the wire; a file comes as a pair of its
/// name and what is in it. Fields that are None are left out.
pub(super) fn filled(operation: &Operation, given: Option<&Bound<'_, PyAny>>) -> PyResult<Form> {
    let given = given.ok_or_else(|| misfit(operation, "body", "a dict", "None"))?;
    let mut form = Form::default();
    for field in operation.form {
        let value = given.get_item(field.name)?;
        form = match field.schema.kind {
            Kind::String {
                format: Some("binary"),
                ..
            } => form.file(field.name, file(operation, field, &value)?.as_ref()),
            _ => form.text(field.name, text(operation, field, &value)?),
        };
    }
    Ok(form)
}

/// A field's value as it goes out.
fn text(
    operation: &Operation,
    field: &Field,
    value: &Bound<'_, PyAny>,
) -> PyResult<Option<String>> {
    if value.is_none() && !field.required {
        return Ok(None);
    }
    let kind = &field.schema.kind;
    let text = scalar(kind, value)?;
    let misfit = || misfit(operation, field.name, in_words(kind), &type_name(value));
    text.map(Some).ok_or_else(misfit)
}

fn file(operation: &Operation, field: &Field, pair: &Bound<'_, PyAny>) -> PyResult<Option<File>> {
    let (name, content): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair.extract()?;
    if name.is_none() && content.is_none() && !field.required {
        return Ok(None);
    }
    let content = content
        .cast::<PyBytes>()
        .map_err(|_| misfit(operation, field.name, "bytes", &type_name(&content)))?;
    let name_argument = format!("{}_name", field.name);
    let name = name
        .cast::<PyString>()
        .map_err(|_| misfit(operation, &name_argument, "a str", &type_name(&name)))?;
    for (argument, is_empty) in [
        (field.name, content.as_bytes().is_empty()),
        (&name_argument, name.to_str()?.is_empty()),
    ] {
        if is_empty {
            let message = format!("{}(): {argument} is empty", operation.id);
            return Err(PyValueError::new_err(message));
        }
    }
    Ok(Some(File {
        name: name.to_str()?.to_owned(),
        media_type: media_type(name)?,
        content: content.as_bytes().to_vec().into(),
    }))
}

/// The media type that belongs to the file name's extension.
fn media_type(name: &Bound<'_, PyString>) -> PyResult<String> {
    // What is common but not registered counts, too.
    let is_strict = false;
    let mimetypes = name.py().import("mimetypes")?;
    let guess = mimetypes.call_method1("guess_type", (name, is_strict))?;
    let (media_type, _encoding): (Option<String>, Option<String>) = guess.extract()?;
    Ok(media_type.unwrap_or_else(|| ANY_MEDIA_TYPE.to_owned()))
}
