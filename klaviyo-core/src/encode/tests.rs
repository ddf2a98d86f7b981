//! Rows in, items or reasons out.

mod letters;
mod others;
mod sent;
mod shapes;

use super::*;
use crate::chunk::Identity;
use chrono::TimeZone;
use klaviyo_gen::operations::{BULK_CREATE_EVENTS, BULK_IMPORT_PROFILES};
use serde_json::{Value, json};

fn encoder(operation: &'static Operation, rows: &Rows, options: RowOptions) -> Encoder {
    let now = Utc.with_ymd_and_hms(2026, 11, 1, 0, 0, 0).unwrap();
    Encoder::new(operation, rows, options, now).unwrap()
}

fn profiles_with(options: RowOptions) -> Encoder {
    encoder(&BULK_IMPORT_PROFILES, &Rows::Profiles, options)
}

fn profiles() -> Encoder {
    profiles_with(RowOptions::default())
}

fn events(unique_ids: UniqueIds) -> Encoder {
    let rows = Rows::Events(unique_ids);
    encoder(&BULK_CREATE_EVENTS, &rows, RowOptions::default())
}

fn run_1() -> UniqueIds {
    UniqueIds::RunAndRow("run-1".to_owned())
}

fn item(encoder: &mut Encoder, row: &impl Serialize) -> Value {
    let encoded = encoder.encode(7, row).unwrap();
    serde_json::from_slice(encoded.item).unwrap()
}

/// Code and field of the rejection.
fn refused(encoder: &mut Encoder, row: &impl Serialize) -> (&'static str, String) {
    let rejection = encoder.encode(7, row).unwrap_err();
    assert_eq!(rejection.row, 7);
    assert!(!rejection.detail.is_empty());
    (rejection.code, rejection.field)
}

#[test]
fn a_flat_row_and_a_nested_row_give_the_same_profile() {
    let flat = json!({
        "email": "ada@shop.example",
        "location.city": "London",
        "properties.ltv": 12.5,
        "id": "01H",
        "patch.append.tags": "vip",
        "patch.unset": ["old"],
    });
    let nested = json!({
        "id": "01H",
        "email": "ada@shop.example",
        "location": {"city": "London"},
        "properties": {"ltv": 12.5},
        "patch": {"append": {"tags": "vip"}, "unset": ["old"]},
    });
    let expected = json!({
        "type": "profile",
        "id": "01H",
        "attributes": {
            "email": "ada@shop.example",
            "location": {"city": "London"},
            "properties": {"ltv": 12.5},
        },
        "meta": {"patch_properties": {"append": {"tags": "vip"}, "unset": ["old"]}},
    });
    assert_eq!(item(&mut profiles(), &flat), expected);
    assert_eq!(item(&mut profiles(), &nested), expected);
}

#[test]
fn a_struct_is_a_row_too() {
    #[derive(Serialize)]
    struct Customer {
        email: &'static str,
        first_name: Option<&'static str>,
    }
    let row = Customer {
        email: "ada@shop.example",
        first_name: None,
    };
    let expected = json!({"type": "profile", "attributes": {"email": "ada@shop.example"}});
    assert_eq!(item(&mut profiles(), &row), expected);
}

#[test]
fn nulls_are_left_out_but_stay_inside_a_property() {
    let row = json!({
        "email": "ada@shop.example",
        "first_name": null,
        "properties": {"a": null, "b": {"c": null}, "d": [null]},
        "location": null,
    });
    let expected = json!({"b": {"c": null}, "d": [null]});
    assert_eq!(
        item(&mut profiles(), &row)["attributes"]["properties"],
        expected
    );
    let options = RowOptions {
        nulls: Nulls::Reject,
        ..RowOptions::default()
    };
    let mut strict = profiles_with(options);
    assert_eq!(
        refused(&mut strict, &row),
        ("null", "first_name".to_owned())
    );
}

