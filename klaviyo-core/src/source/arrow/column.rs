//! Columns of Arrow, as serde reads them: in place, whatever their layout.
//!
//! What a column is of is found out once, when its batch comes. A cell is then a look at whether it is
//! null, and at its value.

use arrow_array::cast::AsArray;
use arrow_array::{
    Array, ArrayAccessor, ArrayRef, BooleanArray, Float16Array, Float32Array, Float64Array,
    Int8Array, Int16Array, Int32Array, Int64Array, LargeStringArray, StringArray, StringViewArray,
    UInt8Array, UInt16Array, UInt32Array, UInt64Array,
};
use arrow_schema::{DataType, FieldRef};
use serde::ser::{Serialize, Serializer};

use super::list::List;
use super::object::{Map, Object};
use super::rare::Rare;
use super::repeated::Repeated;

/// A column of a batch, or of what is inside one.
#[derive(Debug)]
pub(super) enum Column {
    /// Nothing but nulls.
    Null,
    Boolean(BooleanArray),
    Int8(Int8Array),
    Int16(Int16Array),
    Int32(Int32Array),
    Int64(Int64Array),
    UInt8(UInt8Array),
    UInt16(UInt16Array),
    UInt32(UInt32Array),
    UInt64(UInt64Array),
    Float16(Float16Array),
    Float32(Float32Array),
    Float64(Float64Array),
    Text(StringArray),
    LargeText(LargeStringArray),
    TextView(StringViewArray),
    Object(Object),
    Map(Box<Map>),
    List(List),
    Repeated(Repeated),
    Rare(Rare),
}

impl Column {
    /// The field says what the values mean, where their type alone does not.
    pub(super) fn of(field: &FieldRef, array: &ArrayRef) -> Self {
        match array.data_type() {
            DataType::Null => Column::Null,
            DataType::Boolean => Column::Boolean(array.as_boolean().clone()),
            DataType::Int8 => Column::Int8(array.as_primitive().clone()),
            DataType::Int16 => Column::Int16(array.as_primitive().clone()),
            DataType::Int32 => Column::Int32(array.as_primitive().clone()),
            DataType::Int64 => Column::Int64(array.as_primitive().clone()),
            DataType::UInt8 => Column::UInt8(array.as_primitive().clone()),
            DataType::UInt16 => Column::UInt16(array.as_primitive().clone()),
            DataType::UInt32 => Column::UInt32(array.as_primitive().clone()),
            DataType::UInt64 => Column::UInt64(array.as_primitive().clone()),
            DataType::Float16 => Column::Float16(array.as_primitive().clone()),
            DataType::Float32 => Column::Float32(array.as_primitive().clone()),
            DataType::Float64 => Column::Float64(array.as_primitive().clone()),
            DataType::Utf8 => Column::Text(array.as_string().clone()),
            DataType::LargeUtf8 => Column::LargeText(array.as_string().clone()),
            DataType::Utf8View => Column::TextView(array.as_string_view().clone()),
            DataType::Struct(_) => Column::Object(Object::of(array.as_struct())),
            DataType::Map(..) => Column::Map(Box::new(Map::of(array.as_map()))),
            DataType::List(element) => Column::List(List::of(element, array.as_list::<i32>())),
            DataType::LargeList(element) => Column::List(List::of(element, array.as_list::<i64>())),
            DataType::ListView(element) => {
                Column::List(List::of(element, array.as_list_view::<i32>()))
            }
            DataType::LargeListView(element) => {
                Column::List(List::of(element, array.as_list_view::<i64>()))
            }
            DataType::FixedSizeList(element, _) => {
                Column::List(List::of(element, array.as_fixed_size_list()))
            }
            DataType::Dictionary(keys, _) => {
                Column::Repeated(Repeated::of_dictionary(field, keys, array))
            }
            DataType::RunEndEncoded(ends, _) => {
                Column::Repeated(Repeated::of_runs(field, ends.data_type(), array))
            }
            _ => Column::Rare(Rare::of(field, array)),
        }
    }

    /// The value in that row.
    #[inline]
    pub(super) fn cell(&self, index: usize) -> Cell<'_> {
        Cell {
            column: self,
            index,
        }
    }
}

/// One value of a column.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    column: &'a Column,
    index: usize,
}

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let index = self.index;
        match self.column {
            Column::Null => to.serialize_none(),
            Column::Boolean(array) => scalar(array, index, to, S::serialize_bool),
            Column::Int8(array) => scalar(array, index, to, S::serialize_i8),
            Column::Int16(array) => scalar(array, index, to, S::serialize_i16),
            Column::Int32(array) => scalar(array, index, to, S::serialize_i32),
            Column::Int64(array) => scalar(array, index, to, S::serialize_i64),
            Column::UInt8(array) => scalar(array, index, to, S::serialize_u8),
            Column::UInt16(array) => scalar(array, index, to, S::serialize_u16),
            Column::UInt32(array) => scalar(array, index, to, S::serialize_u32),
            Column::UInt64(array) => scalar(array, index, to, S::serialize_u64),
            Column::Float16(array) => scalar(array, index, to, |to: S, half| {
                to.serialize_f32(half.into())
            }),
            Column::Float32(array) => scalar(array, index, to, S::serialize_f32),
            Column::Float64(array) => scalar(array, index, to, S::serialize_f64),
            Column::Text(array) => scalar(array, index, to, S::serialize_str),
            Column::LargeText(array) => scalar(array, index, to, S::serialize_str),
            Column::TextView(array) => scalar(array, index, to, S::serialize_str),
            Column::Object(objects) => objects.write(index, to),
            Column::Map(maps) => maps.write(index, to),
            Column::List(lists) => lists.write(index, to),
            Column::Repeated(values) => values.write(index, to),
            Column::Rare(values) => values.write(index, to),
        }
    }
}

/// Writes the value that stands there, or null.
#[inline]
fn scalar<A: ArrayAccessor, S: Serializer>(
    array: A,
    index: usize,
    to: S,
    write: impl FnOnce(S, A::Item) -> Result<S::Ok, S::Error>,
) -> Result<S::Ok, S::Error> {
    if array.is_null(index) {
        return to.serialize_none();
    }
    write(to, array.value(index))
}
