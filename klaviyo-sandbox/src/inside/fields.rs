//! What the body of a request to the look inside brings, field by field: what is wrong is told with
//! its place and with what is taken there.

use serde_json::{Map, Value};

use crate::nearest::did_you_mean;
use crate::problem::Problem;

/// The fields of a body.
pub(super) fn object(body: Value) -> Result<Map<String, Value>, Problem> {
    match body {
        Value::Object(fields) => Ok(fields),
        _ => Err(Problem::invalid("", "The body must be an object.")),
    }
}

/// The fields of a body that takes none but these.
pub(super) fn only(body: Value, known: &[&str]) -> Result<Map<String, Value>, Problem> {
    let fields = object(body)?;
    let Some(unknown) = fields.keys().find(|name| !known.contains(&name.as_str())) else {
        return Ok(fields);
    };
    let (hint, known) = (did_you_mean(unknown, known), known.join(", "));
    let detail = format!("There is no field {unknown}{hint}; there are {known}.");
    Err(Problem::invalid(&format!("/{unknown}"), detail))
}

/// A text that must be there.
pub(super) fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<&'a str, Problem> {
    let refuse = |detail| Err(Problem::invalid(&format!("/{name}"), detail));
    match fields.get(name) {
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(text),
        Some(Value::String(_)) => refuse("It must not be empty."),
        Some(_) => refuse("It must be a string."),
        None => refuse("The field is required."),
    }
}

/// Several texts, which stand at this pointer.
pub(super) fn texts(value: &Value, at: &str) -> Result<Vec<String>, Problem> {
    let texts = value.as_array().and_then(|elements| {
        let text = |element: &Value| element.as_str().map(str::to_owned);
        elements.iter().map(text).collect()
    });
    texts.ok_or_else(|| Problem::invalid(at, "It must be an array of strings."))
}
