//! Scalars of numpy as rows out of arrays and frames hold them, in the forms that Arrow's have, so that
//! a row is the same whichever way it comes.

use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyInt};

use super::scalar;

/// A scalar of numpy. Those of 64-bit floats and of texts are Python's own, too, and do not come here.
pub(super) enum Scalar<'py> {
    Boolean(bool),
    Integer(Bound<'py, PyInt>),
    /// Of 32 bits or fewer: as a Python float it would have digits that nobody gave it.
    Float(f32),
    Text(String),
    /// A time that is none (NaT).
    Missing,
    Unknown,
}

impl<'py> Scalar<'py> {
    pub(super) fn of(value: &Bound<'py, PyAny>) -> PyResult<Self> {
        let dtype = value.getattr("dtype")?;
        let kind: char = dtype.getattr("kind")?.extract()?;
        let bytes: usize = dtype.getattr("itemsize")?.extract()?;
        Ok(match kind {
            'b' => Scalar::Boolean(value.is_truthy()?),
            'i' | 'u' => Scalar::Integer(item(value)?.cast_into()?),
            'f' if bytes <= 4 => Scalar::Float(value.extract()?),
            'M' => moment(value)?,
            _ => Scalar::Unknown,
        })
    }
}

fn item<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    value.call_method0("item")
}

/// A datetime64: a date when its unit is a day or more.
fn moment<'py>(value: &Bound<'py, PyAny>) -> PyResult<Scalar<'py>> {
    let own = item(value)?;
    if own.is_none() {
        return Ok(Scalar::Missing);
    }
    // What is finer than a datetime, or beyond its years, numpy gives as a number.
    if own.is_instance_of::<PyInt>() {
        return nanoseconds(value);
    }
    if !own.is_instance_of::<PyDateTime>() {
        return Ok(Scalar::Text(own.call_method0("isoformat")?.extract()?));
    }
    Ok(scalar::datetime(&own)?.map_or(Scalar::Missing, Scalar::Text))
}

/// What is finer than a datetime: nanoseconds, `2026-11-01T09:30:00.123456789`, without zeros that say
/// nothing.
fn nanoseconds<'py>(value: &Bound<'py, PyAny>) -> PyResult<Scalar<'py>> {
    let digits = value.str()?.to_string();
    let Some((whole, fraction)) = digits.split_once('.') else {
        return Ok(Scalar::Unknown);
    };
    let moment = match fraction.strip_suffix("000") {
        _ if fraction.len() != "123456789".len() => return Ok(Scalar::Unknown),
        Some("000000") => format!("{whole}Z"),
        Some(microseconds) => format!("{whole}.{microseconds}Z"),
        None => format!("{digits}Z"),
    };
    Ok(Scalar::Text(moment))
}
