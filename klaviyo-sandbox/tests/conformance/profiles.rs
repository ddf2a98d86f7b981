//! Single profiles: create, look at, create or update, update (spec, docs).

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, Reply};

fn body(attributes: &Value) -> Value {
    json!({"data": {"type": "profile", "attributes": attributes}})
}

async fn create(desk: &Desk, attributes: Value) -> Reply {
    desk.post("/api/profiles", body(&attributes)).await
}

async fn update(desk: &Desk, id: &str, attributes: Value) -> Reply {
    let mut body = body(&attributes);
    body["data"]["id"] = id.into();
    desk.send(Method::PATCH, &format!("/api/profiles/{id}"), body)
        .await
}

#[tokio::test]
async fn a_duplicate_is_refused_and_named() {
    // docs: 409 with the id of the other profile.
    let desk = Desk::open().await;
    let created = create(
        &desk,
        json!({"email": "ada@shop.example", "first_name": "Ada"}),
    )
    .await;
    assert_eq!(
        (
            created.status,
            &created.body["data"]["attributes"]["first_name"]
        ),
        (201, &json!("Ada"))
    );
    let reply = create(
        &desk,
        json!({"external_id": "1", "email": "ADA@shop.example"}),
    )
    .await;
    assert_eq!(
        (reply.status, reply.codes(), reply.pointers()),
        (409, vec!["duplicate_profile"], vec!["/data/attributes"])
    );
    assert_eq!(
        reply.body["errors"][0]["meta"]["duplicate_profile_id"],
        created.id()
    );
}

#[tokio::test]
async fn create_or_update_answers_201_then_200_and_null_clears() {
    // docs.
    let desk = Desk::open().await;
    let upsert = |attributes: Value| {
        let desk = &desk;
        async move { desk.post("/api/profile-import", body(&attributes)).await }
    };
    let first =
        upsert(json!({"external_id": "1", "title": "Countess", "location": {"city": "Turin"}}))
            .await;
    assert_eq!(first.status, 201);
    let second = upsert(json!({"external_id": "1", "first_name": "Ada"})).await;
    assert_eq!((second.status, second.id()), (200, first.id()));
    assert_eq!(second.body["data"]["attributes"]["title"], "Countess");
    let third = upsert(json!({"external_id": "1", "title": null})).await;
    assert_eq!(third.body["data"]["attributes"]["title"], Value::Null);
    assert_eq!(
        third.body["data"]["attributes"]["location"]["city"],
        "Turin"
    );
}

#[tokio::test]
async fn update_changes_what_it_names_and_clears_what_is_null() {
    let desk = Desk::open().await;
    let created = create(
        &desk,
        json!({"email": "ada@shop.example", "phone_number": "+390110000000", "title": "x"}),
    )
    .await;
    let reply = update(
        &desk,
        created.id(),
        json!({"phone_number": null, "first_name": "Ada"}),
    )
    .await;
    assert_eq!(reply.status, 200);
    let attributes = &reply.body["data"]["attributes"];
    assert_eq!(
        (
            &attributes["email"],
            &attributes["phone_number"],
            &attributes["first_name"],
            &attributes["title"]
        ),
        (
            &json!("ada@shop.example"),
            &Value::Null,
            &json!("Ada"),
            &json!("x")
        ),
    );
    // The number is free again.
    assert_eq!(
        create(&desk, json!({"phone_number": "+390110000000"}))
            .await
            .status,
        201
    );
}

#[tokio::test]
async fn update_does_not_take_anothers_identifier() {
    let desk = Desk::open().await;
    let ada = create(&desk, json!({"email": "ada@shop.example"})).await;
    let bob = create(&desk, json!({"email": "bob@shop.example"})).await;
    let reply = update(&desk, bob.id(), json!({"email": "ada@shop.example"})).await;
    assert_eq!(
        (
            reply.status,
            &reply.body["errors"][0]["meta"]["duplicate_profile_id"]
        ),
        (409, &json!(ada.id()))
    );
    assert_eq!(update(&desk, "01NOBODY", json!({})).await.status, 404);
}

#[tokio::test]
async fn what_is_malformed_is_named() {
    let desk = Desk::open().await;
    for (attributes, pointer) in [
        (json!({"email": "nonsense"}), "/data/attributes/email"),
        (json!({"title": "nobody"}), "/data/attributes/"),
        (
            json!({"external_id": "1", "colour": "red"}),
            "/data/attributes/colour",
        ),
        (
            json!({"external_id": "1", "location": {"zip": 10121}}),
            "/data/attributes/location/zip",
        ),
    ] {
        let reply = create(&desk, attributes).await;
        assert_eq!((reply.status, reply.pointers()), (400, vec![pointer]));
    }
}

#[tokio::test]
async fn profiles_are_found_by_filter_and_shown_in_part() {
    let desk = Desk::open().await;
    for (number, name) in ["Ada", "Bob", "Eve"].into_iter().enumerate() {
        let attributes = json!({
            "email": format!("{}@shop.example", name.to_lowercase()), "external_id": number.to_string(), "first_name": name,
        });
        assert_eq!(create(&desk, attributes).await.status, 201);
    }
    for (query, expected) in [
        (r#"filter=equals(email,"bob@shop.example")"#, vec!["Bob"]),
        (
            r#"filter=any(external_id,["0","2","9"])"#,
            vec!["Ada", "Eve"],
        ),
        (
            r#"filter=any(email,["bob@shop.example","BOB@shop.example"])"#,
            vec!["Bob"],
        ),
        ("sort=-email", vec!["Eve", "Bob", "Ada"]),
        (r#"filter=equals(email,"nobody@shop.example")"#, vec![]),
    ] {
        let reply = desk
            .get(&format!("/api/profiles?{query}&fields[profile]=first_name"))
            .await;
        let expected: Vec<Value> = expected
            .into_iter()
            .map(|name| json!({"first_name": name}))
            .collect();
        let attributes: Vec<&Value> = reply.body["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["attributes"])
            .collect();
        assert_eq!(attributes, expected.iter().collect::<Vec<_>>(), "{query}");
    }
    let reply = desk
        .get(r#"/api/profiles?filter=contains(email,"bob")"#)
        .await;
    assert_eq!(
        (reply.status, reply.errors("/source/parameter")),
        (400, vec!["filter"])
    );
}

#[tokio::test]
async fn a_profile_is_found_by_its_id() {
    let desk = Desk::open().await;
    let created = create(&desk, json!({"external_id": "1"})).await;
    let path = format!("/api/profiles/{}", created.id());
    let reply = desk.get(&path).await;
    assert_eq!(reply.body["data"], created.body["data"]);
    assert_eq!(
        reply.body["data"]["links"]["self"],
        format!("{}{path}", desk.sandbox.url())
    );
    assert_eq!(
        desk.get(&format!("{path}?include=nonsense"))
            .await
            .errors("/source/parameter"),
        ["include"]
    );
}

#[tokio::test]
async fn a_filter_that_is_nested_without_end_is_refused() {
    // chosen: the docs name no bound.
    let desk = Desk::open().await;
    let filter = "and(".repeat(16_000);
    let path = format!("/api/profiles?filter={filter}");
    let reply = Reply::to(desk.request(Method::GET, &path)).await;
    assert_eq!(
        (reply.status, reply.errors("/source/parameter")),
        (400, vec!["filter"])
    );
}
