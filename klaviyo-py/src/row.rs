//! A row as Python has it, and as serde reads it.
//!
//! Values are read in place, none is copied into a tree of ours first. What JSON lacks is written as
//! text ([`scalar`]) or rejects the row with a reason that says what to do.
mod numpy;
mod reading;
mod scalar;
mod types;

use std::collections::BTreeMap;
use std::iter::successors;

use klaviyo_core::encode::Unsendable;
use pyo3::PyTypeInfo;
use pyo3::exceptions::PyException;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};
use serde::ser::{Error, Serialize, SerializeMap, SerializeSeq, Serializer};

pub(crate) use reading::Reading;

/// A row, or a value in one.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a, 'py> {
    value: &'a Bound<'py, PyAny>,
    /// What it lies in; nothing for the row itself.
    container: Option<&'a Row<'a, 'py>>,
    reading: &'a Reading<'a>,
}

impl<'a, 'py> Row<'a, 'py> {
    /// A row. What is raised while it is read rejects it, unless it is no `Exception`
    /// (`KeyboardInterrupt`): that is what the reading ends with.
    pub(crate) fn new(value: &'a Bound<'py, PyAny>, reading: &'a Reading<'a>) -> Self {
        Row {
            value,
            container: None,
            reading,
        }
    }

    fn inside<'b>(&'b self, value: &'b Bound<'py, PyAny>) -> Row<'b, 'py>
    where
        'a: 'b,
    {
        Row {
            value,
            container: Some(self),
            reading: self.reading,
        }
    }

    /// What it lies in, from the innermost.
    fn containers(&self) -> impl Iterator<Item = &Row<'a, 'py>> {
        successors(self.container, |row| row.container)
    }

    /// Why what holds others cannot be gone into.
    fn endless(&self) -> Option<Unsendable> {
        let (code, detail) = if self.containers().any(|row| row.value.is(self.value)) {
            ("circular_value", "the value holds itself; leave that out")
        } else if self.containers().count() > self.reading.deepest() {
            ("too_deep", "nested without end, or nearly so; flatten it")
        } else {
            return None;
        };
        let detail = detail.to_owned();
        Some(Unsendable { code, detail })
    }

    fn dict<S: Serializer>(&self, dict: &Bound<'py, PyDict>, to: S) -> Result<S::Ok, S::Error> {
        if let Some(reason) = self.endless() {
            return reason.serialize(to);
        }
        let length = dict.len();
        let mut map = to.serialize_map(Some(length))?;
        let mut entries = dict.iter();
        while entries.len() > 0 {
            // A changed dict would make the iterator panic; none changes unless code in Python runs.
            if self.reading.has_run_code() && dict.len() != length {
                return Err(S::Error::custom("the dict was changed while it was read"));
            }
            let Some((name, value)) = entries.next() else {
                break;
            };
            self.entry(&name, &value, &mut map)?;
        }
        map.end()
    }

    #[inline]
    fn entry<M: SerializeMap>(
        &self,
        name: &Bound<'py, PyAny>,
        value: &Bound<'py, PyAny>,
        to: &mut M,
    ) -> Result<(), M::Error> {
        match exactly::<PyString>(name).and_then(|text| text.to_str().ok()) {
            Some(name) => to.serialize_entry(self.other_name(name), &self.inside(value)),
            None => self.odd_entry(name, value, to),
        }
    }

    /// An entry whose name is no text, half a one, or of a subclass.
    #[cold]
    fn odd_entry<M: SerializeMap>(
        &self,
        name: &Bound<'py, PyAny>,
        value: &Bound<'py, PyAny>,
        to: &mut M,
    ) -> Result<(), M::Error> {
        let text = name.cast::<PyString>().ok();
        match text.and_then(|text| text.to_str().ok()) {
            Some(name) => to.serialize_entry(self.other_name(name), &self.inside(value)),
            None => to.serialize_entry(&self.inside(name), &self.inside(value)),
        }
    }

    fn mapping<S: Serializer>(
        &self,
        mapping: &Bound<'py, PyMapping>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        if let Some(reason) = self.endless() {
            return reason.serialize(to);
        }
        match mapping.items() {
            Ok(items) => self.entries(&items, to),
            Err(error) => self.unreadable(error, to),
        }
    }

    fn entries<S: Serializer>(&self, items: &Bound<'py, PyList>, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(items.len()))?;
        for item in items {
            let (name, value) = item
                .extract::<(Bound<'py, PyAny>, Bound<'py, PyAny>)>()
                .map_err(|_| S::Error::custom("items() did not give pairs"))?;
            self.entry(&name, &value, &mut map)?;
        }
        map.end()
    }

    fn other_name<'n>(&self, name: &'n str) -> &'n str
    where
        'a: 'n,
    {
        match self.reading.columns() {
            Some(columns) if self.container.is_none() => renamed(columns, name),
            _ => name,
        }
    }

    fn sequence<S: Serializer>(
        &self,
        length: usize,
        values: impl Iterator<Item = Bound<'py, PyAny>>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        if let Some(reason) = self.endless() {
            return reason.serialize(to);
        }
        let mut sequence = to.serialize_seq(Some(length))?;
        for value in values {
            sequence.serialize_element(&self.inside(&value))?;
        }
        sequence.end()
    }

    /// A sequence of any other type, whose elements may be made as they are asked for.
    fn iterated<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if let Some(reason) = self.endless() {
            return reason.serialize(to);
        }
        let values = match self.value.try_iter() {
            Ok(values) => values,
            Err(error) => return self.unreadable(error, to),
        };
        let mut sequence = to.serialize_seq(None)?;
        for value in values {
            match value {
                Ok(value) => sequence.serialize_element(&self.inside(&value))?,
                Err(error) => {
                    sequence.serialize_element(&self.raised_by_reading(error))?;
                    break;
                }
            }
        }
        sequence.end()
    }

    /// Reading the value raised.
    fn unreadable<S: Serializer>(&self, error: PyErr, to: S) -> Result<S::Ok, S::Error> {
        self.raised_by_reading(error).serialize(to)
    }

    fn raised_by_reading(&self, error: PyErr) -> Unsendable {
        let py = self.value.py();
        let detail = format!("reading it raised {error}");
        if !error.is_instance_of::<PyException>(py) {
            self.reading.raise(error);
        }
        let code = "unreadable_value";
        Unsendable { code, detail }
    }
}

