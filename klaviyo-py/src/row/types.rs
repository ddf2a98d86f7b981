//! Types of the standard library that rows often hold and JSON lacks.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyMapping, PyType};

/// What a value is, if it is none of JSON's types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Datetime,
    Date,
    Decimal,
    Uuid,
    Enum,
    Mapping,
    Unknown,
}

/// Where the types are, in the order in which they are tried: a datetime is a date, too.
const PLACES: [(&str, &str, Kind); 6] = [
    ("datetime", "datetime", Kind::Datetime),
    ("datetime", "date", Kind::Date),
    ("datetime", "time", Kind::Date),
    ("decimal", "Decimal", Kind::Decimal),
    ("uuid", "UUID", Kind::Uuid),
    ("enum", "Enum", Kind::Enum),
];

static TYPES: PyOnceLock<Vec<(Py<PyType>, Kind)>> = PyOnceLock::new();

impl Kind {
    pub(super) fn of(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = value.py();
        for (class, kind) in TYPES.get_or_try_init(py, || import(py))? {
            if value.is_instance(class.bind(py))? {
                return Ok(*kind);
            }
        }
        if value.cast::<PyMapping>().is_ok() {
            return Ok(Kind::Mapping);
        }
        Ok(Kind::Unknown)
    }
}

fn import(py: Python<'_>) -> PyResult<Vec<(Py<PyType>, Kind)>> {
    let import = |(module, name, kind)| {
        let class = py.import(module)?.getattr(name)?;
        Ok((class.cast_into::<PyType>()?.unbind(), kind))
    };
    PLACES.into_iter().map(import).collect()
}
