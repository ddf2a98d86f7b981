//! The rows of the benchmarks as record batches of Arrow.

use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, RecordBatchIterator,
    StringArray, StructArray,
};
use arrow_schema::{ArrowError, Field, Fields};
use klaviyo_core::source::{Batches, SourceOptions};
use serde_json::Value;

/// Batches of the rows in each of these slices.
pub(crate) fn source<'a>(slices: impl Iterator<Item = &'a [Value]>) -> Batches {
    let batches: Vec<_> = slices.map(batch_of).collect();
    let schema = batches[0].as_ref().expect("columns of one length").schema();
    let reader = RecordBatchIterator::new(batches, schema);
    let source = Batches::new(Box::new(reader), "a benchmark", &SourceOptions::default());
    source.expect("the columns are there")
}

fn batch_of(rows: &[Value]) -> Result<RecordBatch, ArrowError> {
    let text = |pointer| texts(rows, pointer);
    let location = [
        ("city", text("/location/city")),
        ("country", text("/location/country")),
        ("zip", text("/location/zip")),
    ];
    let orders: Int64Array = each(rows, "/properties/orders", Value::as_i64).collect();
    let spend: Float64Array = each(rows, "/properties/spend", Value::as_f64).collect();
    let vip: BooleanArray = each(rows, "/properties/vip", Value::as_bool).collect();
    let properties = [
        ("orders", Arc::new(orders) as ArrayRef),
        ("spend", Arc::new(spend)),
        ("vip", Arc::new(vip)),
        ("tags", lists(rows, "/properties/tags")),
        ("last_order", text("/properties/last_order")),
    ];
    RecordBatch::try_from_iter([
        ("email", text("/email")),
        ("external_id", text("/external_id")),
        ("first_name", text("/first_name")),
        ("last_name", text("/last_name")),
        ("location", objects(location)),
        ("properties", objects(properties)),
    ])
}

/// The value that is there in each row.
fn each<'a, T>(
    rows: &'a [Value],
    pointer: &str,
    read: fn(&'a Value) -> Option<T>,
) -> impl Iterator<Item = Option<T>> {
    rows.iter()
        .map(move |row| row.pointer(pointer).and_then(read))
}

fn texts(rows: &[Value], pointer: &str) -> ArrayRef {
    Arc::new(each(rows, pointer, Value::as_str).collect::<StringArray>())
}

fn lists(rows: &[Value], pointer: &str) -> ArrayRef {
    let mut lists = ListBuilder::new(StringBuilder::new());
    for list in each(rows, pointer, Value::as_array) {
        lists.append_option(list.map(|list| list.iter().map(Value::as_str)));
    }
    Arc::new(lists.finish())
}

fn objects<const N: usize>(members: [(&str, ArrayRef); N]) -> ArrayRef {
    let field =
        |(name, column): &(&str, ArrayRef)| Field::new(*name, column.data_type().clone(), true);
    let fields: Fields = members.iter().map(field).collect();
    let columns = members.map(|(_, column)| column);
    Arc::new(StructArray::new(fields, columns.into(), None))
}
