//! `bulk_create_events`: what refuses a request, and what becomes of its events.

use klaviyo_gen::FIELD_LIMITS;
use klaviyo_sandbox::{Identifier, OnKnownEvent, OnRepeatedEvent, Sandbox};
use serde_json::{Value, json};

use crate::desk::{Desk, events_body, group, order};

const PATH: &str = "/api/event-bulk-create-jobs";
const TIME: &str = "2026-05-01T10:00:00Z";

fn ada() -> Value {
    json!({"external_id": "1", "email": "ada@shop.example", "first_name": "Ada"})
}

fn place(group: usize, event: usize, field: &str) -> String {
    format!(
        "/data/attributes/events-bulk-create/data/{group}/attributes/events/data/{event}/attributes/{field}"
    )
}

#[tokio::test]
async fn events_are_taken_with_an_empty_answer() {
    // docs: 202 and no body; there is no job.
    let desk = Desk::open().await;
    let reply = desk
        .send_events(
            &ada(),
            &[order(Some("a"), TIME, 10.5), order(Some("b"), TIME, 4.5)],
        )
        .await;
    assert_eq!((reply.status, &reply.body), (202, &Value::Null));
    let state = desk.sandbox.state();
    let metric = state.metric("Placed Order").unwrap();
    assert_eq!((state.profiles, state.events), (1, 2));
    assert_eq!(
        (metric.count, metric.value, metric.properties["quantity"]),
        (2, 15.0, 4.0)
    );
    let profile = desk.sandbox.profile(Identifier::ExternalId, "1").unwrap();
    assert_eq!(profile.attributes["first_name"], "Ada");
    assert_eq!(profile.last_event, Some(crate::desk::moment(TIME)));
    let events = desk.sandbox.events("Placed Order");
    assert_eq!(
        (events[1].unique_id.as_str(), events[1].value),
        ("b", Some(4.5))
    );
    assert_eq!(events[0].profile_id, profile.id);
}

#[tokio::test]
async fn malformed_events_refuse_the_whole_request() {
    let desk = Desk::open().await;
    let mut without_metric = order(None, TIME, 1.0);
    without_metric.as_object_mut().unwrap().remove("metric");
    let good = group(&ada(), &[order(Some("a"), TIME, 1.0)]);
    let bad = group(
        &json!({"external_id": "2"}),
        &[
            order(Some("b"), TIME, 1.0),
            order(None, "yesterday", 1.0),
            without_metric,
        ],
    );
    let reply = desk.post(PATH, events_body(&[good, bad])).await;
    assert_eq!(reply.status, 400);
    assert_eq!(
        reply.pointers(),
        [place(1, 1, "time"), place(1, 2, "metric")]
    );
    assert_eq!(desk.sandbox.state().events, 0);
}

#[tokio::test]
async fn a_time_before_2000_or_too_far_ahead_400() {
    // docs: not before 2000, not past now + 1 year.
    let desk = Desk::with(
        Sandbox::builder()
            .clock(crate::desk::stopped())
            .limits(false),
    )
    .await;
    for time in ["1999-12-31T23:59:59Z", "2027-11-22T12:00:01Z"] {
        let reply = desk.send_events(&ada(), &[order(None, time, 1.0)]).await;
        assert_eq!(
            (reply.status, reply.pointers()),
            (400, vec![place(0, 0, "time").as_str()]),
            "{time}"
        );
    }
    for time in ["2000-01-01T00:00:00Z", "2027-11-22T12:00:00Z"] {
        assert_eq!(
            desk.send_events(&ada(), &[order(None, time, 1.0)])
                .await
                .status,
            202,
            "{time}"
        );
    }
}

#[tokio::test]
async fn a_profile_without_an_identifier_400() {
    let desk = Desk::open().await;
    let reply = desk
        .send_events(&json!({"title": "nobody"}), &[order(None, TIME, 1.0)])
        .await;
    assert_eq!(
        reply.pointers(),
        ["/data/attributes/events-bulk-create/data/0/attributes/profile/data/attributes/"],
    );
}

#[tokio::test]
async fn without_unique_ids_two_events_in_one_second_are_one() {
    // docs: the default is the event's time to the second.
    let desk = Desk::open().await;
    let events = [
        order(None, TIME, 1.0),
        order(None, "2026-05-01T10:00:00.9Z", 2.0),
        order(None, "2026-05-01T10:00:01Z", 3.0),
    ];
    assert_eq!(desk.send_events(&ada(), &events).await.status, 202);
    let state = desk.sandbox.state();
    assert_eq!((state.events, state.dropped_events.repeats), (2, 1));
}

