//! Records of Arrow.

use std::sync::Arc;

use arrow_array::builder::{
    FixedSizeBinaryBuilder, FixedSizeListBuilder, Int32Builder, Int64Builder, LargeListBuilder,
    ListBuilder, ListViewBuilder, MapBuilder, StringBuilder, StringDictionaryBuilder,
    StringViewBuilder,
};
use arrow_array::types::{ArrowPrimitiveType, Decimal256Type, Float16Type, Int8Type, Int32Type};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Date64Array, Decimal128Array,
    Decimal256Array, DurationSecondArray, Float16Array, Float32Array, Float64Array, Int8Array,
    Int16Array, Int64Array, LargeStringArray, NullArray, RecordBatch, RecordBatchIterator,
    RunArray, StringArray, StructArray, Time32SecondArray, Time64MicrosecondArray,
    TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
    TimestampSecondArray, UInt64Array,
};
use arrow_buffer::NullBuffer;
use arrow_schema::{ArrowError, DataType, Field, Schema};

use super::*;

type Half = <Float16Type as ArrowPrimitiveType>::Native;
type Wide = <Decimal256Type as ArrowPrimitiveType>::Native;

/// A batch of profiles with these properties.
pub(super) fn profiles(properties: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let rows = properties.first().map_or(0, |(_, array)| array.len());
    let email: ArrayRef = Arc::new(StringArray::from(vec!["ada@shop.example"; rows]));
    let columns = properties
        .into_iter()
        .map(|(name, array)| (format!("properties.{name}"), array));
    let columns = std::iter::once(("email".to_owned(), email)).chain(columns);
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true)))
        .unwrap()
}

fn source_of(batches: Vec<Result<RecordBatch, ArrowError>>) -> Batches {
    let schema = batches[0].as_ref().unwrap().schema();
    let reader = RecordBatchIterator::new(batches, schema);
    Batches::new(Box::new(reader), "a test", &SourceOptions::default()).unwrap()
}

/// What becomes of each value of an array.
fn ends_of(array: ArrayRef) -> Vec<End> {
    ends(&mut source_of(vec![Ok(profiles(vec![("x", array)]))]))
}

fn item(value: &Value) -> End {
    let row = json!({"email": "ada@shop.example", "properties.x": value});
    end_of(&mut encoder(), &row)
}

fn decimals(values: &[&str], scale: i8) -> ArrayRef {
    let values = values.iter().map(|digits| digits.parse::<i128>().unwrap());
    let array = Decimal128Array::from_iter_values(values);
    Arc::new(array.with_precision_and_scale(38, scale).unwrap())
}

fn struct_of(names: &[&str], columns: Vec<ArrayRef>) -> ArrayRef {
    let fields = names.iter().zip(&columns);
    let fields: Vec<Field> = fields
        .map(|(name, column)| Field::new(*name, column.data_type().clone(), true))
        .collect();
    Arc::new(StructArray::new(fields.into(), columns, None))
}

