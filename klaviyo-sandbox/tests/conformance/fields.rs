//! The limits of single fields (docs; the figures are the table's). Those of an event's own fields
//! are in `bulk_events`.

use klaviyo_gen::FIELD_LIMITS;
use klaviyo_gen::operations::BULK_CREATE_EVENTS;
use serde_json::{Value, json};

use crate::desk::{Desk, order};

const TIME: &str = "2026-05-01T12:00:00Z";

#[tokio::test]
async fn an_address_has_so_many_characters() {
    let desk = Desk::open().await;
    let domain = "@shop.example";
    let address = |length: usize| format!("{}{domain}", "a".repeat(length - domain.len()));
    let most = FIELD_LIMITS.email_chars;
    assert_eq!(
        desk.import(&[json!({"email": address(most)})]).await.status,
        202
    );
    let reply = desk.import(&[json!({"email": address(most + 1)})]).await;
    let pointer = "/data/attributes/profiles/data/0/attributes/email";
    assert_eq!((reply.status, reply.pointers()), (400, vec![pointer]));
}

#[tokio::test]
async fn a_phone_number_is_e_164() {
    let desk = Desk::open().await;
    for (number, status) in [
        ("+390110000001", 202),
        ("390110000001", 400),
        ("+39 011 0000001", 400),
        ("+39", 400),
    ] {
        let reply = desk.import(&[json!({"phone_number": number})]).await;
        assert_eq!(reply.status, status, "{number}");
    }
}

/// The status of an event with these properties, and where the errors are.
async fn send(desk: &Desk, properties: Value) -> (u16, Vec<String>) {
    let mut event = order(None, TIME, 1.0);
    event["properties"] = properties;
    let reply = desk
        .send_events(&json!({"external_id": "1"}), &[event])
        .await;
    let pointers = match reply.status {
        400 => reply.pointers().into_iter().map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    (reply.status, pointers)
}

fn at(property: &str) -> (u16, Vec<String>) {
    let event = "/data/attributes/events-bulk-create/data/0/attributes/events/data/0";
    (
        400,
        vec![format!("{event}/attributes/properties/{property}")],
    )
}

const TAKEN: (u16, Vec<String>) = (202, Vec::new());

#[tokio::test]
async fn a_text_has_so_many_bytes() {
    let desk = Desk::open().await;
    let most = BULK_CREATE_EVENTS.caps.unwrap().max_string_bytes.unwrap() as usize;
    let text = |bytes: usize| json!({"note": "x".repeat(bytes)});
    assert_eq!(send(&desk, text(most)).await, TAKEN);
    assert_eq!(send(&desk, text(most + 1)).await, at("note"));
    // Two bytes each.
    let wide = json!({"note": "é".repeat(most / 2 + 1)});
    assert_eq!(send(&desk, wide).await, at("note"));
}

#[tokio::test]
async fn an_integer_has_64_bits() {
    let desk = Desk::open().await;
    assert_eq!(send(&desk, json!({"count": i64::MAX})).await, TAKEN);
    assert_eq!(send(&desk, json!({"count": i64::MIN})).await, TAKEN);
    assert_eq!(send(&desk, json!({"count": u64::MAX})).await, at("count"));
}

#[tokio::test]
async fn a_property_is_nested_only_so_deep() {
    let desk = Desk::open().await;
    let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    let mut taken = Vec::new();
    for levels in 1..=FIELD_LIMITS.nesting + 1 {
        let (status, _) = send(&desk, json!({"deep": nested(levels)})).await;
        taken.push(status == 202);
    }
    // Once too deep, deeper is too.
    assert!(taken.is_sorted_by(|less, more| less >= more), "{taken:?}");
    assert!(taken[0] && !taken[FIELD_LIMITS.nesting]);
}
