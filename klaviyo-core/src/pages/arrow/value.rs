//! The value of a cell, read from JSON as its column wants it.

use std::borrow::Cow;

use chrono::DateTime;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::columns::Content;
use super::members::{Text, is_null};

/// Floats hold all integers up to here.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The value of a cell.
#[derive(Debug, PartialEq)]
pub(super) enum Value<'a> {
    Null,
    Text(Cow<'a, str>),
    Integer(i64),
    Number(f64),
    Boolean(bool),
    /// In microseconds since 1970.
    Time(i64),
    List(Vec<Value<'a>>),
}

/// Reads a value; `None` when it is nothing that such a column can hold.
pub(super) fn read<'a>(content: &Content, json: &'a RawValue) -> Option<Value<'a>> {
    if is_null(json) {
        return Some(Value::Null);
    }
    let text = json.get();
    Some(match content {
        Content::Text => Value::Text(unquoted(text)?),
        Content::Json => Value::Text(Cow::Borrowed(text)),
        Content::Integer => Value::Integer(integer(text)?),
        Content::Number => Value::Number(number(text)?),
        Content::Boolean => Value::Boolean(text.parse().ok()?),
        Content::Time => Value::Time(micros(&unquoted(text)?)?),
        Content::List(element) => {
            let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            let elements = elements.into_iter().map(|one| read(element, one));
            Value::List(elements.collect::<Option<_>>()?)
        }
        Content::Id => match related::<Option<Reference<'_>>>(text)? {
            Some(reference) => Value::Text(reference.id),
            None => Value::Null,
        },
        Content::Ids => match related::<Option<Vec<Reference<'_>>>>(text)? {
            Some(references) => {
                let ids = references.into_iter();
                Value::List(ids.map(|reference| Value::Text(reference.id)).collect())
            }
            None => Value::Null,
        },
    })
}

/// What a relationship leads to.
#[derive(Deserialize)]
struct Reference<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
}

/// The `data` of a relationship; beside it stand only links.
fn related<'a, T: Deserialize<'a> + Default>(text: &'a str) -> Option<T> {
    #[derive(Deserialize)]
    struct Relationship<T> {
        #[serde(default)]
        data: T,
    }
    let read: Relationship<T> = serde_json::from_str(text).ok()?;
    Some(read.data)
}

fn unquoted(text: &str) -> Option<Cow<'_, str>> {
    let Text(text) = serde_json::from_str(text).ok()?;
    Some(text)
}

/// An integer, also one that is written as a float.
fn integer(text: &str) -> Option<i64> {
    if let Ok(integer) = text.parse() {
        return Some(integer);
    }
    let float = number(text)?;
    let is_exact = float.fract() == 0.0 && float.abs() <= EXACT;
    is_exact.then_some(float as i64)
}

/// A number, unless its float is another integer than the one that was written, or no number.
fn number(text: &str) -> Option<f64> {
    // Of the words that Rust reads as floats (`inf`), none is JSON.
    let float: f64 = text.parse().ok()?;
    let fits = match text.parse::<i128>() {
        Ok(integer) => float as i128 == integer,
        Err(_) => float.is_finite(),
    };
    fits.then_some(float)
}

/// A point in time with its zone. One finer than microseconds fits none.
fn micros(text: &str) -> Option<i64> {
    let time = DateTime::parse_from_rfc3339(text).ok()?;
    let is_exact = time.timestamp_subsec_nanos().is_multiple_of(1000);
    is_exact.then(|| time.timestamp_micros())
}
