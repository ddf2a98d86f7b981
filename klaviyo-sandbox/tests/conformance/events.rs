//! Single events, and looking at them and their metrics (spec).

use klaviyo_sandbox::{Identifier, Sandbox};
use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, events_body, group, order, stopped};

fn single(profile: &Value, mut event: Value) -> Value {
    event["profile"] = json!({"data": {"type": "profile", "attributes": profile}});
    json!({"data": {"type": "event", "attributes": event}})
}

async fn with_three() -> Desk {
    let desk = Desk::open().await;
    for (profile, time) in [
        ("1", "2026-03-01T00:00:00Z"),
        ("2", "2026-01-01T00:00:00Z"),
        ("1", "2026-02-01T00:00:00Z"),
    ] {
        let body = single(&json!({"external_id": profile}), order(None, time, 5.0));
        let reply = desk.post("/api/events", body).await;
        assert_eq!((reply.status, &reply.body), (202, &Value::Null));
    }
    desk
}

fn times(body: &Value) -> Vec<&str> {
    let events = body["data"].as_array().unwrap();
    events
        .iter()
        .map(|event| &event["attributes"]["datetime"].as_str().unwrap()[..7])
        .collect()
}

#[tokio::test]
async fn a_single_event_is_taken_like_one_in_bulk() {
    let desk = with_three().await;
    let state = desk.sandbox.state();
    assert_eq!((state.profiles, state.events), (2, 3));
    let reply = desk
        .post(
            "/api/events",
            single(&json!({}), order(None, "1999-01-01T00:00:00Z", 1.0)),
        )
        .await;
    assert_eq!(
        reply.pointers(),
        [
            "/data/attributes/profile/data/attributes/",
            "/data/attributes/time"
        ],
    );
    let without_profile =
        json!({"data": {"type": "event", "attributes": order(None, "2026-01-01T00:00:00Z", 1.0)}});
    let reply = desk.post("/api/events", without_profile).await;
    assert_eq!(reply.pointers(), ["/data/attributes/profile"]);
}

#[tokio::test]
async fn an_event_without_a_time_is_of_its_receipt() {
    // docs. Flows, which `backfill` keeps quiet, there are none of.
    let builder = Sandbox::builder().clock(stopped());
    let desk = Desk::with(builder).await;
    let mut event = order(None, "", 1.0);
    event.as_object_mut().unwrap().remove("time");
    let profile = json!({"external_id": "1"});
    let body = single(&profile, event.clone());
    assert_eq!(desk.post("/api/events", body).await.status, 202);
    event["value"] = json!(2.0);
    event["unique_id"] = json!("other");
    let mut group = group(&profile, &[event]);
    group["attributes"]["backfill"] = json!(true);
    let sent = desk
        .post("/api/event-bulk-create-jobs", events_body(&[group]))
        .await;
    assert_eq!(sent.status, 202, "{}", sent.body);
    let times = desk
        .sandbox
        .events("Placed Order")
        .into_iter()
        .map(|event| event.time);
    let now = desk.sandbox.clock().now();
    assert_eq!(times.collect::<Vec<_>>(), [now, now]);
}

#[tokio::test]
async fn events_are_sorted_filtered_and_included() {
    let desk = with_three().await;
    let profile = desk
        .sandbox
        .profile(klaviyo_sandbox::Identifier::ExternalId, "1")
        .unwrap()
        .id;
    for (query, expected) in [
        (String::new(), vec!["2026-01", "2026-02", "2026-03"]),
        (
            "?sort=-datetime".to_owned(),
            vec!["2026-03", "2026-02", "2026-01"],
        ),
        (
            format!(r#"?filter=equals(profile_id,"{profile}")"#),
            vec!["2026-02", "2026-03"],
        ),
        (
            "?filter=greater-or-equal(datetime,2026-02-01T00:00:00Z)".to_owned(),
            vec!["2026-02", "2026-03"],
        ),
        (
            "?filter=less-than(timestamp,1769904000)".to_owned(),
            vec!["2026-01"],
        ),
    ] {
        assert_eq!(
            times(&desk.get(&format!("/api/events{query}")).await.body),
            expected,
            "{query}"
        );
    }
    let body = desk
        .get("/api/events?include=metric,profile&fields[profile]=external_id")
        .await
        .body;
    let included: Vec<&Value> = body["included"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["type"])
        .collect();
    assert_eq!(included, ["metric", "profile", "profile"]);
    assert_eq!(
        body["included"][1]["attributes"],
        json!({"external_id": "1"})
    );
}

#[tokio::test]
async fn an_event_is_found_by_its_id() {
    let desk = with_three().await;
    let listed = desk.get("/api/events").await.body["data"][0].clone();
    let reply = desk
        .get(&format!("/api/events/{}", listed["id"].as_str().unwrap()))
        .await;
    assert_eq!(reply.body["data"], listed);
    assert_eq!(listed["attributes"]["event_properties"]["quantity"], 2);
    assert_eq!(desk.get("/api/events/00000000000").await.status, 404);
    assert_eq!(desk.get("/api/events/short").await.status, 404);
}

#[tokio::test]
async fn metrics_come_with_their_first_event() {
    let desk = with_three().await;
    let metrics = desk
        .get(r#"/api/metrics?filter=equals(integration.name,"API")"#)
        .await
        .body;
    assert_eq!(metrics["data"].as_array().unwrap().len(), 1);
    let id = metrics["data"][0]["id"].as_str().unwrap();
    let metric = desk.get(&format!("/api/metrics/{id}")).await.body;
    assert_eq!(metric["data"]["attributes"]["name"], "Placed Order");
    assert_eq!(desk.get("/api/metrics/NoSuch").await.status, 404);
    assert_eq!(
        desk.send(Method::DELETE, &format!("/api/metrics/{id}"), "")
            .await
            .status,
        405
    );
}

#[tokio::test]
async fn an_events_metric_is_its_own() {
    // spec.
    let desk = Desk::open().await;
    for metric in ["Viewed Product", "Placed Order"] {
        let mut event = order(None, "2026-05-01T10:00:00Z", 1.0);
        event["metric"]["data"]["attributes"]["name"] = metric.into();
        desk.send_events(&json!({"external_id": metric}), &[event])
            .await;
    }
    let orders = &desk.sandbox.events("Placed Order")[0].id;
    let metric = desk.get(&format!("/api/events/{orders}/metric")).await;
    assert_eq!(metric.body["data"]["attributes"]["name"], "Placed Order");
    let linkage = desk
        .get(&format!("/api/events/{orders}/relationships/metric"))
        .await;
    assert_eq!(linkage.id(), metric.id());
    assert_eq!(desk.get("/api/events/nothing/metric").await.status, 404);
}

#[tokio::test]
async fn patch_properties_stand_beside_the_profiles_attributes() {
    // spec.
    let desk = Desk::open().await;
    let event = order(None, "2026-03-01T00:00:00Z", 5.0);
    let mut body = single(&json!({"external_id": "1"}), event);
    body["data"]["attributes"]["profile"]["data"]["meta"] =
        json!({"patch_properties": {"append": {"seen": "hat"}}});
    assert_eq!(desk.post("/api/events", body).await.status, 202);
    let profile = desk.sandbox.profile(Identifier::ExternalId, "1").unwrap();
    assert_eq!(profile.properties["seen"], json!(["hat"]));
}
