//! Values that are turned into something else first (decimals, dates, times, UUIDs), and those that have
//! no JSON form.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type,
    Decimal256Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, FieldRef};
use serde::ser::{Serialize, Serializer};

use super::text;
use crate::encode::{Decimal, Unsendable};

/// A column of such values. Its type is asked for in each row: that is little beside what follows.
#[derive(Debug)]
pub(super) struct Rare {
    /// Says what the values mean, where their type alone does not.
    field: FieldRef,
    array: ArrayRef,
}

impl Rare {
    pub(super) fn of(field: &FieldRef, array: &ArrayRef) -> Self {
        Rare {
            field: Arc::clone(field),
            array: Arc::clone(array),
        }
    }

    pub(super) fn write<S: Serializer>(&self, index: usize, to: S) -> Result<S::Ok, S::Error> {
        if self.array.is_null(index) {
            return to.serialize_none();
        }
        match self.array.data_type() {
            other if other.is_decimal() => Decimal(&self.decimal(index)).serialize(to),
            DataType::Date32
            | DataType::Date64
            | DataType::Time32(_)
            | DataType::Time64(_)
            | DataType::Timestamp(..) => match self.time(index) {
                Some(text) => to.serialize_str(&text),
                None => self.unsendable("is beyond the years that a date can be written for", to),
            },
            _ => match self.uuid(index) {
                Some(text) => to.serialize_str(&text),
                None => self.unsendable("has no JSON form; cast it to a text or number first", to),
            },
        }
    }

    fn native<T: ArrowPrimitiveType>(&self, index: usize) -> T::Native {
        self.array.as_primitive::<T>().value(index)
    }

    fn decimal(&self, index: usize) -> String {
        let array = &self.array;
        match array.data_type() {
            DataType::Decimal32(..) => array.as_primitive::<Decimal32Type>().value_as_string(index),
            DataType::Decimal64(..) => array.as_primitive::<Decimal64Type>().value_as_string(index),
            DataType::Decimal256(..) => array
                .as_primitive::<Decimal256Type>()
                .value_as_string(index),
            _ => array
                .as_primitive::<Decimal128Type>()
                .value_as_string(index),
        }
    }

    /// A date or a time.
    fn time(&self, index: usize) -> Option<String> {
        let ticks = || text::ticks(&self.array, index);
        match self.array.data_type() {
            DataType::Date32 => text::day(self.native::<Date32Type>(index).into()),
            DataType::Date64 => {
                text::day(self.native::<Date64Type>(index).div_euclid(text::DAY_MS))
            }
            DataType::Time32(unit) | DataType::Time64(unit) => text::time_of_day(ticks()?, *unit),
            DataType::Timestamp(unit, zone) => text::timestamp(ticks()?, *unit, zone.as_deref()),
            _ => None,
        }
    }

    /// A UUID, if the value is marked as one: 16 bytes, which mean nothing else than their text.
    fn uuid(&self, index: usize) -> Option<String> {
        let is_marked = self.field.extension_type_name() == Some("arrow.uuid");
        let bytes = self
            .array
            .as_fixed_size_binary_opt()
            .filter(|_| is_marked)?;
        let number = u128::from_be_bytes(bytes.value(index).try_into().ok()?);
        let part = |from: u32, bits: u32| (number >> from) & ((1 << bits) - 1);
        Some(format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            part(96, 32),
            part(80, 16),
            part(64, 16),
            part(48, 16),
            part(0, 48)
        ))
    }

    fn unsendable<S: Serializer>(&self, why: &str, to: S) -> Result<S::Ok, S::Error> {
        let code = "unsupported_value";
        let detail = format!("a value of type {} {why}", self.array.data_type());
        Unsendable { code, detail }.serialize(to)
    }
}
