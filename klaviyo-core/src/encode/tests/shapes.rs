//! Rows that follow the shape of earlier ones: each becomes, byte for byte, what it becomes alone.

use klaviyo_gen::FIELD_LIMITS;
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
        encoder.encode(0, row).map(Made::new)
    }

    fn new(encoded: Encoded<'_>) -> Self {
        assert!(encoded.group.is_empty());
        Made {
            item: String::from_utf8(encoded.item.to_vec()).unwrap(),
            identity: encoded.identity.clone(),
            repeat_is_safe: encoded.repeat_is_safe,
        }
    }
}

/// Mostly the same value; now and then a null, or one that does not belong there.
fn value(usual: Value) -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        6 => Just(Some(without_nulls(&usual))),
        6 => Just(Some(usual)),
        2 => Just(None),
        2 => Just(Some(Value::Null)),
        1 => prop_oneof![
            Just(json!("")),
            Just(json!("\"quoted\"\n")),
            Just(json!(7)),
            Just(json!([1, {"deep": null}])),
            Just(json!({"city": "London", "ltv": 3})),
            Just(json!({})),
            Just(json!({"city": null, "zip": null, "country": null})),
            Just(json!({"$unsendable": "why"})),
            Just(json!({"a": {"$unsendable": "why"}})),
        ].prop_map(Some),
    ]
}

/// The value without the members that are null.
fn without_nulls(value: &Value) -> Value {
    let mut value = value.clone();
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, member| !member.is_null());
    }
    value
}

/// A row, its names in the order of `serde_json`'s maps.
fn row() -> impl Strategy<Value = Value> {
    let usual = [
        ("email", json!("Ada@shop.example")),
        ("external_id", json!("a-1")),
        ("first_name", json!("Ada")),
        ("id", json!("01H")),
        (
            "location",
            json!({"city": "København", "zip": null, "country": "DK"}),
        ),
        ("location.region", json!("Zealand")),
        ("locations", json!("unknown")),
        (
            "patch",
            json!({"append": {"tags": "vip"}, "unset": ["old"]}),
        ),
        ("patch.append.x", json!(1)),
        ("phone_number", json!("+12025550123")),
        (
            "properties",
            json!({"a": 1, "b": null, "c": {"d": [1.5, true]}}),
        ),
        ("properties.x", json!("y")),
        ("type", json!("profile")),
    ];
    let chance = [
        0.9, 0.6, 0.9, 0.2, 0.8, 0.2, 0.02, 0.05, 0.1, 0.5, 0.8, 0.3, 0.02,
    ];
    let members = usual
        .into_iter()
        .zip(chance)
        .map(|((name, usual), chance)| {
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
        assert_eq!(
            Made::of(&mut encoder, row),
            alone(row, RowOptions::default())
        );
    }
    assert!(!encoder.writer.follower.has_shape());
}

/// How a JSON value is spelled.
#[derive(Debug, Clone, Copy)]
struct Spelling {
    spaces: bool,
    escapes: bool,
    /// How far the members of an object are turned round.
    turn: usize,
}

fn spelling() -> impl Strategy<Value = Spelling> {
    let fields = (
        any::<bool>(),
        prop::bool::weighted(0.1),
        prop_oneof![2 => Just(0), 1 => 0..9_usize],
    );
    fields.prop_map(|(spaces, escapes, turn)| Spelling {
        spaces,
        escapes,
        turn,
    })
}

impl Spelling {
    fn of(self, value: &Value) -> String {
        let space = if self.spaces { " " } else { "" };
        match value {
            Value::String(value) => self.text(value),
            Value::Array(values) => {
                let values: Vec<_> = values.iter().map(|value| self.of(value)).collect();
                format!("[{space}{}]", values.join(","))
            }
            Value::Object(members) => {
                let members = members.iter().map(|(name, value)| {
                    let (name, value) = (self.text(name), self.of(value));
                    format!("{name}{space}:{space}{value}")
                });
                let mut members: Vec<_> = members.collect();
                let turn = self.turn.checked_rem(members.len());
                members.rotate_left(turn.unwrap_or_default());
                format!("{{{}{space}}}", members.join(&format!("{space},")))
            }
            other => other.to_string(),
        }
    }

    fn text(self, text: &str) -> String {
        let plain = Value::from(text).to_string();
        if self.escapes {
            plain.replace('a', "\\u0061")
        } else {
            plain
        }
    }
}

/// What a row as text becomes: as a row of a file does.
fn of_text(encoder: &mut Encoder, text: &str) -> Result<Made, Rejection> {
    if let Some(encoded) = encoder.encode_json(text) {
        return Ok(Made::new(encoded));
    }
    let row = Json::of_checked(text);
    Ok(Made::new(encoder.encode(0, &row)?))
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        "-?(0|[1-9][0-9]{0,17})",
        "-?[1-9][0-9]{17,19}",
        "-?(0|[1-9][0-9]{0,2})\\.[0-9]{14,17}",
        "-?(0|[1-9][0-9]{0,8})\\.[0-9]{1,9}",
        "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?[eE][+-]?[0-9]{1,2}",
    ]
}

