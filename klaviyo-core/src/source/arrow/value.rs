//! A value of an Arrow array, as serde reads it: in place, whatever the array's layout.

use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type,
    Decimal64Type, Decimal128Type, Decimal256Type, Float16Type, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, RunEndIndexType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef, OffsetSizeTrait};
use arrow_schema::{DataType, Field};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::text;
use crate::encode::{Decimal, Unsendable};

/// One value of an array.
#[derive(Clone, Copy)]
pub(super) struct Value<'a> {
    /// Says what the value means, where its type alone does not.
    field: &'a Field,
    array: &'a dyn Array,
    index: usize,
}

impl<'a> Value<'a> {
    pub(super) fn at(field: &'a Field, array: &'a dyn Array, index: usize) -> Self {
        Value {
            field,
            array,
            index,
        }
    }

    /// The value of another array that stands for this one.
    fn behind(&self, array: &'a dyn Array, index: usize) -> Self {
        Value::at(self.field, array, index)
    }

    fn native<T: ArrowPrimitiveType>(&self) -> T::Native {
        self.array.as_primitive::<T>().value(self.index)
    }

    /// The value behind a key of a dictionary, which is not null.
    fn of_dictionary<K: ArrowDictionaryKeyType>(&self) -> Value<'a> {
        let dictionary = self.array.as_dictionary::<K>();
        let key = dictionary.key(self.index).unwrap_or_default();
        self.behind(dictionary.values().as_ref(), key)
    }

    /// The value that is repeated here.
    fn of_run<R: RunEndIndexType>(&self) -> Value<'a> {
        let runs = self.array.as_run::<R>();
        self.behind(runs.values().as_ref(), runs.get_physical_index(self.index))
    }

    fn dictionary(&self, key: &DataType) -> Value<'a> {
        match key {
            DataType::Int8 => self.of_dictionary::<Int8Type>(),
            DataType::Int16 => self.of_dictionary::<Int16Type>(),
            DataType::Int64 => self.of_dictionary::<Int64Type>(),
            DataType::UInt8 => self.of_dictionary::<UInt8Type>(),
            DataType::UInt16 => self.of_dictionary::<UInt16Type>(),
            DataType::UInt32 => self.of_dictionary::<UInt32Type>(),
            DataType::UInt64 => self.of_dictionary::<UInt64Type>(),
            _ => self.of_dictionary::<Int32Type>(),
        }
    }

    fn run(&self, ends: &DataType) -> Value<'a> {
        match ends {
            DataType::Int16 => self.of_run::<Int16Type>(),
            DataType::Int64 => self.of_run::<Int64Type>(),
            _ => self.of_run::<Int32Type>(),
        }
    }

    /// Where the elements of a list stand, and which of those there are its own.
    fn elements(&self) -> Option<(&'a ArrayRef, Range<usize>)> {
        match self.array.data_type() {
            DataType::List(_) => Some(self.of_list::<i32>()),
            DataType::LargeList(_) => Some(self.of_list::<i64>()),
            DataType::ListView(_) => Some(self.of_list_view::<i32>()),
            DataType::LargeListView(_) => Some(self.of_list_view::<i64>()),
            DataType::FixedSizeList(..) => {
                let lists = self.array.as_fixed_size_list();
                let length = usize::try_from(lists.value_length()).unwrap_or_default();
                let start = self.index * length;
                Some((lists.values(), start..start + length))
            }
            _ => None,
        }
    }

    fn of_list<O: OffsetSizeTrait>(&self) -> (&'a ArrayRef, Range<usize>) {
        let lists = self.array.as_list::<O>();
        let offsets = lists.value_offsets();
        let (start, end) = (offsets[self.index], offsets[self.index + 1]);
        (lists.values(), start.as_usize()..end.as_usize())
    }

    fn of_list_view<O: OffsetSizeTrait>(&self) -> (&'a ArrayRef, Range<usize>) {
        let lists = self.array.as_list_view::<O>();
        let start = lists.value_offset(self.index).as_usize();
        let length = lists.value_size(self.index).as_usize();
        (lists.values(), start..start + length)
    }

    fn number<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.array.data_type() {
            DataType::Int8 => to.serialize_i8(self.native::<Int8Type>()),
            DataType::Int16 => to.serialize_i16(self.native::<Int16Type>()),
            DataType::Int32 => to.serialize_i32(self.native::<Int32Type>()),
            DataType::Int64 => to.serialize_i64(self.native::<Int64Type>()),
            DataType::UInt8 => to.serialize_u8(self.native::<UInt8Type>()),
            DataType::UInt16 => to.serialize_u16(self.native::<UInt16Type>()),
            DataType::UInt32 => to.serialize_u32(self.native::<UInt32Type>()),
            DataType::UInt64 => to.serialize_u64(self.native::<UInt64Type>()),
            DataType::Float16 => to.serialize_f32(self.native::<Float16Type>().into()),
            DataType::Float32 => to.serialize_f32(self.native::<Float32Type>()),
            _ => to.serialize_f64(self.native::<Float64Type>()),
        }
    }

    fn decimal(&self) -> String {
        let (array, index) = (self.array, self.index);
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

    fn text(&self) -> &'a str {
        let (array, index) = (self.array, self.index);
        match array.data_type() {
            DataType::LargeUtf8 => array.as_string::<i64>().value(index),
            DataType::Utf8View => array.as_string_view().value(index),
            _ => array.as_string::<i32>().value(index),
        }
    }

    /// A UUID, if the value is marked as one: 16 bytes, which mean nothing else than their text.
    fn uuid(&self) -> Option<String> {
        let is_marked = self.field.extension_type_name() == Some("arrow.uuid");
        let bytes = self
            .array
            .as_fixed_size_binary_opt()
            .filter(|_| is_marked)?;
        let number = u128::from_be_bytes(bytes.value(self.index).try_into().ok()?);
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

    /// A date or a time.
    fn time(&self) -> Option<String> {
        match self.array.data_type() {
            DataType::Date32 => text::day(self.native::<Date32Type>().into()),
            DataType::Date64 => text::day(self.native::<Date64Type>().div_euclid(text::DAY_MS)),
            DataType::Time32(unit) | DataType::Time64(unit) => {
                text::time_of_day(text::ticks(self.array, self.index)?, *unit)
            }
            DataType::Timestamp(unit, zone) => {
                text::timestamp(text::ticks(self.array, self.index)?, *unit, zone.as_deref())
            }
            _ => None,
        }
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let (array, index) = (self.array, self.index);
        if array.is_null(index) {
            return to.serialize_none();
        }
        let data_type = array.data_type();
        match data_type {
            DataType::Null => to.serialize_none(),
            DataType::Boolean => to.serialize_bool(array.as_boolean().value(index)),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
                to.serialize_str(self.text())
            }
            DataType::Dictionary(key, _) => self.dictionary(key).serialize(to),
            DataType::RunEndEncoded(ends, _) => self.run(ends.data_type()).serialize(to),
            DataType::Struct(_) => object(self, to),
            DataType::Map(..) => map(self, to),
            other if other.is_decimal() => Decimal(&self.decimal()).serialize(to),
            other if other.is_numeric() => self.number(to),
            DataType::Date32
            | DataType::Date64
            | DataType::Time32(_)
            | DataType::Time64(_)
            | DataType::Timestamp(..) => match self.time() {
                Some(text) => to.serialize_str(&text),
                None => unsendable(
                    data_type,
                    "is beyond the years that a date can be written for",
                    to,
                ),
            },
            DataType::List(field)
            | DataType::LargeList(field)
            | DataType::ListView(field)
            | DataType::LargeListView(field)
            | DataType::FixedSizeList(field, _) => list(self, field, to),
            other => match self.uuid() {
                Some(text) => to.serialize_str(&text),
                None => unsendable(
                    other,
                    "has no JSON form; cast it to a text or number first",
                    to,
                ),
            },
        }
    }
}

