//! Single values: those of JSON, and those that have an exact form in it.

use klaviyo_core::encode::Decimal;
use pyo3::PyTypeInfo;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyInt, PyString};
use serde::ser::{Serialize, Serializer};

use super::unsendable;

/// A text.
pub(super) fn text<S: Serializer>(text: &Bound<'_, PyString>, to: S) -> Result<S::Ok, S::Error> {
    match text.to_str() {
        Ok(text) => to.serialize_str(text),
        Err(_) => lone_surrogate(to),
    }
}

#[cold]
fn lone_surrogate<S: Serializer>(to: S) -> Result<S::Ok, S::Error> {
    unsendable(
        "lone_surrogate",
        "the text holds half a character (a lone surrogate), which no JSON can carry; replace \
         it: text.encode(\"utf-8\", \"replace\").decode()",
        to,
    )
}

/// An integer; whether it is in Klaviyo's range, the engine decides.
pub(super) fn integer<S: Serializer>(number: &Bound<'_, PyInt>, to: S) -> Result<S::Ok, S::Error> {
    if let Ok(number) = number.extract::<i64>() {
        to.serialize_i64(number)
    } else if let Ok(number) = number.extract::<i128>() {
        to.serialize_i128(number)
    } else {
        unsendable(
            "integer_out_of_range",
            "the integer is beyond 64 bits with a sign; send it as a text",
            to,
        )
    }
}

/// A decimal: as the number that is exactly it, or not at all.
pub(super) fn decimal<S: Serializer>(
    digits: &Bound<'_, PyString>,
    to: S,
) -> Result<S::Ok, S::Error> {
    Decimal(&digits.to_string_lossy()).serialize(to)
}

/// A datetime as ISO 8601. One without a zone is taken as UTC, and says so from then on. None for the
/// NaT of pandas, which is a datetime.
pub(super) fn datetime(value: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    let py = value.py();
    let isoformat = intern!(py, "isoformat");
    let own = value.call_method0(isoformat)?;
    let text = own.cast::<PyString>()?.to_str()?;
    if text == "NaT" {
        return Ok(None);
    }
    if tells_offset(text) {
        return Ok(Some(text.to_owned()));
    }
    if value.call_method0(intern!(py, "utcoffset"))?.is_none() {
        return Ok(Some(format!("{text}Z")));
    }
    // A subclass that keeps its zone to itself.
    let whole = PyDateTime::type_object(py).call_method1(isoformat, (value,))?;
    whole.extract().map(Some)
}

/// Whether a time says how far it is from UTC. Behind the hour, only an offset has a sign.
fn tells_offset(text: &str) -> bool {
    let behind_the_hour = text.split_once(':').map_or("", |(_, behind)| behind);
    text.ends_with('Z') || behind_the_hour.contains(['+', '-'])
}
