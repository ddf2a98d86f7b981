//! Rejected events keep the `unique_id` that they would have been sent with.

use super::*;

/// The row of the rejection, as its text.
fn kept(encoder: &mut Encoder, row: &impl Serialize) -> String {
    encoder.encode(7, row).unwrap_err().source.unwrap()
}

fn kept_value(unique_ids: UniqueIds, row: &Value) -> Value {
    serde_json::from_str(&kept(&mut events(unique_ids), row)).unwrap()
}

#[test]
fn a_rejected_event_keeps_the_id_of_its_row() {
    #[derive(Serialize)]
    struct Event {
        metric: &'static str,
        email: &'static str,
        #[serde(rename = "properties.sum")]
        sum: f64,
        value: &'static str,
    }
    let event = Event {
        metric: "Seen",
        email: "ada@shop.example",
        sum: 0.1 + 0.2,
        value: "x",
    };
    let expected = r#"{"metric":"Seen","email":"ada@shop.example","properties.sum":0.30000000000000004,"value":"x","unique_id":"run-1-7"}"#;
    assert_eq!(kept(&mut events(run_1()), &event), expected);
    assert_eq!(
        kept(&mut events(run_1()), &json!({})),
        r#"{"unique_id":"run-1-7"}"#
    );
}

#[test]
fn an_id_of_its_own_stays_and_null_is_none() {
    let event =
        |id: Value| json!({"metric": "Seen", "external_id": "1", "value": "x", "unique_id": id});
    assert_eq!(kept_value(run_1(), &event(json!("u"))), event(json!("u")));
    let expected = event(json!("run-1-7"));
    assert_eq!(kept_value(run_1(), &event(Value::Null)), expected);
    // Once mended, the content is another.
    let row = json!({"metric": "Seen"});
    assert_eq!(kept_value(UniqueIds::Content, &row), row);
}

#[test]
fn an_event_as_it_is_sent_keeps_its_id_where_such_have_it() {
    let sent = |mut attributes: Value| {
        attributes["metric"] = json!({"data": {"type": "metric", "attributes": {"name": "Seen"}}});
        attributes["value"] = json!("x");
        json!({"type": "event-bulk-create", "attributes": {
            "profile": {"data": {"type": "profile", "attributes": {"external_id": "1"}}},
            "events": {"data": [{"type": "event", "attributes": attributes}]},
        }})
    };
    let expected = sent(json!({"unique_id": "run-1-7"}));
    assert_eq!(kept_value(run_1(), &sent(json!({}))), expected);
    let own = sent(json!({"unique_id": "u"}));
    assert_eq!(kept_value(run_1(), &own), own);
}
