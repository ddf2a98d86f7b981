//! Types that rows often hold and JSON lacks: those of the standard library, and of packages that need
//! not be there.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyMapping, PyMemoryView, PySequence, PyType};

/// What a value is, if it is none of JSON's types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Datetime,
    Date,
    Decimal,
    /// Whatever `str()` makes of it.
    Text,
    Enum,
    Mapping,
    /// A scalar of numpy that is no Python number or text as well.
    Numpy,
    /// The NA of pandas.
    Missing,
    Sequence,
    Unknown,
}

/// Where the types are, in the order in which they are tried: a datetime is a date, too.
const PLACES: [(&str, &str, Kind); 7] = [
    ("datetime", "datetime", Kind::Datetime),
    ("datetime", "date", Kind::Date),
    ("datetime", "time", Kind::Date),
    ("decimal", "Decimal", Kind::Decimal),
    ("uuid", "UUID", Kind::Text),
    ("enum", "Enum", Kind::Enum),
    ("collections", "UserString", Kind::Text),
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
        Kind::of_package(value)
    }

    fn of_package(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = value.py();
        let is_numpy = |name: &str| match loaded(py, "numpy")? {
            Some(numpy) => value.is_instance(&numpy.getattr(name)?),
            None => Ok(false),
        };
        // What is bytes by Python's own lights is a sequence of numbers only to Python.
        let is_bytes = value.is_instance_of::<PyBytes>()
            || value.is_instance_of::<PyByteArray>()
            || value.is_instance_of::<PyMemoryView>();
        if is_bytes {
            return Ok(Kind::Unknown);
        }
        if is_numpy("generic")? {
            return Ok(Kind::Numpy);
        }
        if value.cast::<PySequence>().is_ok() || is_numpy("ndarray")? && is_list(value)? {
            return Ok(Kind::Sequence);
        }
        if let Some(pandas) = loaded(py, "pandas")?
            && value.is(&pandas.getattr("NA")?)
        {
            return Ok(Kind::Missing);
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

/// A module that somebody imported: without it there is no value of its types.
fn loaded<'py>(py: Python<'py>, module: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    let modules = py.import("sys")?.getattr("modules")?;
    let found = modules.cast::<PyDict>()?.get_item(module)?;
    // A module may be forbidden by None.
    Ok(found.filter(|module| !module.is_none()))
}

/// Whether an array has elements to go through; one without a dimension is a single value.
fn is_list(array: &Bound<'_, PyAny>) -> PyResult<bool> {
    array.getattr("ndim")?.gt(0)
}
