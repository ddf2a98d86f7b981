//! Values that are kept once and stand in many rows: dictionaries, and runs of one value.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, Int8Type, Int16Type, Int32Type, Int64Type, RunEndIndexType, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, DictionaryArray, RunArray};
use arrow_schema::{DataType, FieldRef};
use serde::ser::{Serialize, Serializer};

use super::column::Column;

/// A column of which each value may stand in many rows.
#[derive(Debug)]
pub(super) struct Repeated {
    rows: Box<dyn Rows>,
    values: Box<Column>,
}

impl Repeated {
    /// A dictionary with keys of that type.
    pub(super) fn of_dictionary(field: &FieldRef, keys: &DataType, array: &dyn Array) -> Self {
        match keys {
            DataType::Int8 => Self::of(field, array.as_dictionary::<Int8Type>()),
            DataType::Int16 => Self::of(field, array.as_dictionary::<Int16Type>()),
            DataType::Int64 => Self::of(field, array.as_dictionary::<Int64Type>()),
            DataType::UInt8 => Self::of(field, array.as_dictionary::<UInt8Type>()),
            DataType::UInt16 => Self::of(field, array.as_dictionary::<UInt16Type>()),
            DataType::UInt32 => Self::of(field, array.as_dictionary::<UInt32Type>()),
            DataType::UInt64 => Self::of(field, array.as_dictionary::<UInt64Type>()),
            _ => Self::of(field, array.as_dictionary::<Int32Type>()),
        }
    }

    /// Runs whose ends are of that type.
    pub(super) fn of_runs(field: &FieldRef, ends: &DataType, array: &dyn Array) -> Self {
        match ends {
            DataType::Int16 => Self::of(field, array.as_run::<Int16Type>()),
            DataType::Int64 => Self::of(field, array.as_run::<Int64Type>()),
            _ => Self::of(field, array.as_run::<Int32Type>()),
        }
    }

    fn of<R: Rows + Clone + 'static>(field: &FieldRef, rows: &R) -> Self {
        Repeated {
            values: Box::new(Column::of(field, rows.kept())),
            rows: Box::new(rows.clone()),
        }
    }

    pub(super) fn write<S: Serializer>(&self, index: usize, to: S) -> Result<S::Ok, S::Error> {
        match self.rows.place(index) {
            Some(place) => self.values.cell(place).serialize(to),
            None => to.serialize_none(),
        }
    }
}

/// What leads from rows to values.
trait Rows: Array {
    /// The values that are kept.
    fn kept(&self) -> &ArrayRef;

    /// Where the value of a row stands; none when it is null.
    fn place(&self, index: usize) -> Option<usize>;
}

impl<K: ArrowDictionaryKeyType> Rows for DictionaryArray<K> {
    fn kept(&self) -> &ArrayRef {
        self.values()
    }

    fn place(&self, index: usize) -> Option<usize> {
        self.key(index)
    }
}

impl<E: RunEndIndexType> Rows for RunArray<E> {
    fn kept(&self) -> &ArrayRef {
        self.values()
    }

    fn place(&self, index: usize) -> Option<usize> {
        Some(self.get_physical_index(index))
    }
}
