//! Segments: their members are given from outside, since the sandbox evaluates no definition.

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, Reply};

/// Who is on a list, as a segment's definition puts it.
fn definition(list: &str) -> Value {
    json!({"condition_groups": [{"conditions": [
        {"type": "profile-group-membership", "is_member": true, "group_ids": [list]},
    ]}]})
}

fn body(id: Option<&str>, attributes: &Value) -> Value {
    let mut body = json!({"data": {"type": "segment", "attributes": attributes}});
    if let Some(id) = id {
        body["data"]["id"] = id.into();
    }
    body
}

#[tokio::test]
async fn a_segment_is_created_changed_and_deleted() {
    // spec.
    let desk = Desk::open().await;
    let attributes = json!({"name": "VIP", "definition": definition("AbCdEf")});
    let created = desk.post("/api/segments", body(None, &attributes)).await;
    assert_eq!(created.status, 201);
    let path = format!("/api/segments/{}", created.id());
    let shown = desk.get(&path).await.body;
    assert_eq!(
        shown["data"]["attributes"]["definition"],
        definition("AbCdEf")
    );
    let change = body(
        Some(created.id()),
        &json!({"name": "Best", "is_starred": true}),
    );
    assert_eq!(desk.send(Method::PATCH, &path, change).await.status, 200);
    let starred = desk
        .get("/api/segments?filter=equals(is_starred,true)")
        .await;
    assert_eq!(starred.body["data"][0]["attributes"]["name"], "Best");
    assert_eq!(desk.send(Method::DELETE, &path, "").await.status, 204);
    assert_eq!(desk.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_segment_needs_a_name_and_a_definition() {
    // spec.
    let desk = Desk::open().await;
    for (attributes, pointer) in [
        (
            json!({"definition": definition("AbCdEf")}),
            "/data/attributes/name",
        ),
        (json!({"name": "VIP"}), "/data/attributes/definition"),
    ] {
        let reply = desk.post("/api/segments", body(None, &attributes)).await;
        assert_eq!((reply.status, reply.pointers()), (400, vec![pointer]));
    }
}

#[tokio::test]
async fn members_are_given_and_looked_at() {
    let desk = Desk::open().await;
    let ids = desk
        .customers(&["ada@shop.example", "bob@shop.example"])
        .await;
    let segment = desk.sandbox.create_segment("VIP");
    let members = ids.iter().map(String::as_str).chain(["01NOBODY"]);
    assert_eq!(desk.sandbox.set_segment_members(&segment, members), 2);

    assert_eq!(desk.sandbox.state().segments[0].profiles, 2);
    let path = format!("/api/segments/{segment}");
    let profiles = desk
        .get(&format!("{path}/profiles?page[size]=1"))
        .await
        .body;
    assert!(profiles["data"][0]["attributes"]["joined_group_at"].is_string());
    assert!(profiles["links"]["next"].is_string());
    let one = desk
        .get(&format!(
            r#"{path}/relationships/profiles?filter=equals(profile_id,"{}")"#,
            ids[1]
        ))
        .await;
    assert_eq!(one.body["data"], json!([{"type": "profile", "id": ids[1]}]));
    let counted = desk
        .get(&format!("{path}?additional-fields[segment]=profile_count"))
        .await;
    assert_eq!(counted.body["data"]["attributes"]["profile_count"], 2);

    let of_ada = desk
        .get(&format!("/api/profiles/{}/segments", ids[0]))
        .await;
    assert_eq!(of_ada.body["data"][0]["attributes"]["name"], "VIP");
    let of_ada = desk
        .get(&format!("/api/profiles/{}/relationships/segments", ids[0]))
        .await;
    assert_eq!(
        of_ada.body["data"],
        json!([{"type": "segment", "id": segment}])
    );
    let whole = desk
        .get(&format!("/api/profiles/{}?include=segments,lists", ids[0]))
        .await;
    assert_eq!(whole.body["included"][0]["id"], *segment);
    assert_eq!(
        whole.body["data"]["relationships"]["lists"]["data"],
        json!([])
    );
}

#[tokio::test]
async fn members_are_given_over_http() {
    let desk = Desk::open().await;
    let [ada] = desk
        .customers(&["ada@shop.example"])
        .await
        .try_into()
        .unwrap();
    let create = desk
        .bare(Method::POST, "/_sandbox/segments")
        .header("content-type", "application/json")
        .body(json!({"name": "VIP", "profiles": [ada]}).to_string());
    let created = Reply::to(create).await;
    assert_eq!(
        (created.status, &created.body["profiles"]),
        (201, &json!(1))
    );
    let set = |id: &str| {
        desk.bare(Method::PUT, &format!("/_sandbox/segments/{id}/profiles"))
            .header("content-type", "application/json")
            .body("[]")
    };
    let id = created.body["id"].as_str().unwrap();
    let emptied = Reply::to(set(id)).await;
    assert_eq!(
        (emptied.status, &emptied.body["profiles"]),
        (200, &json!(0))
    );
    assert_eq!(Reply::to(set("NoSegm")).await.status, 404);
}

#[tokio::test]
async fn nobody_is_no_member() {
    let desk = Desk::open().await;
    let tell = async |method: Method, path: &str, body: Value| {
        Reply::to(desk.bare(method, path).body(body.to_string())).await
    };
    for (body, pointer) in [
        (
            json!({"name": "VIP", "profiles": ["01NOBODY"]}),
            "/profiles/0",
        ),
        (json!({"name": "VIP", "profiles": "01NOBODY"}), "/profiles"),
        (json!({"name": ""}), "/name"),
        (json!({"nmae": "VIP"}), "/nmae"),
        (json!([]), ""),
    ] {
        let reply = tell(Method::POST, "/_sandbox/segments", body).await;
        assert_eq!((reply.status, reply.pointers()), (400, vec![pointer]));
    }
    assert_eq!(desk.sandbox.state().segments, []);
    let segment = desk.sandbox.create_segment("VIP");
    let path = format!("/_sandbox/segments/{segment}/profiles");
    let reply = tell(Method::PUT, &path, json!(["01NOBODY"])).await;
    assert_eq!((reply.status, reply.pointers()), (400, vec!["/0"]));
    let detail = "No profile has the id \"01NOBODY\".";
    assert_eq!(reply.errors("/detail"), [detail]);
}
