//! What a body must be before anybody looks at what it says.

use klaviyo_gen::operations::{
    BULK_CREATE_EVENTS, BULK_IMPORT_PROFILES, CREATE_OR_UPDATE_PROFILE, CREATE_PROFILE,
};
use reqwest::Method;
use serde_json::json;

use crate::desk::{Desk, JSON_API, Reply, group, import_body, order};

#[tokio::test]
async fn json_by_its_plain_name_is_taken() {
    // live: Klaviyo's own Node SDK sends it.
    let desk = Desk::open().await;
    let body = json!({"data": {"type": "profile", "attributes": {"external_id": "1"}}});
    let request = desk.request(Method::POST, "/api/profiles");
    let request = request.header("content-type", "application/json");
    assert_eq!(Reply::to(request.body(body.to_string())).await.status, 201);
}

#[tokio::test]
async fn a_wrong_content_type_415() {
    let desk = Desk::open().await;
    let body = import_body(&[json!({"external_id": "1"})]).to_string();
    let post = || {
        desk.request(Method::POST, "/api/profile-bulk-import-jobs")
            .body(body.clone())
    };
    assert_eq!(Reply::to(post()).await.status, 415);
    assert_eq!(
        Reply::to(post().header("content-type", "text/plain"))
            .await
            .status,
        415
    );
    let with_charset = post().header("content-type", format!("{JSON_API}; charset=utf-8"));
    assert_eq!(Reply::to(with_charset).await.status, 202);
}

#[tokio::test]
async fn a_body_over_the_cap_413() {
    // docs: 5 MB, measured decompressed; the figure of each operation is in the table.
    let desk = Desk::open().await;
    for operation in [
        &BULK_IMPORT_PROFILES,
        &BULK_CREATE_EVENTS,
        &CREATE_PROFILE,
        &CREATE_OR_UPDATE_PROFILE,
    ] {
        let most = operation.caps.unwrap().max_request_bytes as usize;
        let reply = desk.post(operation.path, " ".repeat(most + 1)).await;
        assert_eq!(reply.status, 413, "{}", operation.id);
        // At the cap it is looked at, and is no JSON.
        assert_eq!(
            desk.post(operation.path, " ".repeat(most)).await.status,
            400,
            "{}",
            operation.id
        );
    }
}

#[tokio::test]
async fn too_many_items_400() {
    // docs: 10,000 profiles; 1,000 events, counted inside their groups.
    let desk = Desk::open().await;
    let most = BULK_IMPORT_PROFILES.caps.unwrap().max_items.unwrap() as usize;
    let rows: Vec<_> = (0..=most)
        .map(|number| json!({"external_id": number.to_string()}))
        .collect();
    let reply = desk.import(&rows).await;
    assert_eq!(
        (reply.status, reply.pointers()),
        (400, vec!["/data/attributes/profiles/data"])
    );
    assert_eq!(desk.import(&rows[1..]).await.status, 202);

    let most = BULK_CREATE_EVENTS.caps.unwrap().max_items.unwrap() as usize;
    let events: Vec<_> = (0..most)
        .map(|number| order(Some(&number.to_string()), "2026-01-01T00:00:00Z", 1.0))
        .collect();
    let full = group(&json!({"external_id": "1"}), &events);
    let one_more = group(&json!({"external_id": "2"}), &events[..1]);
    let path = BULK_CREATE_EVENTS.path;
    let reply = desk
        .post(path, crate::desk::events_body(&[full.clone(), one_more]))
        .await;
    assert_eq!(
        (reply.status, reply.pointers()),
        (400, vec!["/data/attributes/events-bulk-create/data"])
    );
    assert_eq!(
        desk.post(path, crate::desk::events_body(&[full]))
            .await
            .status,
        202
    );
}

#[tokio::test]
async fn an_item_over_its_cap_400_with_its_pointer() {
    // docs: 100 KB for a profile. chosen: that it refuses the request; third parties saw it dropped.
    let desk = Desk::open().await;
    let most = BULK_IMPORT_PROFILES.caps.unwrap().max_item_bytes.unwrap() as usize;
    let large = json!({"external_id": "2", "properties": {"text": "x".repeat(most)}});
    let reply = desk.import(&[json!({"external_id": "1"}), large]).await;
    assert_eq!(
        (reply.status, reply.pointers()),
        (400, vec!["/data/attributes/profiles/data/1"])
    );
    assert_eq!(desk.sandbox.state().profiles, 0);
}

#[tokio::test]
async fn what_is_not_json_or_not_the_right_shape_400() {
    let desk = Desk::open().await;
    let path = BULK_IMPORT_PROFILES.path;
    for body in [
        "",
        "{",
        "[]",
        r#"{"data": {"type": "profile-bulk-import-job"}}"#,
    ] {
        let reply = desk.post(path, body).await;
        assert_eq!(
            (reply.status, reply.codes(), reply.pointers()),
            (400, vec!["invalid"], vec!["/data"]),
            "{body}"
        );
    }
    let reply = desk
        .post(
            path,
            json!({"data": {"type": "x", "attributes": {"profiles": {"data": []}}}}),
        )
        .await;
    assert_eq!((reply.status, reply.pointers()), (400, vec!["/data/type"]));
}

#[tokio::test]
async fn an_error_has_every_member() {
    let desk = Desk::open().await;
    let reply = desk.get("/api/profiles/nobody").await;
    assert_eq!(reply.status, 404);
    let error = &reply.body["errors"][0];
    assert_eq!(
        (&error["status"], &error["code"]),
        (&json!(404), &json!("not_found"))
    );
    assert_eq!(error["source"], json!({"pointer": "/data/"}));
    for text in ["id", "title", "detail"] {
        assert!(
            error[text].as_str().is_some_and(|text| !text.is_empty()),
            "{text}"
        );
    }
    assert_eq!((&error["links"], &error["meta"]), (&json!({}), &json!({})));
}

#[tokio::test]
async fn an_unknown_path_404() {
    let desk = Desk::open().await;
    assert_eq!(desk.get("/api/nothing").await.status, 404);
}