#[test]
fn one_row_leaves_nothing_behind_for_the_next() {
    let mut encoder = profiles();
    drop(item(
        &mut encoder,
        &json!({"email": "a@shop.example", "properties.x": 1}),
    ));
    let rejected = json!({"email": "b@shop.example", "properties.y": 1, "nope": 1});
    assert_eq!(refused(&mut encoder, &rejected).0, "unknown_field");
    let third = item(&mut encoder, &json!({"external_id": "3"}));
    assert_eq!(
        third,
        json!({"type": "profile", "attributes": {"external_id": "3"}})
    );
}

#[test]
fn unusable_profiles_say_which_field_and_why() {
    let deep = (0..12).fold(json!(1), |inner, _| json!([inner]));
    let table = [
        (json!({"first_name": "Ada"}), "missing_identifier", ""),
        (json!({"email": null}), "missing_identifier", ""),
        (json!({"email": "ada"}), "invalid_email", "email"),
        (json!({"email": 5}), "wrong_type", "email"),
        (
            json!({"phone_number": "0123"}),
            "invalid_phone_number",
            "phone_number",
        ),
        (json!({"external_id": ""}), "empty", "external_id"),
        (json!({"external_id": 17}), "wrong_type", "external_id"),
        (
            json!({"external_id": "1", "frist_name": "Ada"}),
            "unknown_field",
            "frist_name",
        ),
        (
            json!({"external_id": "1", "anonymous_id": "x"}),
            "unknown_field",
            "anonymous_id",
        ),
        (
            json!({"external_id": "1", "type": "profile"}),
            "unknown_field",
            "type",
        ),
        (
            json!({"external_id": "1", "location": "London"}),
            "wrong_type",
            "location",
        ),
        (
            json!({"external_id": "1", "location.town": "London"}),
            "unknown_field",
            "location.town",
        ),
        (
            json!({"external_id": "1", "location.city": "A", "location": {"city": "B"}}),
            "duplicate_field",
            "location.city",
        ),
        (
            json!({"external_id": "1", "properties.a": 1, "properties": {"a": 2}}),
            "duplicate_field",
            "properties.a",
        ),
        (
            json!({"external_id": "1", "properties.a": deep}),
            "too_deep",
            "properties.a",
        ),
        (
            json!({"external_id": "1", "properties": {"n": u64::MAX}}),
            "integer_out_of_range",
            "properties.n",
        ),
        (json!(["external_id", "1"]), "not_an_object", ""),
        (json!("external_id"), "not_an_object", ""),
        (json!(null), "not_an_object", ""),
    ];
    for (row, code, field) in table {
        assert_eq!(
            refused(&mut profiles(), &row),
            (code, field.to_owned()),
            "{row}"
        );
    }
}

#[test]
fn not_a_number_is_named() {
    let row = std::collections::BTreeMap::from([("properties.ltv", f64::NAN)]);
    assert_eq!(
        refused(&mut profiles(), &row),
        ("not_finite", "properties.ltv".to_owned())
    );
}

#[test]
fn a_source_gives_reasons_of_its_own() {
    let surrogate = Unsendable {
        code: "lone_surrogate",
        detail: "no UTF-8".to_owned(),
    };
    for (path, row) in [
        ("email", json!({"email": null})),
        ("location", json!({"location": null})),
        ("properties.note", json!({"properties": {"note": null}})),
    ] {
        let row = Replacing(&row, &surrogate);
        let rejection = profiles().encode(7, &row).unwrap_err();
        assert_eq!(
            (rejection.code, rejection.field.as_str()),
            ("lone_surrogate", path)
        );
        assert_eq!(rejection.detail, "no UTF-8");
    }
    let rejection = profiles().encode(7, &surrogate).unwrap_err();
    assert_eq!(rejection.code, "lone_surrogate");
}

/// A row with something else in place of its nulls.
struct Replacing<'a>(&'a Value, &'a Unsendable);

impl Serialize for Replacing<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => self.1.serialize(serializer),
            Value::Object(members) => {
                let of = |value| Replacing(value, self.1);
                serializer.collect_map(members.iter().map(|(name, value)| (name, of(value))))
            }
            other => other.serialize(serializer),
        }
    }
}