#[test]
fn every_type_is_what_it_would_be_in_a_row_of_serde() {
    let cases: Vec<(ArrayRef, Vec<Value>)> = vec![
        (Arc::new(NullArray::new(1)), vec![json!(null)]),
        (
            Arc::new(BooleanArray::from(vec![Some(true), None])),
            vec![json!(true), json!(null)],
        ),
        (Arc::new(Int8Array::from(vec![-128])), vec![json!(-128)]),
        (Arc::new(Int16Array::from(vec![7])), vec![json!(7)]),
        (
            Arc::new(Int64Array::from(vec![i64::MIN])),
            vec![json!(i64::MIN)],
        ),
        (Arc::new(UInt64Array::from(vec![3])), vec![json!(3)]),
        (
            Arc::new(Float16Array::from(vec![Half::from_f32(0.5)])),
            vec![json!(0.5)],
        ),
        (Arc::new(Float32Array::from(vec![0.1])), vec![json!(0.1)]),
        (Arc::new(Float64Array::from(vec![0.1])), vec![json!(0.1)]),
        (
            Arc::new(LargeStringArray::from(vec!["ü"])),
            vec![json!("ü")],
        ),
        (
            string_view(&["more than twelve bytes"]),
            vec![json!("more than twelve bytes")],
        ),
        (
            decimals(&["1250", "-5", "100"], 2),
            vec![json!(12.5), json!(-0.05), json!(1.0)],
        ),
        (decimals(&["42"], 0), vec![json!(42)]),
        (
            Arc::new(
                Decimal256Array::from_iter_values([Wide::from_i128(15)])
                    .with_precision_and_scale(40, 1)
                    .unwrap(),
            ),
            vec![json!(1.5)],
        ),
        (
            Arc::new(Date32Array::from(vec![-1, 20_000])),
            vec![json!("1969-12-31"), json!("2024-10-04")],
        ),
        (
            Arc::new(Date64Array::from(vec![86_400_000])),
            vec![json!("1970-01-02")],
        ),
        (
            Arc::new(Time32SecondArray::from(vec![3_661])),
            vec![json!("01:01:01")],
        ),
        (
            Arc::new(Time64MicrosecondArray::from(vec![1])),
            vec![json!("00:00:00.000001")],
        ),
        (
            dictionary(&[Some("a"), None, Some("a")]),
            vec![json!("a"), json!(null), json!("a")],
        ),
        (runs(), vec![json!("a"), json!("a"), json!(null)]),
    ];
    for (array, expected) in cases {
        let expected: Vec<End> = expected.iter().map(item).collect();
        assert_eq!(
            ends_of(Arc::clone(&array)),
            expected,
            "{}",
            array.data_type()
        );
    }
}

fn string_view(texts: &[&str]) -> ArrayRef {
    let mut builder = StringViewBuilder::new();
    texts.iter().for_each(|text| builder.append_value(text));
    Arc::new(builder.finish())
}

fn dictionary(texts: &[Option<&str>]) -> ArrayRef {
    let mut builder = StringDictionaryBuilder::<Int8Type>::new();
    texts.iter().for_each(|text| builder.append_option(*text));
    Arc::new(builder.finish())
}

fn runs() -> ArrayRef {
    let values = StringArray::from(vec![Some("a"), None]);
    let ends = arrow_array::Int32Array::from(vec![2, 3]);
    Arc::new(RunArray::<Int32Type>::try_new(&ends, &values).unwrap())
}

#[test]
fn a_timestamp_is_in_rfc_3339() {
    let second = 1_793_439_000;
    for (array, expected) in [
        (
            Arc::new(TimestampSecondArray::from(vec![second])) as ArrayRef,
            "2026-10-31T09:30:00Z",
        ),
        (
            Arc::new(TimestampMillisecondArray::from(vec![-1])),
            "1969-12-31T23:59:59.999000Z",
        ),
        (
            Arc::new(
                TimestampMicrosecondArray::from(vec![second * 1_000_000]).with_timezone("UTC"),
            ),
            "2026-10-31T09:30:00+00:00",
        ),
        (
            Arc::new(TimestampNanosecondArray::from(vec![1]).with_timezone("+02:00")),
            "1970-01-01T02:00:00.000000001+02:00",
        ),
        (
            Arc::new(TimestampSecondArray::from(vec![second]).with_timezone("Europe/Berlin")),
            "2026-10-31T09:30:00+00:00",
        ),
    ] {
        assert_eq!(ends_of(array), [item(&json!(expected))]);
    }
}

