//! The sink: rows counted and hashed, not parsed.

use klaviyo_sandbox::Sandbox;
use serde_json::json;

use crate::desk::{Desk, events_body, group, import_body, order};

async fn with_a_sink() -> Desk {
    Desk::with(Sandbox::builder().limits(false).sink(true)).await
}

#[tokio::test]
async fn rows_are_counted_and_their_job_is_complete() {
    let desk = with_a_sink().await;
    let rows: Vec<_> = (0..30)
        .map(|number| json!({"external_id": number}))
        .collect();
    let reply = desk.import(&rows).await;
    assert_eq!(reply.status, 202);
    let attributes = &reply.body["data"]["attributes"];
    assert_eq!(
        (
            &attributes["status"],
            &attributes["total_count"],
            &attributes["completed_count"]
        ),
        (&json!("complete"), &json!(30), &json!(30)),
    );
    let job = format!("/api/profile-bulk-import-jobs/{}", reply.id());
    assert_eq!(
        desk.get(&job).await.body["data"]["attributes"]["status"],
        "complete"
    );
    let errors = desk.get(&format!("{job}/import-errors")).await;
    assert_eq!(errors.body["data"], json!([]));

    let events = group(
        &json!({"external_id": "1"}),
        &[order(None, "-", 1.0), order(None, "-", 2.0)],
    );
    desk.post("/api/event-bulk-create-jobs", events_body(&[events]))
        .await;
    let state = desk.sandbox.state();
    assert_eq!(
        (state.profiles, state.events, state.jobs.completed_rows),
        (0, 0, 30)
    );
    assert_eq!(state.requests_to("bulk_create_events").rows, 2);
}

#[tokio::test]
async fn hashes_tell_bodies_apart_but_not_their_order() {
    let hash_of = async |numbers: &[u8]| {
        let desk = with_a_sink().await;
        for number in numbers {
            desk.import(&[json!({"external_id": number})]).await;
        }
        desk.sandbox
            .state()
            .requests_to("bulk_import_profiles")
            .hash
    };
    let hash = hash_of(&[1, 2]).await;
    assert_eq!(hash_of(&[2, 1]).await, hash);
    assert_ne!(hash_of(&[1, 3]).await, hash);
}

#[tokio::test]
async fn other_operations_and_the_cap_are_as_ever() {
    let desk = with_a_sink().await;
    let profile = json!({"data": {"type": "profile", "attributes": {"external_id": "1"}}});
    assert_eq!(desk.post("/api/profiles", profile).await.status, 201);
    assert_eq!(desk.sandbox.state().profiles, 1);
    let rows = vec![json!({"external_id": "x".repeat(90_000)}); 60];
    let reply = desk
        .post("/api/profile-bulk-import-jobs", import_body(&rows))
        .await;
    assert_eq!(reply.status, 413);
}