#[test]
fn an_unknown_name_suggests_the_nearest_or_becomes_a_property() {
    let row = json!({"external_id": "1", "firstName": "Ada"});
    let rejection = profiles().encode(0, &row).unwrap_err();
    assert!(
        rejection.detail.contains("\"first_name\""),
        "{}",
        rejection.detail
    );
    assert_eq!(rejection.source.as_deref(), Some(row.to_string().as_str()));

    let options = RowOptions {
        extra: Extra::Properties,
        ..RowOptions::default()
    };
    let mut lenient = profiles_with(options);
    let expected = json!({"firstName": "Ada"});
    assert_eq!(
        item(&mut lenient, &row)["attributes"]["properties"],
        expected
    );
}

#[test]
fn a_name_that_is_wrong_in_each_row_is_looked_up_once_and_not_for_ever() {
    let mut encoder = profiles();
    let row = json!({"external_id": "1", "firstName": "Ada"});
    let refused = encoder.encode(0, &row).unwrap_err();
    assert_eq!(encoder.encode(0, &row).unwrap_err(), refused);
    for number in 0..5000 {
        let row = json!({"external_id": "1", format!("wrong{number}"): 1});
        let rejection = encoder.encode(number, &row).unwrap_err();
        assert_eq!(rejection.field, format!("wrong{number}"));
    }
    assert_eq!(encoder.encode(0, &row).unwrap_err(), refused);
}

#[test]
fn what_stands_for_a_value_or_a_name_is_none() {
    for row in [
        json!({"$unsendable": "invalid_name", "external_id": "1"}),
        json!({"external_id": "1", "properties": {"$unsendable": 1}}),
        json!({"external_id": "1", "properties.a": [{"$unsendable": 1}]}),
    ] {
        assert_eq!(
            profiles().encode(0, &row).unwrap_err().code,
            "unmended_value",
            "{row}"
        );
    }
}

#[test]
fn a_word_of_a_name_suggests_it() {
    for (given, meant) in [
        ("phone", "phone_number"),
        ("city", "location.city"),
        ("Zip", "location.zip"),
    ] {
        let row = json!({"external_id": "1", given: "x"});
        let detail = profiles().encode(0, &row).unwrap_err().detail;
        assert!(
            detail.contains(&format!("did you mean {meant:?}")),
            "{detail}"
        );
    }
}

#[test]
fn names_are_not_mistaken_for_given_twice_however_many_there_are() {
    let mut encoder = profiles();
    for row in 0..5000 {
        let row = json!({
            "external_id": "1",
            format!("properties.a{row}"): 1,
            format!("properties.b{row}"): 1,
        });
        assert!(encoder.encode(0, &row).is_ok());
    }
}

#[test]
fn a_property_given_in_two_objects_is_given_twice() {
    let row = json!({
        "metric": "Seen",
        "profile": {"external_id": "1", "properties": {"a": 1}},
        "profile.properties": {"a": 2},
    });
    let expected = ("duplicate_field", "profile.properties.a".to_owned());
    assert_eq!(refused(&mut events(run_1()), &row), expected);
}

#[test]
fn an_event_that_appends_to_its_profile_is_unsafe_to_repeat() {
    let safe = |row: Value| events(run_1()).encode(0, &row).unwrap().repeat_is_safe;
    assert!(safe(json!({"metric": "Seen", "external_id": "1"})));
    assert!(!safe(
        json!({"metric": "Seen", "external_id": "1", "profile.patch.append.tags": "vip"})
    ));
}

#[test]
fn an_event_on_a_day_is_sent_with_a_time_and_a_zone() {
    let row = json!({"metric": "Seen", "external_id": "1", "time": "2026-10-31"});
    let event = item(&mut events(run_1()), &row);
    assert_eq!(event["attributes"]["time"], "2026-10-31T00:00:00Z");
}

#[test]
fn only_patches_that_add_up_are_unsafe_to_repeat() {
    let safe = |row: Value| profiles().encode(0, &row).unwrap().repeat_is_safe;
    assert!(safe(json!({"external_id": "1", "properties.a": 1})));
    assert!(safe(json!({"external_id": "1", "patch.unset": "a"})));
    assert!(!safe(json!({"external_id": "1", "patch.append.a": 1})));
    assert!(!safe(json!({"external_id": "1", "patch.unappend.a": 1})));
}

