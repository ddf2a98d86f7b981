//! Lists and who is on them (spec).

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, Reply};

async fn create(desk: &Desk, attributes: Value) -> Reply {
    desk.post(
        "/api/lists",
        json!({"data": {"type": "list", "attributes": attributes}}),
    )
    .await
}

#[tokio::test]
async fn a_list_is_created_renamed_and_deleted() {
    let desk = Desk::open().await;
    let created = create(&desk, json!({"name": "News"})).await;
    assert_eq!(
        (created.status, &created.body["data"]["attributes"]["name"]),
        (201, &json!("News"))
    );
    let path = format!("/api/lists/{}", created.id());
    let renamed =
        json!({"data": {"type": "list", "id": created.id(), "attributes": {"name": "Newsletter"}}});
    assert_eq!(desk.send(Method::PATCH, &path, renamed).await.status, 200);
    assert_eq!(
        desk.get(&path).await.body["data"]["attributes"]["name"],
        "Newsletter"
    );
    assert_eq!(desk.send(Method::DELETE, &path, "").await.status, 204);
    assert_eq!(desk.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_list_needs_a_name_and_a_known_process() {
    let desk = Desk::open().await;
    for (attributes, pointer) in [
        (json!({}), "/data/attributes/name"),
        (
            json!({"name": "x", "opt_in_process": "none"}),
            "/data/attributes/opt_in_process",
        ),
    ] {
        let reply = create(&desk, attributes).await;
        assert_eq!((reply.status, reply.pointers()), (400, vec![pointer]));
    }
}

#[tokio::test]
async fn lists_come_ten_at_a_time() {
    let desk = Desk::open().await;
    for number in 0..12 {
        desk.sandbox.create_list(&format!("List {number:02}"));
    }
    let names = |body: &Value| -> Vec<String> {
        let lists = body["data"].as_array().unwrap();
        lists
            .iter()
            .map(|list| list["attributes"]["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = desk.get("/api/lists?sort=-name").await.body;
    assert_eq!(
        (names(&first).len(), names(&first)[0].as_str()),
        (10, "List 11")
    );
    let next = first["links"]["next"]
        .as_str()
        .unwrap()
        .strip_prefix(desk.sandbox.url())
        .unwrap()
        .to_owned();
    assert_eq!(names(&desk.get(&next).await.body), ["List 01", "List 00"]);
    let some = desk
        .get(r#"/api/lists?filter=any(name,["List 03","List 05"])"#)
        .await
        .body;
    assert_eq!(names(&some), ["List 03", "List 05"]);
}

#[tokio::test]
async fn profiles_are_put_on_a_list_and_taken_off() {
    let desk = Desk::open().await;
    desk.import(&[json!({"external_id": "1"}), json!({"external_id": "2"})])
        .await;
    let ids: Vec<String> = desk
        .sandbox
        .profiles()
        .into_iter()
        .map(|profile| profile.id)
        .collect();
    let list = desk.sandbox.create_list("News");
    let path = format!("/api/lists/{list}/relationships/profiles");
    let linkage = |ids: &[String]| -> Value {
        json!({"data": ids.iter().map(|id| json!({"type": "profile", "id": id})).collect::<Vec<_>>()})
    };
    assert_eq!(desk.post(&path, linkage(&ids)).await.status, 204);
    assert_eq!(desk.get(&path).await.body["data"], linkage(&ids)["data"]);
    let members = desk.get(&format!("/api/lists/{list}/profiles")).await.body;
    assert!(members["data"][0]["attributes"]["joined_group_at"].is_string());
    let counted = desk
        .get(&format!(
            "/api/lists/{list}?additional-fields[list]=profile_count"
        ))
        .await
        .body;
    assert_eq!(counted["data"]["attributes"]["profile_count"], 2);

    assert_eq!(
        desk.send(Method::DELETE, &path, linkage(&ids[..1]))
            .await
            .status,
        204
    );
    let reply = desk.get(&format!("/api/profiles/{}/lists", ids[1])).await;
    assert_eq!(reply.body["data"][0]["attributes"]["name"], "News");
    let reply = desk
        .get(&format!("/api/profiles/{}/relationships/lists", ids[0]))
        .await;
    assert_eq!(reply.body["data"], json!([]));

    let nobody = desk.post(&path, linkage(&["01NOBODY".to_owned()])).await;
    assert_eq!(
        (nobody.status, nobody.pointers()),
        (400, vec!["/data/0/id"])
    );
}