fn list<S: Serializer>(value: &Value<'_>, element: &Field, to: S) -> Result<S::Ok, S::Error> {
    let Some((elements, places)) = value.elements() else {
        return to.serialize_none();
    };
    let mut sequence = to.serialize_seq(Some(places.len()))?;
    for index in places {
        sequence.serialize_element(&Value::at(element, elements.as_ref(), index))?;
    }
    sequence.end()
}

fn object<S: Serializer>(value: &Value<'_>, to: S) -> Result<S::Ok, S::Error> {
    let members = value.array.as_struct();
    let mut object = to.serialize_map(Some(members.num_columns()))?;
    for (field, column) in members.fields().iter().zip(members.columns()) {
        object.serialize_entry(
            field.name(),
            &Value::at(field, column.as_ref(), value.index),
        )?;
    }
    object.end()
}

fn map<S: Serializer>(value: &Value<'_>, to: S) -> Result<S::Ok, S::Error> {
    let entries = value.array.as_map().value(value.index);
    let (names, values) = (entries.column(0), entries.column(1));
    let fields = entries.fields();
    let mut object = to.serialize_map(Some(entries.len()))?;
    for index in 0..entries.len() {
        let name = Value::at(&fields[0], names.as_ref(), index);
        object.serialize_entry(&name, &Value::at(&fields[1], values.as_ref(), index))?;
    }
    object.end()
}

fn unsendable<S: Serializer>(data_type: &DataType, why: &str, to: S) -> Result<S::Ok, S::Error> {
    let code = "unsupported_value";
    let detail = format!("a value of type {data_type} {why}");
    Unsendable { code, detail }.serialize(to)
}