#[test]
fn lists_structs_and_maps_are_arrays_and_objects() {
    let mut list = ListBuilder::new(Int32Builder::new());
    list.append_value([Some(1), None]);
    list.append_null();
    let mut large = LargeListBuilder::new(StringBuilder::new());
    large.append_value([Some("a")]);
    let mut fixed = FixedSizeListBuilder::new(Int64Builder::new(), 2);
    fixed.values().append_slice(&[1, 2]);
    fixed.append(true);
    let mut map = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
    map.keys().append_value("a");
    map.values().append_value(1);
    map.append(true).unwrap();
    let inner = struct_of(
        &["b"],
        vec![Arc::new(Int64Array::from(vec![None, Some(2)]))],
    );
    for (array, expected) in [
        (
            Arc::new(list.finish()) as ArrayRef,
            vec![json!([1, null]), json!(null)],
        ),
        (Arc::new(large.finish()), vec![json!(["a"])]),
        (Arc::new(fixed.finish()), vec![json!([1, 2])]),
        (Arc::new(map.finish()), vec![json!({"a": 1})]),
        (
            struct_of(&["a"], vec![inner]),
            vec![json!({"a": {"b": null}}), json!({"a": {"b": 2}})],
        ),
    ] {
        let expected: Vec<End> = expected.iter().map(item).collect();
        assert_eq!(ends_of(array), expected);
    }
}

#[test]
fn a_struct_reaches_into_the_objects_of_a_row() {
    let city = struct_of(
        &["city", "zip"],
        vec![
            Arc::new(StringArray::from(vec!["London"])),
            Arc::new(NullArray::new(1)),
        ],
    );
    let email: ArrayRef = Arc::new(StringArray::from(vec!["ada@shop.example"]));
    let batch = RecordBatch::try_from_iter([("email", email), ("location", city)]).unwrap();
    let row = json!({"email": "ada@shop.example", "location.city": "London"});
    let expected = [end_of(&mut encoder(), &row)];
    assert_eq!(ends(&mut source_of(vec![Ok(batch)])), expected);
}

#[test]
fn what_has_no_json_form_is_rejected() {
    let mut fixed = FixedSizeBinaryBuilder::new(1);
    fixed.append_value([1]).unwrap();
    for (array, code) in [
        (
            Arc::new(BinaryArray::from(vec![&b"ab"[..]])) as ArrayRef,
            "unsupported_value",
        ),
        (Arc::new(fixed.finish()), "unsupported_value"),
        (
            Arc::new(DurationSecondArray::from(vec![1])),
            "unsupported_value",
        ),
        (
            Arc::new(TimestampSecondArray::from(vec![i64::MAX])),
            "unsupported_value",
        ),
        (Arc::new(Float64Array::from(vec![f64::NAN])), "not_finite"),
        (
            Arc::new(Float32Array::from(vec![f32::INFINITY])),
            "not_finite",
        ),
        (
            Arc::new(UInt64Array::from(vec![u64::MAX])),
            "integer_out_of_range",
        ),
        (decimals(&["12345678901234567890"], 2), "inexact_number"),
    ] {
        let kind = array.data_type().clone();
        let expected = End::Rejected(code, "properties.x".to_owned());
        assert_eq!(ends_of(array), [expected], "{kind}");
    }
}

#[test]
fn batches_follow_one_another_and_may_be_slices() {
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![0, 1, 2, 3]));
    let batch = profiles(vec![("x", numbers)]);
    let empty = RecordBatch::new_empty(batch.schema());
    let batches = vec![
        Ok(empty.clone()),
        Ok(batch.slice(1, 2)),
        Ok(empty),
        Ok(batch.slice(0, 1)),
    ];
    let expected = [1, 2, 0].map(|number| item(&json!(number)));
    assert_eq!(ends(&mut source_of(batches)), expected);
}

