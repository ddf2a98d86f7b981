//! Tags, their groups, and what bears them (spec).

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, Reply};

pub(crate) async fn create_group(desk: &Desk, name: &str, exclusive: bool) -> String {
    let attributes = json!({"name": name, "exclusive": exclusive});
    let body = json!({"data": {"type": "tag-group", "attributes": attributes}});
    desk.post("/api/tag-groups", body).await.id().to_owned()
}

pub(crate) async fn create_tag(desk: &Desk, name: &str, group: Option<&str>) -> Reply {
    let mut body = json!({"data": {"type": "tag", "attributes": {"name": name}}});
    if let Some(id) = group {
        let linkage = json!({"data": {"type": "tag-group", "id": id}});
        body["data"]["relationships"] = json!({"tag-group": linkage});
    }
    desk.post("/api/tags", body).await
}

pub(crate) async fn join(desk: &Desk, method: Method, tag: &str, kind: &str, id: &str) -> Reply {
    let path = format!("/api/tags/{tag}/relationships/{kind}s");
    let body = json!({"data": [{"type": kind, "id": id}]});
    desk.send(method, &path, body).await
}

fn ids(reply: &Reply) -> Vec<Value> {
    let data = reply.body["data"].as_array().unwrap();
    data.iter().map(|one| one["id"].clone()).collect()
}

#[tokio::test]
async fn a_tag_without_a_group_goes_to_the_default_one() {
    let desk = Desk::open().await;
    let groups = desk
        .get("/api/tag-groups?filter=equals(default,true)")
        .await;
    let default = &groups.body["data"][0];
    let tag = create_tag(&desk, "VIP", None).await;
    let path = format!("/api/tags/{}", tag.id());
    let group = desk.get(&format!("{path}/tag-group")).await;
    assert_eq!(group.body["data"], *default);
    let one = desk.get(&format!("{path}?include=tag-group")).await;
    assert_eq!(one.body["included"], json!([default]));
    let id = default["id"].as_str().unwrap();
    let reply = desk
        .send(Method::DELETE, &format!("/api/tag-groups/{id}"), "")
        .await;
    assert_eq!(reply.status, 400);
    let reply = create_tag(&desk, "VIP", Some("none")).await;
    assert_eq!(
        (reply.status, reply.pointers()),
        (400, vec!["/data/relationships/tag-group/data/id"])
    );
}

#[tokio::test]
async fn a_group_is_deleted_with_its_tags() {
    let desk = Desk::open().await;
    let group = create_group(&desk, "Season", false).await;
    let tag = create_tag(&desk, "Spring", Some(&group)).await;
    let tags = desk.get(&format!("/api/tag-groups/{group}/tags")).await;
    assert_eq!(ids(&tags), [tag.id()]);
    let path = format!("/api/tag-groups/{group}");
    assert_eq!(desk.send(Method::DELETE, &path, "").await.status, 204);
    let path = format!("/api/tags/{}", tag.id());
    assert_eq!(desk.get(&path).await.status, 404);
}

#[tokio::test]
async fn tags_are_renamed_sorted_and_filtered() {
    let desk = Desk::open().await;
    for name in ["b", "a", "c"] {
        create_tag(&desk, name, None).await;
    }
    let names = |reply: &Reply| {
        let data = reply.body["data"].as_array().unwrap();
        let names = data.iter().map(|tag| tag["attributes"]["name"].clone());
        names.collect::<Vec<Value>>()
    };
    let sorted = desk.get("/api/tags?sort=-name").await;
    assert_eq!(names(&sorted), ["c", "b", "a"]);
    let id = sorted.id_at(0);
    let body = json!({"data": {"type": "tag", "id": id, "attributes": {"name": "z"}}});
    let path = format!("/api/tags/{id}");
    assert_eq!(desk.send(Method::PATCH, &path, body).await.status, 204);
    let found = desk.get("/api/tags?filter=starts-with(name,\"z\")").await;
    assert_eq!(ids(&found), [id]);
}

#[tokio::test]
async fn what_bears_a_tag_is_seen_from_both_sides() {
    let desk = Desk::open().await;
    let list = desk.sandbox.create_list("L");
    let tag = create_tag(&desk, "VIP", None).await.id().to_owned();
    for (kind, id) in [
        ("list", list.as_str()),
        ("campaign", "01ABC"),
        ("flow", "XyZ123"),
    ] {
        let reply = join(&desk, Method::POST, &tag, kind, id).await;
        assert_eq!(reply.status, 204, "{kind}");
        let path = format!("/api/tags/{tag}/relationships/{kind}s");
        assert_eq!(ids(&desk.get(&path).await), [id]);
        let path = format!("/api/{kind}s/{id}/tags");
        assert_eq!(ids(&desk.get(&path).await), [tag.as_str()]);
        let path = format!("/api/{kind}s/{id}/relationships/tags");
        assert_eq!(ids(&desk.get(&path).await), [tag.as_str()]);
    }
    let reply = join(&desk, Method::DELETE, &tag, "list", &list).await;
    assert_eq!(reply.status, 204);
    let path = format!("/api/lists/{list}/tags");
    assert!(ids(&desk.get(&path).await).is_empty());
    // chosen: as for the members of a list.
    let reply = join(&desk, Method::POST, &tag, "segment", "none").await;
    assert_eq!((reply.status, reply.pointers()), (400, vec!["/data/0/id"]));
}

#[tokio::test]
async fn of_an_exclusive_group_nothing_bears_two() {
    // docs; chosen: how the second is refused.
    let desk = Desk::open().await;
    let list = desk.sandbox.create_list("L");
    let group = create_group(&desk, "Season", true).await;
    let spring = create_tag(&desk, "Spring", Some(&group)).await;
    let autumn = create_tag(&desk, "Autumn", Some(&group)).await;
    for (tag, status) in [(&spring, 204), (&spring, 204), (&autumn, 400)] {
        let reply = join(&desk, Method::POST, tag.id(), "list", &list).await;
        assert_eq!(reply.status, status);
    }
}
