//! Merging profiles and deleting them: accepted at once, done a while later (docs).

use std::time::Duration;

use klaviyo_sandbox::{Identifier, Sandbox};
use serde_json::{Value, json};

use crate::desk::{Desk, Reply, order, stopped};

async fn merge(desk: &Desk, into: &str, sources: &[&str]) -> Reply {
    let sources: Vec<Value> = sources
        .iter()
        .map(|id| json!({"type": "profile", "id": id}))
        .collect();
    let body = json!({"data": {"type": "profile-merge", "id": into, "relationships": {"profiles": {"data": sources}}}});
    desk.post("/api/profile-merge", body).await
}

async fn delete(desk: &Desk, profile: Value) -> Reply {
    let mut profile = profile;
    profile["type"] = "profile".into();
    let body = json!({"data": {"type": "data-privacy-deletion-job", "attributes": {"profile": {"data": profile}}}});
    desk.post("/api/data-privacy-deletion-jobs", body).await
}

#[tokio::test]
async fn a_merge_fills_what_the_destination_lacks() {
    // docs: the source is deleted. That the destination's values win is chosen.
    let desk = Desk::open().await;
    let list = desk.sandbox.create_list("News");
    desk.import(&[
        json!({"email": "ada@shop.example", "title": "Countess", "location": {"city": "Turin"}}),
        json!({"external_id": "7", "title": "x", "first_name": "Ada", "location": {"city": "Rome", "zip": "10121"}}),
    ])
    .await;
    let ids: Vec<String> = desk
        .sandbox
        .profiles()
        .into_iter()
        .map(|one| one.id)
        .collect();
    let linkage = json!({"data": [{"type": "profile", "id": ids[1]}]});
    desk.post(
        &format!("/api/lists/{list}/relationships/profiles"),
        linkage,
    )
    .await;
    let bought = order(Some("o-1"), "2026-05-01T00:00:00Z", 9.0);
    desk.send_events(&json!({"external_id": "7"}), std::slice::from_ref(&bought))
        .await;

    let merged = merge(&desk, &ids[0], &[&ids[1]]).await;
    assert_eq!((merged.status, merged.id()), (201, ids[0].as_str()));
    assert_eq!(
        desk.get(&format!("/api/profiles/{}", ids[1])).await.status,
        404
    );
    let ada = desk.sandbox.profile(Identifier::ExternalId, "7").unwrap();
    assert_eq!((&ada.id, ada.email()), (&ids[0], Some("ada@shop.example")));
    assert_eq!(
        Value::Object(ada.attributes),
        json!({"title": "Countess", "first_name": "Ada", "location": {"city": "Turin", "zip": "10121"}})
    );
    let lists = desk
        .get(&format!("/api/profiles/{}/relationships/lists", ids[0]))
        .await;
    assert_eq!(lists.body["data"][0]["id"], *list);
    assert_eq!(desk.sandbox.events("Placed Order")[0].profile_id, ids[0]);
    // The order is known there now: a repeat is dropped.
    desk.send_events(&json!({"email": "ada@shop.example"}), &[bought])
        .await;
    assert_eq!(desk.sandbox.state().events, 1);
}

#[tokio::test]
async fn a_merge_takes_one_other_profile_that_is_there() {
    // docs: one source. The statuses are chosen.
    let desk = Desk::open().await;
    let ids = desk
        .customers(&["ada@shop.example", "bob@shop.example", "eve@shop.example"])
        .await;
    let sources = "/data/relationships/profiles/data";
    let reply = merge(&desk, &ids[0], &[&ids[1], &ids[2]]).await;
    assert_eq!((reply.status, reply.pointers()), (400, vec![sources]));
    let reply = merge(&desk, &ids[0], &[&ids[0]]).await;
    assert_eq!(reply.status, 400);
    assert_eq!(merge(&desk, &ids[0], &["01NOBODY"]).await.status, 404);
    assert_eq!(merge(&desk, "01NOBODY", &[&ids[0]]).await.status, 404);
    assert_eq!(desk.sandbox.state().profiles, 3);
}