#[test]
fn an_event_goes_into_the_group_of_its_profile() {
    let row = json!({
        "metric": "Placed Order",
        "time": "2026-10-31T10:00:00Z",
        "value": 9.99,
        "value_currency": "USD",
        "properties.quantity": 2,
        "backfill": true,
        "email": "ada@shop.example",
        "profile.location.city": "London",
    });
    let mut encoder = events(run_1());
    let encoded = encoder.encode(7, &row).unwrap();
    assert_eq!(
        encoded.identity,
        &Identity::none(),
        "an id of run and row cannot come twice"
    );
    let whole = [encoded.group, encoded.item].concat();
    let whole = [whole, b"]}}}".to_vec()].concat();
    let expected = json!({
        "type": "event-bulk-create",
        "attributes": {
            "backfill": true,
            "profile": {"data": {"type": "profile", "attributes": {
                "email": "ada@shop.example",
                "location": {"city": "London"},
            }}},
            "events": {"data": [{"type": "event", "attributes": {
                "time": "2026-10-31T10:00:00Z",
                "value": 9.99,
                "value_currency": "USD",
                "unique_id": "run-1-7",
                "properties": {"quantity": 2},
                "metric": {"data": {"type": "metric", "attributes": {"name": "Placed Order"}}},
            }}]},
        },
    });
    assert_eq!(serde_json::from_slice::<Value>(&whole).unwrap(), expected);
}

#[test]
fn properties_are_written_even_when_there_are_none() {
    let row = json!({"metric": "Seen", "profile": {"external_id": "1"}, "unique_id": "u"});
    let event = item(&mut events(run_1()), &row);
    assert_eq!(event["attributes"]["properties"], json!({}));
    assert_eq!(event["attributes"]["unique_id"], json!("u"));
}

#[test]
fn a_content_id_depends_on_the_content_alone() {
    let id = |row: &Value, number| {
        let mut encoder = events(UniqueIds::Content);
        let encoded = encoder.encode(number, row).unwrap();
        let event: Value = serde_json::from_slice(encoded.item).unwrap();
        assert!(!encoded.identity.is_empty());
        event["attributes"]["unique_id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let row = json!({"metric": "Seen", "external_id": "1", "value": 1});
    let other = json!({"metric": "Seen", "external_id": "2", "value": 1});
    assert_eq!(id(&row, 1), id(&row, 2));
    assert_ne!(id(&row, 1), id(&other, 1));
}

#[test]
fn unusable_events_say_which_field_and_why() {
    let many: serde_json::Map<String, Value> =
        (0..301).map(|n| (n.to_string(), json!(n))).collect();
    let with = |name: &str, value: Value| {
        let mut row = json!({"metric": "Seen", "external_id": "1"});
        row[name] = value;
        row
    };
    let table = [
        (json!({"external_id": "1"}), "missing_metric", "metric"),
        (json!({"metric": "Seen"}), "missing_identifier", ""),
        (with("metric", json!("")), "empty", "metric"),
        (
            with("metric", json!("x".repeat(128))),
            "string_too_long",
            "metric",
        ),
        (
            with("time", json!("1998-01-01")),
            "time_out_of_range",
            "time",
        ),
        (with("time", json!("soon")), "invalid_time", "time"),
        (with("value", json!("12")), "wrong_type", "value"),
        (
            with("unique_id", json!("x".repeat(256))),
            "string_too_long",
            "unique_id",
        ),
        (
            with("properties", json!(many)),
            "too_many_properties",
            "properties",
        ),
        (
            with("properties.text", json!("x".repeat(100_001))),
            "string_too_long",
            "properties.text",
        ),
        (
            with("profile.properties.text", json!("x".repeat(96_000))),
            "too_large",
            "profile",
        ),
        (
            with("profile", json!({"external_id": "2"})),
            "duplicate_field",
            "profile.external_id",
        ),
    ];
    for (row, code, field) in table {
        assert_eq!(
            refused(&mut events(run_1()), &row),
            (code, field.to_owned()),
            "{code} {field}"
        );
    }
}
