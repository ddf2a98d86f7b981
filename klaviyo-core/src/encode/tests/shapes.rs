//! Rows that follow the shape of earlier ones: each becomes, byte for byte, what it becomes alone.

use proptest::prelude::*;

use super::*;

/// What a row alone becomes, which goes the long way.
fn alone(row: &Value, options: RowOptions) -> Result<Made, Rejection> {
    Made::of(&mut profiles_with(options), row)
}

/// All that is made of a row.
#[derive(Debug, PartialEq, Eq)]
struct Made {
    item: String,
    identity: Identity,
    repeat_is_safe: bool,
}

impl Made {
    fn of(encoder: &mut Encoder, row: &Value) -> Result<Self, Rejection> {
        let encoded = encoder.encode(0, row)?;
        assert!(encoded.group.is_empty());
        Ok(Made {
            item: String::from_utf8(encoded.item.to_vec()).unwrap(),
            identity: encoded.identity.clone(),
            repeat_is_safe: encoded.repeat_is_safe,
        })
    }
}

/// Mostly the same value; now and then a null, or one that does not belong there.
fn value(usual: Value) -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        12 => Just(Some(usual)),
        2 => Just(None),
        2 => Just(Some(Value::Null)),
        1 => prop_oneof![
            Just(json!("")),
            Just(json!("\"quoted\"\n")),
            Just(json!(7)),
            Just(json!([1, {"deep": null}])),
            Just(json!({"city": "London", "ltv": 3})),
            Just(json!({})),
        ].prop_map(Some),
    ]
}

/// A row, its names in the order of `serde_json`'s maps.
fn row() -> impl Strategy<Value = Value> {
    let usual = [
        ("email", json!("Ada@shop.example")),
        ("external_id", json!("a-1")),
        ("first_name", json!("Ada")),
        ("id", json!("01H")),
        ("location", json!({"city": "København", "zip": null, "country": "DK"})),
        ("location.region", json!("Zealand")),
        ("locations", json!("unknown")),
        ("patch", json!({"append": {"tags": "vip"}, "unset": ["old"]})),
        ("patch.append.x", json!(1)),
        ("phone_number", json!("+12025550123")),
        ("properties", json!({"a": 1, "b": null, "c": {"d": [1.5, true]}})),
        ("properties.x", json!("y")),
        ("type", json!("profile")),
    ];
    let chance = [0.9, 0.6, 0.9, 0.2, 0.8, 0.2, 0.02, 0.05, 0.1, 0.5, 0.8, 0.3, 0.02];
    let members = usual.into_iter().zip(chance).map(|((name, usual), chance)| {
        let member = prop::option::weighted(chance, value(usual));
        member.prop_map(move |value| Some((name.to_owned(), value.flatten()?)))
    });
    let members: Vec<_> = members.collect();
    members.prop_map(|members| Value::Object(members.into_iter().flatten().collect()))
}

fn nulls() -> impl Strategy<Value = Nulls> {
    prop_oneof![Just(Nulls::Omit), Just(Nulls::Clear), Just(Nulls::Reject)]
}

proptest! {
    #[test]
    fn a_row_becomes_the_same_after_any_others(
        kinds in prop::collection::vec(row(), 1..4),
        order in prop::collection::vec(any::<prop::sample::Index>(), 1..24),
        nulls in nulls(),
        extra in prop_oneof![Just(Extra::Reject), Just(Extra::Properties)],
    ) {
        let options = RowOptions { nulls, extra, ..RowOptions::default() };
        let mut encoder = profiles_with(options);
        for index in order {
            let row = index.get(&kinds);
            prop_assert_eq!(Made::of(&mut encoder, row), alone(row, options));
        }
    }
}

#[test]
fn rows_of_one_shape_follow_it() {
    let mut encoder = profiles();
    for city in ["Paris", "London", "Rome"] {
        let row = json!({
            "email": format!("{city}@shop.example"),
            "location": {"city": city, "zip": null},
            "properties": {"a": 1, city: 2},
        });
        let expected = alone(&row, RowOptions::default());
        assert_eq!(Made::of(&mut encoder, &row), expected);
        assert!(encoder.writer.follower.has_shape(), "{city}");
    }
}

#[test]
fn sources_without_a_shape_are_left_alone() {
    let mut encoder = profiles();
    let rows = [json!({"email": "a@shop.example"}), json!({"id": "01H"})];
    for row in rows.iter().cycle().take(20) {
        assert_eq!(Made::of(&mut encoder, row), alone(row, RowOptions::default()));
    }
    assert!(!encoder.writer.follower.has_shape());
}