/// Two rows from behind the first one, of which the second is null.
#[test]
fn what_is_inside_others_is_found_in_slices_too() {
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
    let nulls = NullBuffer::from(vec![true, true, false]);
    let fields = vec![Field::new("a", DataType::Int64, true)].into();
    let objects = StructArray::new(fields, vec![numbers], Some(nulls));
    let mut lists = ListBuilder::new(Int64Builder::new());
    let mut views = ListViewBuilder::new(Int64Builder::new());
    let mut fixed = FixedSizeListBuilder::new(Int64Builder::new(), 2);
    let mut maps = MapBuilder::new(None, StringBuilder::new(), Int64Builder::new());
    for (number, is_valid) in [(1, true), (2, true), (3, false)] {
        let elements = [Some(number), Some(number + 1)];
        lists.append_option(is_valid.then_some(elements));
        views.append_option(is_valid.then_some(elements));
        fixed.values().append_slice(&[number, number + 1]);
        fixed.append(is_valid);
        if is_valid {
            maps.keys().append_value("a");
            maps.values().append_value(number);
        }
        maps.append(is_valid).unwrap();
    }
    for (array, expected) in [
        (Arc::new(objects) as ArrayRef, json!({"a": 2})),
        (Arc::new(lists.finish()), json!([2, 3])),
        (Arc::new(views.finish()), json!([2, 3])),
        (Arc::new(fixed.finish()), json!([2, 3])),
        (Arc::new(maps.finish()), json!({"a": 2})),
        (dictionary(&[Some("a"), Some("b"), None]), json!("b")),
        (runs(), json!("a")),
    ] {
        let kind = array.data_type().clone();
        let expected = [item(&expected), item(&json!(null))];
        assert_eq!(ends_of(array.slice(1, 2)), expected, "{kind}");
    }
}

#[test]
fn a_stream_that_fails_ends_the_rows_with_its_words() {
    let batch = profiles(vec![("x", Arc::new(NullArray::new(1)))]);
    let error = ArrowError::ComputeError("no more disk".to_owned());
    let mut source = source_of(vec![Ok(batch), Err(error)]);
    assert!(source.advance().unwrap());
    let error = source.advance().unwrap_err().to_string();
    assert!(
        error.starts_with("a test: ") && error.contains("no more disk"),
        "{error}"
    );
    assert!(!source.advance().unwrap(), "no row comes twice");
}

#[test]
fn labels_of_rows_are_no_columns_unless_they_are_named() {
    let emails: ArrayRef = Arc::new(StringArray::from(vec!["ada@shop.example"]));
    let labels: ArrayRef = Arc::new(Int64Array::from(vec![5]));
    let batch = || {
        let columns = [("__index_level_0__", &labels), ("email", &emails)];
        RecordBatch::try_from_iter(columns.map(|(name, column)| (name, column.clone()))).unwrap()
    };
    let ada = || json!({"email": "ada@shop.example"});
    let expected = end_of(&mut encoder(), &ada());
    assert_eq!(ends(&mut source_of(vec![Ok(batch())])), [expected]);

    let columns = [("__index_level_0__", "properties.x")];
    let options = SourceOptions {
        columns: columns
            .map(|(from, to)| (from.to_owned(), to.to_owned()))
            .into(),
        ..SourceOptions::default()
    };
    let schema = batch().schema();
    let reader = RecordBatchIterator::new(vec![Ok(batch())], schema);
    let mut renamed = Batches::new(Box::new(reader), "a test", &options).unwrap();
    let mut with_label = ada();
    with_label["properties.x"] = json!(5);
    assert_eq!(ends(&mut renamed), [end_of(&mut encoder(), &with_label)]);
}

#[test]
fn columns_are_renamed_and_must_be_there() {
    let schema = Arc::new(Schema::new(vec![Field::new(
        "E-Mail",
        DataType::Utf8,
        false,
    )]));
    let email: ArrayRef = Arc::new(StringArray::from(vec!["ada@shop.example"]));
    let batch = RecordBatch::try_new(schema, vec![email]).unwrap();
    let open = |column: &str| {
        let schema = batch.schema();
        let reader = RecordBatchIterator::new(vec![Ok(batch.clone())], schema);
        let columns = [(column.to_owned(), "email".to_owned())].into();
        let options = SourceOptions {
            columns,
            ..SourceOptions::default()
        };
        Batches::new(Box::new(reader), "a test", &options)
    };
    let row = json!({"email": "ada@shop.example"});
    assert_eq!(
        ends(&mut open("E-Mail").unwrap()),
        [end_of(&mut encoder(), &row)]
    );
    assert!(matches!(
        open("Mail").unwrap_err(),
        SourceError::Column { .. }
    ));
}