#[tokio::test]
async fn a_deleted_profile_leaves_nothing_behind() {
    // docs: the profile and what it did are gone, and it can come back as a new one.
    let clock = stopped();
    let desk = Desk::with(Sandbox::builder().limits(false).clock(clock.clone())).await;
    let imported = desk.import(&[json!({"email": "ada@shop.example"})]).await;
    clock.advance(Duration::from_secs(1));
    let before = desk.sandbox.profiles()[0].id.clone();
    let list = desk.sandbox.create_list("News");
    let linkage = json!({"data": [{"type": "profile", "id": before}]});
    desk.post(
        &format!("/api/lists/{list}/relationships/profiles"),
        linkage,
    )
    .await;
    let event = order(Some("o-1"), "2026-05-01T00:00:00Z", 9.0);
    let ada = json!({"email": "ada@shop.example"});
    desk.send_events(&ada, std::slice::from_ref(&event)).await;

    let reply = delete(&desk, json!({"attributes": {"email": "ADA@shop.example"}})).await;
    assert_eq!((reply.status, &reply.body), (202, &Value::Null));
    assert_eq!(desk.sandbox.state().profiles, 1);
    clock.advance(Duration::from_secs(1));
    let state = desk.sandbox.state();
    assert_eq!((state.profiles, state.events), (0, 0));
    assert_eq!(state.list(&list).unwrap().profiles, 0);
    assert_eq!(desk.get("/api/events").await.body["data"], json!([]));
    let job = imported.id().replace('=', "%3D");
    let of_job = desk
        .get(&format!("/api/profile-bulk-import-jobs/{job}/profiles"))
        .await;
    assert_eq!(of_job.body["data"], json!([]));

    desk.send_events(&ada, &[event]).await;
    assert_ne!(desk.sandbox.profiles()[0].id, before);
    assert_eq!(desk.sandbox.state().events, 1);
}

#[tokio::test]
async fn a_deletion_names_one_identifier() {
    // docs. Whether anybody has it is not told.
    let desk = Desk::open().await;
    let two = json!({"attributes": {"email": "ada@shop.example", "phone_number": "+390110000000"}});
    let reply = delete(&desk, two).await;
    assert_eq!(
        (reply.status, reply.pointers()),
        (400, vec!["/data/attributes/profile/data"])
    );
    let none = delete(&desk, json!({"attributes": {}})).await;
    assert_eq!(
        none.pointers(),
        ["/data/attributes/profile/data/attributes/"]
    );
    let unknown = delete(
        &desk,
        json!({"attributes": {"email": "nobody@shop.example"}}),
    )
    .await;
    assert_eq!(unknown.status, 202);
}

#[tokio::test]
async fn the_profile_of_an_event_is_found() {
    // spec.
    let desk = Desk::open().await;
    let [ada] = desk
        .customers(&["ada@shop.example"])
        .await
        .try_into()
        .unwrap();
    let event = order(None, "2026-05-01T00:00:00Z", 9.0);
    desk.send_events(&json!({"email": "ada@shop.example"}), &[event])
        .await;
    let event = desk.sandbox.events("Placed Order").remove(0).id;
    assert_eq!(
        desk.get(&format!("/api/events/{event}/profile")).await.id(),
        ada
    );
    let linkage = desk
        .get(&format!("/api/events/{event}/relationships/profile"))
        .await;
    assert_eq!(linkage.body["data"], json!({"type": "profile", "id": ada}));
}

#[tokio::test]
async fn what_was_asked_for_first_is_done_first() {
    // chosen: whenever somebody looks.
    let clock = stopped();
    let desk = Desk::with(Sandbox::builder().limits(false).clock(clock.clone())).await;
    let deleted = json!({"attributes": {"email": "ada@shop.example"}});
    desk.import(&[json!({"email": "ada@shop.example", "title": "old"})])
        .await;
    clock.advance(Duration::from_millis(1500));
    delete(&desk, deleted).await;
    clock.advance(Duration::from_millis(500));
    desk.import(&[json!({"email": "ada@shop.example"})]).await;
    clock.advance(Duration::from_secs(10));
    let ada = desk
        .sandbox
        .profile(Identifier::Email, "ada@shop.example")
        .unwrap();
    assert_eq!(ada.attributes.get("title"), None);
}