#[tokio::test]
async fn a_repeat_in_one_request_refuses_it() {
    // spec: 400; docs: dropped. chosen: the specification.
    let desk = Desk::open().await;
    let group = || group(&ada(), &[order(Some("a"), TIME, 1.0)]);
    let reply = desk.post(PATH, events_body(&[group(), group()])).await;
    assert_eq!(
        (reply.status, reply.pointers()),
        (400, vec![place(1, 0, "unique_id").as_str()])
    );
    assert_eq!(desk.sandbox.state().events, 0);

    let desk = Desk::with(Sandbox::builder().repeated_event(OnRepeatedEvent::Drop)).await;
    assert_eq!(
        desk.post(PATH, events_body(&[group(), group()]))
            .await
            .status,
        202
    );
    assert_eq!(
        (
            desk.sandbox.state().events,
            desk.sandbox.state().dropped_events.repeats
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn a_repeat_in_a_later_request_is_taken_once() {
    // docs: taken once. chosen: that the later request does not fail.
    let desk = Desk::open().await;
    for _ in 0..2 {
        assert_eq!(
            desk.send_events(&ada(), &[order(Some("a"), TIME, 1.0)])
                .await
                .status,
            202
        );
    }
    assert_eq!(
        (
            desk.sandbox.state().events,
            desk.sandbox.state().dropped_events.repeats
        ),
        (1, 1)
    );

    let desk = Desk::with(Sandbox::builder().known_event(OnKnownEvent::Refuse)).await;
    assert_eq!(
        desk.send_events(&ada(), &[order(Some("a"), TIME, 1.0)])
            .await
            .status,
        202
    );
    let reply = desk
        .send_events(
            &ada(),
            &[order(Some("b"), TIME, 1.0), order(Some("a"), TIME, 1.0)],
        )
        .await;
    assert_eq!(
        (reply.status, reply.pointers()),
        (400, vec![place(0, 1, "unique_id").as_str()])
    );
}

#[tokio::test]
async fn events_at_test_domains_are_dropped_silently() {
    // docs.
    let desk = Desk::open().await;
    let someone = json!({"email": "someone@example.com"});
    let reply = desk.send_events(&someone, &[order(None, TIME, 1.0)]).await;
    assert_eq!(reply.status, 202);
    let state = desk.sandbox.state();
    assert_eq!(
        (
            state.profiles,
            state.events,
            state.dropped_events.test_domains
        ),
        (0, 0, 1)
    );
}

#[tokio::test]
async fn an_anonymous_visitor_can_have_events() {
    // spec: an event's profile takes anonymous_id, a bulk import's does not.
    let desk = Desk::open().await;
    assert_eq!(
        desk.send_events(&json!({"anonymous_id": "v1"}), &[order(None, TIME, 1.0)])
            .await
            .status,
        202
    );
    assert!(
        desk.sandbox
            .profile(Identifier::AnonymousId, "v1")
            .is_some()
    );
}

#[tokio::test]
async fn a_repeat_is_one_in_any_case_of_the_address() {
    let desk = Desk::open().await;
    let groups = ["a@shop.example", "A@shop.example"]
        .map(|email| group(&json!({"email": email}), &[order(Some("u"), TIME, 1.0)]));
    let reply = desk
        .post("/api/event-bulk-create-jobs", events_body(&groups))
        .await;
    assert_eq!((reply.status, reply.pointers().len()), (400, 1));
}

#[tokio::test]
async fn the_fields_of_an_event_have_limits() {
    // docs: the figures are the table's.
    let desk = Desk::open().await;
    let with = |field: &str, value: Value| {
        let mut event = order(None, TIME, 1.0);
        event[field] = value;
        event
    };
    let metric = |length: usize| {
        let attributes = json!({"name": "m".repeat(length)});
        with(
            "metric",
            json!({"data": {"type": "metric", "attributes": attributes}}),
        )
    };
    let properties = |count: usize| {
        let names = (0..count).map(|number| (number.to_string(), Value::from(number)));
        with("properties", Value::Object(names.collect()))
    };
    let unique_id = |length: usize| with("unique_id", "u".repeat(length).into());
    let elements = |count: usize| with("properties", json!({"p": vec![0; count]}));
    for (make, most) in [
        (
            &metric as &dyn Fn(usize) -> Value,
            FIELD_LIMITS.metric_name_chars,
        ),
        (&properties, FIELD_LIMITS.event_properties),
        (&unique_id, FIELD_LIMITS.unique_id_chars),
        (&elements, FIELD_LIMITS.array_items),
    ] {
        for (length, status) in [(most, 202), (most + 1, 400)] {
            let reply = desk.send_events(&ada(), &[make(length)]).await;
            assert_eq!(reply.status, status, "{}", reply.body);
        }
    }
    let largest = |bytes: usize| json!({"email": "ada@shop.example", "title": "x".repeat(bytes)});
    let most = FIELD_LIMITS.event_profile_bytes;
    for (profile, status) in [(largest(most / 2), 202), (largest(most), 400)] {
        let event = order(Some("one"), TIME, 1.0);
        assert_eq!(desk.send_events(&profile, &[event]).await.status, status);
    }
}

#[tokio::test]
async fn patch_properties_stand_beside_the_profiles_attributes() {
    // spec.
    let desk = Desk::open().await;
    let mut group = group(&ada(), &[order(Some("a"), TIME, 1.0)]);
    group["attributes"]["profile"]["data"]["meta"] =
        json!({"patch_properties": {"append": {"seen": "hat"}}});
    assert_eq!(desk.post(PATH, events_body(&[group])).await.status, 202);
    let profile = desk.sandbox.profile(Identifier::ExternalId, "1").unwrap();
    assert_eq!(profile.properties["seen"], json!(["hat"]));
}