impl Serialize for Row<'_, '_> {
    /// Most values are texts; what others need is kept apart.
    #[inline(never)]
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if let Some(text) = exactly::<PyString>(self.value)
            && let Ok(text) = text.to_str()
        {
            return to.serialize_str(text);
        }
        self.usual(to)
    }
}

/// Kept apart: few rows have columns of other names.
#[inline(never)]
fn renamed<'n>(columns: &'n BTreeMap<String, String>, name: &'n str) -> &'n str {
    columns.get(name).map_or(name, String::as_str)
}

/// The value, if it is of that very type and no subclass. Unlike a cast, it makes no error
/// to be dropped when it is not.
#[inline]
fn exactly<'v, 'py, T: PyTypeInfo>(value: &'v Bound<'py, PyAny>) -> Option<&'v Bound<'py, T>> {
    if value.is_exact_instance_of::<T>() {
        value.cast_exact().ok()
    } else {
        None
    }
}

impl Row<'_, '_> {
    /// A value of the types that rows are made of, the most frequent first.
    #[inline(never)]
    fn usual<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let value = self.value;
        if let Some(number) = exactly::<PyInt>(value)
            && let Ok(number) = number.extract::<i64>()
        {
            to.serialize_i64(number)
        } else if let Some(number) = exactly::<PyFloat>(value) {
            to.serialize_f64(number.value())
        } else if value.is_none() {
            to.serialize_none()
        } else if let Some(flag) = exactly::<PyBool>(value) {
            to.serialize_bool(flag.is_true())
        } else if let Some(dict) = exactly::<PyDict>(value) {
            self.dict(dict, to)
        } else if let Some(list) = exactly::<PyList>(value) {
            self.sequence(list.len(), list.iter(), to)
        } else {
            self.other(to)
        }
    }

    /// Any other value, which may run code of its own when it is read.
    #[inline(never)]
    fn other<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.reading.will_run_code();
        let value = self.value;
        if let Ok(text) = value.cast::<PyString>() {
            return scalar::text(text, to);
        } else if let Ok(number) = value.cast::<PyInt>() {
            return scalar::integer(number, to);
        } else if let Ok(number) = value.cast::<PyFloat>() {
            return to.serialize_f64(number.value());
        } else if let Ok(dict) = value.cast::<PyDict>() {
            return self.dict(dict, to);
        } else if let Ok(list) = value.cast::<PyList>() {
            return self.sequence(list.len(), list.iter(), to);
        } else if let Ok(tuple) = value.cast::<PyTuple>() {
            return self.sequence(tuple.len(), tuple.iter(), to);
        }
        match types::Kind::of(value) {
            Ok(types::Kind::Datetime) => match scalar::datetime(value) {
                Ok(Some(text)) => to.serialize_str(&text),
                Ok(None) => to.serialize_none(),
                Err(error) => self.unreadable(error, to),
            },
            Ok(types::Kind::Date) => {
                let isoformat = intern!(value.py(), "isoformat");
                self.text_of(value.call_method0(isoformat), to)
            }
            Ok(types::Kind::Text) => self.text_of(value.str().map(Bound::into_any), to),
            Ok(types::Kind::Decimal) => match value.str() {
                Ok(digits) => scalar::decimal(&digits, to),
                Err(error) => self.unreadable(error, to),
            },
            Ok(types::Kind::Enum) => match value.getattr(intern!(value.py(), "value")) {
                Ok(value) => match self.endless() {
                    Some(reason) => reason.serialize(to),
                    None => self.inside(&value).serialize(to),
                },
                Err(error) => self.unreadable(error, to),
            },
            Ok(types::Kind::Mapping) => match value.cast::<PyMapping>() {
                Ok(mapping) => self.mapping(mapping, to),
                Err(error) => self.unreadable(error.into(), to),
            },
            Ok(types::Kind::Numpy) => match numpy::Scalar::of(value) {
                Ok(scalar) => self.numpy(&scalar, to),
                Err(error) => self.unreadable(error, to),
            },
            Ok(types::Kind::Missing) => to.serialize_none(),
            Ok(types::Kind::Sequence) => self.iterated(to),
            Ok(types::Kind::Unknown) => self.unknown(to),
            Err(error) => self.unreadable(error, to),
        }
    }

    fn text_of<S: Serializer>(
        &self,
        text: PyResult<Bound<'_, PyAny>>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match text.and_then(|text| Ok(text.cast_into::<PyString>()?)) {
            Ok(text) => scalar::text(&text, to),
            Err(error) => self.unreadable(error, to),
        }
    }

    fn numpy<S: Serializer>(&self, scalar: &numpy::Scalar<'_>, to: S) -> Result<S::Ok, S::Error> {
        match scalar {
            numpy::Scalar::Boolean(flag) => to.serialize_bool(*flag),
            numpy::Scalar::Integer(number) => scalar::integer(number, to),
            numpy::Scalar::Float(number) => to.serialize_f32(*number),
            numpy::Scalar::Text(text) => to.serialize_str(text),
            numpy::Scalar::Missing => to.serialize_none(),
            numpy::Scalar::Unknown => self.unknown(to),
        }
    }

    fn unknown<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let kind = self.value.get_type().fully_qualified_name();
        let kind = kind.map_or_else(|_| "value".to_owned(), |name| name.to_string());
        if self.container.is_none() {
            let detail = format!(
                "the row is a {kind}; give a dict, for example dict(row), row._asdict() or \
                 dataclasses.asdict(row)"
            );
            return unsendable("not_an_object", detail, to);
        }
        let detail = format!(
            "a {kind} has no JSON form; convert it to a str, int, float, bool, list or dict first"
        );
        unsendable("unsupported_value", detail, to)
    }
}

/// Gives a reason in place of a value.
fn unsendable<S: Serializer>(
    code: &'static str,
    detail: impl Into<String>,
    to: S,
) -> Result<S::Ok, S::Error> {
    let detail = detail.into();
    Unsendable { code, detail }.serialize(to)
}
