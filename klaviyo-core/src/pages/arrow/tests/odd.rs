//! Items that are not as the table says: none fails the read, and nothing of them is lost.

use klaviyo_gen::Field;
use proptest::prelude::*;
use serde_json::value::RawValue;

use super::super::columns::Content;
use super::super::value;
use super::*;

/// A time among texts.
const TIME: &str = "2026-10-31T12:00:00Z";

/// The cell of a value, as text; nothing when it does not fit.
fn cell(content: &Content, json: &str) -> Option<String> {
    let json = RawValue::from_string(json.to_owned()).unwrap();
    value::read(content, &json).map(|value| format!("{value:?}"))
}

#[test]
fn values_fit_their_columns_or_not() {
    let list = Content::List(Box::new(Content::Integer));
    let fits = [
        (Content::Text, r#""a\u0041""#, "Text(\"aA\")"),
        (Content::Json, "[1, 2]", "Text(\"[1, 2]\")"),
        (Content::Integer, "-7", "Integer(-7)"),
        (Content::Integer, "3.0", "Integer(3)"),
        (Content::Integer, "1e3", "Integer(1000)"),
        (
            Content::Number,
            "9007199254740993.0",
            "Number(9007199254740992.0)",
        ),
        (
            Content::Number,
            "9007199254740994",
            "Number(9007199254740994.0)",
        ),
        (Content::Boolean, "false", "Boolean(false)"),
        (Content::Time, r#""1970-01-01T00:00:01Z""#, "Time(1000000)"),
        (
            Content::Time,
            r#""1970-01-01 01:00:01.5+01:00""#,
            "Time(1500000)",
        ),
        (list.clone(), "[1, null]", "List([Integer(1), Null])"),
        (
            Content::Id,
            r#"{"data": {"id": "a"}, "links": {}}"#,
            "Text(\"a\")",
        ),
        (Content::Id, r#"{"links": {}}"#, "Null"),
        (Content::Ids, r#"{"data": []}"#, "List([])"),
        (Content::Ids, r#"{"data": null}"#, "Null"),
        (Content::Boolean, "null", "Null"),
    ];
    for (content, json, expected) in fits {
        let read = cell(&content, json);
        assert_eq!(read.as_deref(), Some(expected), "{content:?} {json}");
    }
    let misfits = [
        (Content::Text, "7"),
        (Content::Text, r#""\ud800""#),
        (Content::Integer, "1.5"),
        (Content::Integer, "9223372036854775808"),
        (Content::Integer, "1e300"),
        (Content::Integer, "\"1\""),
        (Content::Number, "9007199254740993"),
        (Content::Number, "1e999"),
        (Content::Number, "\"inf\""),
        (Content::Boolean, "1"),
        (Content::Boolean, "\"true\""),
        (Content::Time, "0"),
        (Content::Time, "\"yesterday\""),
        (Content::Time, "\"2026-10-31T12:00:00\""),
        (Content::Time, "\"2026-10-31T12:00:00.0000001Z\""),
        (list.clone(), "[1, \"a\"]"),
        (list, "{}"),
        (Content::Id, "\"a\""),
        (Content::Id, r#"{"data": [{"id": "a"}]}"#),
        (Content::Ids, r#"{"data": [{"id": 1}]}"#),
    ];
    for (content, json) in misfits {
        assert_eq!(cell(&content, json), None, "{content:?} {json}");
    }
}

#[tokio::test]
async fn what_has_no_column_or_does_not_fit_one_is_kept() {
    let profile = json!({
        "id": 7, "meta": {"a": 1}, "later": null,
        "attributes": {
            "email": 8, "karma": "good", "location": {"city": ["x"], "planet": "Mars"},
            "subscriptions": {"sms": null}, "predictive_analytics": null,
        },
        "relationships": {
            "lists": {"data": "none"}, "friends": {"data": []},
        },
    });
    let odd = json!({"attributes": {"location": "London"}, "relationships": []});
    let several = [profile, odd, json!({"attributes": "none", "id": "3"})];
    let batch = batch(&GET_PROFILES, &several).await;
    assert_eq!(texts(&batch, "id"), ["", "", "3"]);
    assert_eq!(batch["email"].null_count(), 3);
    let expected = [
        json!({
            "id": 7, "meta": {"a": 1}, "email": 8, "karma": "good", "location.city": ["x"],
            "location.planet": "Mars", "subscriptions": {"sms": null},
            "relationships.lists": {"data": "none"}, "relationships.friends": {"data": []},
        }),
        json!({"location": "London", "relationships": []}),
        json!({"attributes": "none"}),
    ];
    assert_eq!(unmapped(&batch), expected);
}

#[tokio::test]
async fn things_of_the_same_name_are_both_kept() {
    let twice = json!({"karma": 1, "attributes": {"karma": 2, "email": 3}, "email": 4});
    let batch = batch(&GET_PROFILES, &[twice]).await;
    let expected = json!({"karma": 2, "karma'": 1, "email": 4, "email'": 3});
    assert_eq!(unmapped(&batch), [expected]);
}

#[tokio::test]
async fn an_item_that_cannot_be_taken_apart_stands_there_whole() {
    let items = [json!(7), json!(null), json!(["a"]), json!("b")];
    let batch = batch(&GET_PROFILES, &items).await;
    assert_eq!(unmapped(&batch), items);
    assert_eq!(batch["id"].null_count(), 4);
    let mut table = Table::new(
        Columns::of(&GET_PROFILES, "/api/profiles").unwrap(),
        &GET_PROFILES,
    );
    let half = r#"{"id": "1", "attributes": {"email": "a", "\ud800": 1}}"#;
    table
        .append(format!("{{\"data\": [ {half} , {{\"id\": \"2\"}}]}}").as_bytes())
        .unwrap();
    let batch = table.take().unwrap();
    assert_eq!(texts(&batch, "id"), ["", "2"]);
    assert_eq!(texts(&batch, "email"), ["", ""]);
    assert_eq!(texts(&batch, "unmapped"), [half, ""]);
}

/// Any JSON, with names of profiles among its own.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,6}".prop_map(Value::from),
        Just(json!(TIME)),
    ];
    let known = [
        "id",
        "type",
        "attributes",
        "relationships",
        "links",
        "data",
        "lists",
        "email",
        "created",
        "location",
        "city",
        "latitude",
        "properties",
    ];
    let name = prop_oneof![
        3 => proptest::sample::select(known.to_vec()).prop_map(str::to_owned),
        1 => ".{0,4}",
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            1 => proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            3 => proptest::collection::hash_map(name.clone(), inner, 0..8)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// Every leaf of `json` that says something.
fn leaves(json: &Value, found: &mut Vec<String>) {
    match json {
        Value::Null => {}
        Value::Array(several) => several.iter().for_each(|one| leaves(one, found)),
        Value::Object(members) => members.values().for_each(|one| leaves(one, found)),
        // An integer may stand in a column of numbers.
        Value::Number(number) => found.push(format!("{:?}", number.as_f64())),
        leaf => found.push(leaf.to_string()),
    }
}

/// The leaves of a row, those of JSON texts included.
fn leaves_of_row(batch: &RecordBatch, row: usize, found: &mut Vec<String>) {
    for column in batch.columns().iter().filter(|column| !column.is_null(row)) {
        match column.data_type() {
            DataType::Utf8 => {
                let text = column.as_string::<i32>().value(row);
                found.push(Value::from(text).to_string());
                leaves(&serde_json::from_str(text).unwrap_or_default(), found);
            }
            DataType::Float64 => {
                let number = column.as_primitive::<Float64Type>().value(row);
                found.push(format!("{:?}", Some(number)));
            }
            DataType::Timestamp(..) => found.push(format!("{TIME:?}")),
            DataType::List(_) => {}
            other => panic!("profiles have no column of {other}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_answer_gives_a_row_for_each_item(items in proptest::collection::vec(any_json(), 0..6)) {
        let body = json!({"data": items}).to_string();
        for operation in [&GET_PROFILES, &GET_EVENTS, &GET_LIST_IDS_FOR_PROFILE] {
            let mut table = Table::new(Columns::of(operation, operation.path).unwrap(), operation);
            table.append(body.as_bytes()).unwrap();
            prop_assert_eq!(table.take().unwrap().num_rows(), items.len());
        }
    }

    #[test]
    fn nothing_of_an_item_is_lost(mut item in any_json()) {
        if let Some(members) = item.as_object_mut() {
            // Of these not all is kept: links go, and of related things only ids stay.
            members.remove("links");
            members.remove("relationships");
        }
        let mut table = Table::new(Columns::of(&GET_PROFILES, "").unwrap(), &GET_PROFILES);
        table.append(json!({"data": [item]}).to_string().as_bytes()).unwrap();
        let (mut kept, mut all) = (Vec::new(), Vec::new());
        leaves_of_row(&table.take().unwrap(), 0, &mut kept);
        leaves(&item, &mut all);
        prop_assert!(all.iter().all(|leaf| kept.contains(leaf)), "{:?} of {:?}", kept, all);
    }
}

#[test]
fn fields_of_the_vocabulary_become_columns() {
    static FREE: [Field; 0] = [];
    use klaviyo_gen::{Kind, Schema};
    static NUMBERS: Schema = Schema {
        kind: Kind::Number,
        nullable: false,
    };
    assert_eq!(Content::of(&Kind::Object(&FREE)), Content::Json);
    assert_eq!(Content::of(&Kind::OneOf(&[])), Content::Json);
    let numbers = Content::List(Box::new(Content::Number));
    assert_eq!(Content::of(&Kind::Array(&NUMBERS)), numbers);
    assert!(
        matches!(numbers.data_type(), DataType::List(element) if element.data_type() == &DataType::Float64)
    );
}
