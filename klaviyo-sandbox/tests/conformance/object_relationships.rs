//! What object schemas are related to, and object types by their schemas (spec).

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, Reply, ids, path_of};
use crate::objects::{next_schema, pets, source};

/// A desk with a type of pets whose schema is in use, and the draft of its next version.
async fn with_draft() -> (Desk, String, String) {
    let desk = Desk::open().await;
    let shop = source(&desk, "Shop").await;
    let pet = pets(&desk, &shop, "active").await.id().to_owned();
    let draft = desk.post("/api/object-schemas", next_schema(&pet)).await;
    let draft = draft.id().to_owned();
    (desk, pet, draft)
}

fn at(schema: &str, kind: &str) -> String {
    path_of("object-schemas", schema) + &format!("/relationships/{kind}s")
}

async fn relate(desk: &Desk, schema: &str, kind: &str, target: &str, name: &str) -> Reply {
    let meta = json!({"name": name, "description": "as the shop says"});
    let data = json!([{"type": kind, "id": target, "meta": meta}]);
    desk.post(&at(schema, kind), json!({"data": data})).await
}

/// What a schema is related to, as it is told with it.
async fn included(desk: &Desk, schema: &str) -> Vec<Value> {
    let path = path_of("object-schemas", schema);
    let path = format!("{path}?include=object-schemas,profile-object-schemas");
    let body = desk.get(&path).await.body;
    body["included"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_draft_is_related_to_schemas_and_profiles() {
    let (desk, _, draft) = with_draft().await;
    for (kind, target) in [
        ("object-schema", draft.as_str()),
        ("profile-object-schema", "PROFILE"),
    ] {
        let related = relate(&desk, &draft, kind, target, "owner").await;
        assert_eq!(related.status, 204);
        let linked = desk.get(&at(&draft, kind)).await;
        assert_eq!(ids(&linked.body["data"]), [target]);
        assert_eq!(linked.body["data"][0]["type"], kind);
    }
    let metas: Vec<Value> = included(&desk, &draft)
        .await
        .into_iter()
        .map(|it| json!([it["type"], it["meta"]["name"]]))
        .collect();
    let expected = [
        json!(["object-schema", "owner"]),
        json!(["profile-object-schema", "owner"]),
    ];
    assert_eq!(metas, expected);
}

#[tokio::test]
async fn a_relationship_is_renamed_and_deleted_by_its_id() {
    let (desk, _, draft) = with_draft().await;
    let kind = "profile-object-schema";
    relate(&desk, &draft, kind, "PROFILE", "owner").await;
    relate(&desk, &draft, kind, "PROFILE", "vet").await;
    let id = included(&desk, &draft).await[0]["meta"]["relationship_id"].clone();
    let named = |meta: Value| json!({"type": kind, "id": "PROFILE", "meta": meta});
    let path = at(&draft, kind);

    let renamed = json!({"relationship_id": id, "name": "keeper", "description": null});
    let body = json!({"data": named(renamed)});
    assert_eq!(desk.send(Method::PATCH, &path, body).await.status, 204);
    let meta = included(&desk, &draft).await[0]["meta"].clone();
    assert_eq!(
        meta,
        json!({"relationship_id": id, "name": "keeper", "description": null})
    );

    let none = named(json!({"relationship_id": "none"}));
    let body = json!({"data": [named(json!({"relationship_id": id})), none.clone()]});
    let refused = desk.send(Method::DELETE, &path, body).await;
    let pointer = "/data/1/meta/relationship_id";
    assert_eq!((refused.status, refused.pointers()), (400, vec![pointer]));
    let refused = desk.send(Method::PATCH, &path, json!({"data": none})).await;
    assert_eq!(
        (refused.status, refused.pointers()),
        (400, vec!["/data/meta/relationship_id"])
    );
    // chosen: named twice, it goes once.
    let named = named(json!({"relationship_id": id}));
    let body = json!({"data": [named, named]});
    assert_eq!(desk.send(Method::DELETE, &path, body).await.status, 204);
    let left = included(&desk, &draft).await;
    assert_eq!((left.len(), &left[0]["meta"]["name"]), (1, &json!("vet")));
}

#[tokio::test]
async fn a_type_has_the_relationships_of_its_schema_in_use_and_so_has_the_next_version() {
    // chosen: no body can bring the relationships of a new version.
    let (desk, pet, draft) = with_draft().await;
    relate(&desk, &draft, "object-schema", &draft, "parent").await;
    relate(&desk, &draft, "profile-object-schema", "PROFILE", "owner").await;
    let types = path_of("object-types", &pet);
    let path = format!("{types}/relationships/object-types");
    assert_eq!(desk.get(&path).await.body["data"], json!([]));

    let use_it =
        json!({"data": {"type": "object-schema", "id": draft, "attributes": {"status": "active"}}});
    let path_of_draft = path_of("object-schemas", &draft);
    assert_eq!(
        desk.send(Method::PATCH, &path_of_draft, use_it)
            .await
            .status,
        200
    );
    assert_eq!(ids(&desk.get(&path).await.body["data"]), [pet.as_str()]);
    let profiles = format!("{types}/relationships/profile-object-types");
    assert_eq!(ids(&desk.get(&profiles).await.body["data"]), ["PROFILE"]);
    let whole = desk.get(&format!("{types}?include=object-types")).await;
    assert_eq!(whole.body["included"][0]["meta"]["name"], "parent");

    let next = desk.post("/api/object-schemas", next_schema(&pet)).await;
    assert_eq!(included(&desk, next.id()).await.len(), 2);
}

#[tokio::test]
async fn what_a_schema_is_not_related_to() {
    let (desk, pet, draft) = with_draft().await;
    let kind = "object-schema";
    let refused = relate(&desk, &draft, kind, "none", "parent").await;
    assert_eq!(
        (refused.status, refused.pointers()),
        (400, vec!["/data/0/id"])
    );
    assert_eq!(
        relate(&desk, "none", kind, &draft, "parent").await.status,
        404
    );
    // chosen: as properties, relationships are changed in a draft only.
    let current = path_of("object-types", &pet) + "/current-schema";
    let current = desk.get(&current).await.id().to_owned();
    assert_eq!(
        relate(&desk, &current, kind, &draft, "parent").await.status,
        400
    );
    assert_eq!(included(&desk, &draft).await, Vec::<Value>::new());
}

#[tokio::test]
async fn what_leads_to_a_deleted_type_goes_with_it() {
    let (desk, _, draft) = with_draft().await;
    let other = source(&desk, "Vets").await;
    let vet = pets(&desk, &other, "active").await.id().to_owned();
    let current = path_of("object-types", &vet) + "/current-schema";
    let current = desk.get(&current).await.id().to_owned();
    relate(&desk, &draft, "object-schema", &current, "vet").await;
    let path = path_of("object-types", &vet);
    assert_eq!(desk.send(Method::DELETE, &path, "").await.status, 204);
    assert_eq!(included(&desk, &draft).await, Vec::<Value>::new());
}
