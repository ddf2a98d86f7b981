//! Push tokens (spec).

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::Desk;

/// What says that a profile has a device.
pub(crate) fn report(token: &str, platform: &str, profile: &Value) -> Value {
    json!({"data": {"type": "push-token", "attributes": {
        "token": token, "platform": platform, "vendor": "fcm",
        "device_metadata": {"os_name": "android"},
        "profile": {"data": {"type": "profile", "attributes": profile}},
    }}})
}

#[tokio::test]
async fn a_device_is_reported_looked_at_and_forgotten() {
    let desk = Desk::open().await;
    let ada = json!({"email": "ada@shop.example"});
    let reply = desk
        .post("/api/push-tokens", report("t1", "android", &ada))
        .await;
    assert_eq!((reply.status, &reply.body), (202, &Value::Null));
    let owner = desk.sandbox.profiles()[0].id.clone();

    let tokens = desk
        .get(&format!(
            r#"/api/push-tokens?filter=equals(profile.id,"{owner}")&include=profile"#
        ))
        .await
        .body;
    assert_eq!(
        tokens["data"][0]["attributes"]["enablement_status"],
        "AUTHORIZED"
    );
    assert_eq!(tokens["included"][0]["id"], *owner);
    let id = tokens["data"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/push-tokens/{id}");
    assert_eq!(
        desk.get(&path).await.body["data"]["attributes"]["token"],
        "t1"
    );
    for (path, expected) in [
        (
            format!("{path}/relationships/profile"),
            json!({"type": "profile", "id": owner}),
        ),
        (
            format!("/api/profiles/{owner}/relationships/push-tokens"),
            json!([{"type": "push-token", "id": id}]),
        ),
    ] {
        assert_eq!(desk.get(&path).await.body["data"], expected);
    }
    assert_eq!(desk.get(&format!("{path}/profile")).await.id(), owner);
    let of_owner = desk
        .get(&format!("/api/profiles/{owner}/push-tokens"))
        .await;
    assert_eq!(of_owner.body["data"][0]["id"], *id);

    assert_eq!(desk.send(Method::DELETE, &path, "").await.status, 204);
    assert_eq!(desk.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_device_that_changes_hands_has_one_owner() {
    let desk = Desk::open().await;
    for email in ["ada@shop.example", "bob@shop.example"] {
        let owner = json!({"email": email});
        desk.post("/api/push-tokens", report("t1", "android", &owner))
            .await;
    }
    let tokens = desk.get("/api/push-tokens?include=profile").await.body;
    assert_eq!(tokens["data"].as_array().unwrap().len(), 1);
    assert_eq!(
        tokens["included"][0]["attributes"]["email"],
        "bob@shop.example"
    );
}

#[tokio::test]
async fn what_a_device_cannot_be_is_named() {
    let desk = Desk::open().await;
    let ada = json!({"email": "ada@shop.example"});
    let mut no_token = report("t1", "ios", &ada);
    no_token["data"]["attributes"]["token"] = Value::Null;
    for (body, pointer) in [
        (report("t1", "symbian", &ada), "/data/attributes/platform"),
        (no_token, "/data/attributes/token"),
        (
            report("t1", "ios", &json!({})),
            "/data/attributes/profile/data/attributes/",
        ),
    ] {
        let reply = desk.post("/api/push-tokens", body).await;
        assert_eq!((reply.status, reply.pointers()), (400, vec![pointer]));
    }
}

#[tokio::test]
async fn members_of_a_list_are_found_by_their_tokens() {
    let desk = Desk::open().await;
    let list = desk.sandbox.create_list("App");
    let ids = desk
        .customers(&["ada@shop.example", "bob@shop.example"])
        .await;
    let linkage: Vec<Value> = ids
        .iter()
        .map(|id| json!({"type": "profile", "id": id}))
        .collect();
    let path = format!("/api/lists/{list}/relationships/profiles");
    desk.post(&path, json!({"data": linkage})).await;
    let bob = json!({"email": "bob@shop.example"});
    for token in ["t1", "t2"] {
        desk.post("/api/push-tokens", report(token, "android", &bob))
            .await;
    }
    let found = desk
        .get(&format!(r#"{path}?filter=equals(push_token,"t2")"#))
        .await;
    assert_eq!(
        found.body["data"],
        json!([{"type": "profile", "id": ids[1]}])
    );
}
