//! Operations without a model: requests are held against the document, answers made from it (spec).

use reqwest::Method;
use serde_json::json;

use crate::desk::Desk;

#[tokio::test]
async fn what_was_sent_comes_back_where_the_answer_has_it() {
    let desk = Desk::open().await;
    let body =
        json!({"data": {"type": "template", "id": "AbCdEf", "attributes": {"name": "Spring"}}});
    let reply = desk
        .send(Method::PATCH, "/api/templates/AbCdEf", body)
        .await;
    assert_eq!((reply.status, reply.id()), (200, "AbCdEf"));
    let data = &reply.body["data"];
    assert_eq!(data["attributes"]["name"], "Spring");
    let own = format!("{}/api/templates/AbCdEf", desk.sandbox.url());
    assert_eq!(data["links"]["self"], own);
    assert_eq!(desk.get("/api/templates/AbCdEf").await.id(), "AbCdEf");
}

#[tokio::test]
async fn the_same_request_has_the_same_answer() {
    let (one, other) = (Desk::open().await, Desk::open().await);
    let body = |name: &str| {
        let attributes = json!({"name": name, "editor_type": "CODE", "html": "<p>"});
        json!({"data": {"type": "template", "attributes": attributes}})
    };
    let created = one.post("/api/templates", body("Spring")).await;
    assert_eq!(created.status, 201);
    let again = other.post("/api/templates", body("Spring")).await;
    assert_eq!(created.id(), again.id());
    let different = one.post("/api/templates", body("Autumn")).await;
    assert_ne!(created.id(), different.id());
}

#[tokio::test]
async fn a_list_has_pages() {
    let desk = Desk::open().await;
    let first = desk.get("/api/flows?page[size]=2").await;
    let next = first.body["links"]["next"].as_str().expect("a next page");
    let last = desk
        .get(next.strip_prefix(desk.sandbox.url()).unwrap())
        .await;
    let ids = [&first, &last].map(|page| page.body["data"].as_array().unwrap().clone());
    let ids: std::collections::BTreeSet<String> = ids
        .iter()
        .flatten()
        .map(|flow| flow["id"].to_string())
        .collect();
    assert_eq!((ids.len(), &last.body["links"]["next"]), (3, &json!(null)));
    let above = desk.get("/api/flows?page[size]=51").await;
    assert_eq!(
        (above.status, above.errors("/source/parameter")),
        (400, vec!["page[size]"])
    );
}

#[tokio::test]
async fn fieldsets_and_included_resources_are_as_asked_for() {
    let desk = Desk::open().await;
    let reply = desk.get("/api/flows?fields[flow]=name").await;
    assert_eq!(reply.body["data"][0]["attributes"], json!({"name": "name"}));
    assert!(reply.body.get("included").is_none());
    let reply = desk.get("/api/flows/AbCdEf?include=flow-actions").await;
    let linked = &reply.body["data"]["relationships"]["flow-actions"]["data"][0];
    let included = &reply.body["included"][0];
    assert_eq!(
        (&included["type"], &included["id"]),
        (&json!("flow-action"), &linked["id"])
    );
}

#[tokio::test]
async fn what_the_document_does_not_allow_400_with_where_it_is() {
    let desk = Desk::open().await;
    let template = |attributes| json!({"data": {"type": "template", "attributes": attributes}});
    let wrong = template(json!({"name": 7, "editor_type": "CODE", "colour": "red"}));
    let reply = desk.post("/api/templates", wrong).await;
    assert_eq!(
        (reply.status, reply.codes(), reply.pointers()),
        (
            400,
            vec!["invalid"; 2],
            vec!["/data/attributes/colour", "/data/attributes/name"]
        )
    );
    for (query, parameter) in [
        ("page[size]=0", "page[size]"),
        ("sort=colour", "sort"),
        ("include=colour", "include"),
        ("fields[flow]=colour", "fields[flow]"),
        ("filter=equals(colour,\"red\")", "filter"),
        ("colour=red", "colour"),
    ] {
        let reply = desk.get(&format!("/api/flows?{query}")).await;
        assert_eq!(
            (reply.status, reply.errors("/source/parameter")),
            (400, vec![parameter])
        );
    }
    let reply = desk.get("/api/mapped-metrics/colour").await;
    assert_eq!(
        (reply.status, reply.errors("/source/parameter")),
        (400, vec!["id"])
    );
}

#[tokio::test]
async fn a_resource_is_not_changed_under_the_id_of_another() {
    // chosen: what Klaviyo takes instead is unknown.
    let desk = Desk::open().await;
    let body = json!({"data": {"type": "template", "id": "other", "attributes": {}}});
    let reply = desk.send(Method::PATCH, "/api/templates/one", body).await;
    assert_eq!((reply.status, reply.pointers()), (400, vec!["/data/id"]));
}

#[tokio::test]
async fn campaigns_need_no_filter_and_know_none_by_channel() {
    // spec: both were otherwise until 2026-07-15.
    let desk = Desk::open().await;
    assert_eq!(desk.get("/api/campaigns").await.status, 200);
    let by_channel = "/api/campaigns?filter=equals(messages.channel,\"email\")";
    let refused = desk.get(by_channel).await;
    assert_eq!(
        (refused.status, refused.errors("/source/parameter")),
        (400, vec!["filter"])
    );
}