proptest! {
    #[test]
    fn a_text_becomes_the_same_after_any_others(
        rows in prop::collection::vec(row(), 1..8),
        spelling in spelling(),
        nulls in nulls(),
    ) {
        let options = RowOptions { nulls, ..RowOptions::default() };
        let mut encoder = profiles_with(options);
        for row in rows {
            let text = spelling.of(&row);
            let alone = profiles_with(options).encode(0, &Json::of_checked(&text)).map(Made::new);
            prop_assert_eq!(of_text(&mut encoder, &text), alone);
        }
    }

    #[test]
    fn a_number_is_spelled_the_same_in_any_shape(numbers in prop::collection::vec(number(), 1..8)) {
        let mut encoder = profiles();
        let text = |number: &str| {
            format!(r#"{{"email":"ada@shop.example","location":{{"latitude":{number}}},"properties":{{"n":[{number}]}}}}"#)
        };
        of_text(&mut encoder, &text("1")).unwrap();
        prop_assert!(copies(&encoder, &text("2.5")));
        for number in numbers {
            let text = text(&number);
            let alone = profiles().encode(0, &Json::of_checked(&text)).map(Made::new);
            prop_assert_eq!(of_text(&mut encoder, &text), alone);
        }
    }

    #[test]
    fn a_text_that_is_no_json_follows_nothing(
        cut in any::<prop::sample::Index>(), with in "[\"{}\\[\\]:,0a\\\\\n ]?",
    ) {
        let fine = r#"{"email":"ada@shop.example","location":{"city":"Rome"},"properties":{"n":[1.5,{"a":null}],"b":true}}"#;
        let mut encoder = profiles();
        of_text(&mut encoder, fine).unwrap();
        prop_assert!(copies(&encoder, fine));
        let cut = cut.index(fine.len());
        let broken = [&fine[..cut], &with, &fine[cut + 1..]].concat();
        if let Some(encoded) = encoder.encode_json(&broken) {
            let made = Made::new(encoded);
            let row = Json::read(&broken).expect("what follows is JSON");
            prop_assert_eq!(Ok(made), profiles().encode(0, &row).map(Made::new));
        }
    }
}

/// Whether the item of a row that is this text would be a copy of it, but for what stands around.
fn copies(encoder: &Encoder, text: &str) -> bool {
    let writer = &encoder.writer;
    writer.follower.copies(text, &writer.limits)
}

#[test]
fn names_that_come_twice_are_the_same_to_both_ways() {
    for identifier in [r#""id":"1""#, r#""email":"ada@shop.example""#] {
        let fine =
            format!(r#"{{{identifier},"location":{{"city":"Rome"}},"properties":{{"a":1}}}}"#);
        for twice in [
            r#"<>,<>,"location":{"city":"Rome"},"properties":{"a":1}"#,
            r#"<>,"location":{"city":"Rome","city":"Oslo"},"properties":{"a":1}"#,
            r#"<>,"location":{"city":"Rome"},"location":{"city":"Oslo"},"properties":{"a":1}"#,
            r#"<>,"location":{"city":"Rome"},"properties":{"a":1,"a":2}"#,
            r#"<>,"location":{"city":"Rome"},"properties":{"a":{"b":1,"b":2}}"#,
            r#"<>,"location":{"city":"Rome"},"properties":{"a":1},"properties":{"b":2}"#,
            r#"<>,"location":{"city":"Rome"},"properties":{"a":1},"properties.a":2"#,
        ] {
            let twice = format!("{{{}}}", twice.replace("<>", identifier));
            let mut encoder = profiles();
            of_text(&mut encoder, &fine).unwrap();
            let alone = profiles()
                .encode(0, &Json::of_checked(&twice))
                .map(Made::new);
            assert_eq!(of_text(&mut encoder, &twice), alone, "{twice}");
        }
    }
}

#[test]
fn a_value_is_nested_as_deep_after_any_other() {
    let text =
        |value: &str| format!(r#"{{"email":"ada@shop.example","properties":{{"a":{value}}}}}"#);
    let most = FIELD_LIMITS.nesting;
    for depth in most - 1..=most + 1 {
        for (opening, closing) in [("[", "]"), (r#"{"b":"#, "}")] {
            let value = format!("{}1{}", opening.repeat(depth), closing.repeat(depth));
            let mut encoder = profiles();
            of_text(&mut encoder, &text("1")).unwrap();
            let alone = of_text(&mut profiles(), &text(&value));
            assert_eq!(copies(&encoder, &text(&value)), depth <= most, "{depth}");
            assert_eq!(alone.is_ok(), depth <= most, "{depth}");
            assert_eq!(of_text(&mut encoder, &text(&value)), alone, "{depth}");
        }
    }
}

#[test]
fn texts_that_are_not_their_items_are_not_copied_for_long() {
    let mut encoder = profiles();
    let copied = r#"{"email":"ada@shop.example","properties":{"a":1}}"#;
    let not_copied = r#"{"email":"ada@shop.example","properties":{"a":null}}"#;
    of_text(&mut encoder, copied).unwrap();
    for text in [copied, not_copied]
        .iter()
        .cycle()
        .take(20)
        .chain([&not_copied; 20])
    {
        let alone = of_text(&mut profiles(), text);
        assert_eq!(of_text(&mut encoder, text), alone);
    }
    // A while later, it is tried again.
    assert!(copies(&encoder, copied));
}

/// A text of the shape that the tests below begin with, of which the item is a copy.
const VERBATIM: &str = r#"{"email":"ada@shop.example","title":"Dr","location":{"city":"Rome","zip":"1"},"properties":{"n":[1.5,{"a":null}],"b":true}}"#;

#[test]
fn a_text_that_is_to_be_sent_as_it_stands_is_copied() {
    let mut encoder = profiles();
    of_text(&mut encoder, VERBATIM).unwrap();
    for text in [
        VERBATIM,
        r#"{"email":"ada@shop.example"}"#,
        r#"{"email":"ada@shop.example","properties":{"other":{}}}"#,
        r#"{"email":"ada@shop.example","title":"Dr","location":{"zip":"1"}}"#,
    ] {
        let alone = of_text(&mut profiles(), text).unwrap();
        let members = &text[1..text.len() - 1];
        assert_eq!(
            alone.item,
            format!(r#"{{"type":"profile","attributes":{{{members}}}}}"#)
        );
        assert!(copies(&encoder, text), "{text}");
        assert_eq!(of_text(&mut encoder, text), Ok(alone), "{text}");
    }
}

#[test]
fn a_text_that_is_nearly_so_is_not_copied() {
    let mut encoder = profiles();
    of_text(&mut encoder, VERBATIM).unwrap();
    for text in [
        "{}",
        "",
        r#"{"email":"ada@shop.example","location":{}}"#,
        r#"{"email":"ada@shop.example","properties":{}}"#,
        r#"{"email":"ada@shop.example","properties":{"a":null}}"#,
        r#"{"email":"ada@shop.example","location":null}"#,
        r#"{"email":"ada@shop.example","location":{"zip":"1"},"title":"Dr"}"#,
        r#"{"email":"ada@shop.example","location":{"zip":"1","properties":{"n":1}}}"#,
        r#"{"email":"ada@shop.example","location":{"zip":"1","properties":{"n":1}}"#,
        r#"{"email":"ada@shop.example","location":{"zip":"1"}}}"#,
        r#"{,"email":"ada@shop.example"}"#,
        r#"{"email":"ada@shop.example",}"#,
        r#"{"email":"ada@shop.example","location":{,"zip":"1"}}"#,
        r#"{"email":"ada@shop.example","properties":{,"n":1}}"#,
        r#"{"email":"ada@shop.example","properties":{"n":1,}}"#,
        r#"{"email":"ada@shop.example" ,"title":"Dr"}"#,
        r#"{"email":"ada shop.example"}"#,
        r#"{"email":7}"#,
    ] {
        assert!(!copies(&encoder, text), "{text}");
    }
}
