//! The catalog's items, variants and categories, and which belong together (spec).

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, Reply, ids, path_of};

pub(crate) fn item(external_id: &str) -> Value {
    json!({"type": "catalog-item", "attributes": {
        "external_id": external_id,
        "title": format!("Item {external_id}"),
        "description": "A thing to buy",
        "url": format!("https://shop.example/{external_id}"),
    }})
}

pub(crate) fn variant(external_id: &str, item: &str) -> Value {
    json!({
        "type": "catalog-variant",
        "attributes": {
            "external_id": external_id,
            "title": external_id,
            "description": "A size of it",
            "url": "https://shop.example/",
            "sku": format!("SKU-{external_id}"),
            "inventory_quantity": 5,
            "price": 9.5,
        },
        "relationships": {"item": {"data": {"type": "catalog-item", "id": item}}},
    })
}

pub(crate) fn category(external_id: &str) -> Value {
    json!({"type": "catalog-category", "attributes": {"external_id": external_id, "name": external_id}})
}

pub(crate) async fn create(desk: &Desk, resource: Value) -> Reply {
    let collection = match resource["type"].as_str().unwrap() {
        "catalog-category" => "catalog-categories".to_owned(),
        other => format!("{other}s"),
    };
    desk.post(&format!("/api/{collection}"), json!({"data": resource}))
        .await
}

fn id_of(external_id: &str) -> String {
    format!("$custom:::$default:::{external_id}")
}

fn linkage(kind: &str, external_ids: &[&str]) -> Value {
    let data: Vec<Value> = external_ids
        .iter()
        .map(|external_id| json!({"type": kind, "id": id_of(external_id)}))
        .collect();
    json!({"data": data})
}

#[tokio::test]
async fn an_items_id_is_made_of_its_external_id() {
    // docs: integration, catalog and external id, joined by colons.
    let desk = Desk::open().await;
    let created = create(&desk, item("shirt-1")).await;
    assert_eq!(
        (created.status, created.id()),
        (201, "$custom:::$default:::shirt-1")
    );
    let attributes = &created.body["data"]["attributes"];
    assert_eq!(attributes["external_id"], "shirt-1");
    // spec: the defaults.
    assert_eq!(
        (&attributes["published"], &attributes["price"]),
        (&json!(true), &Value::Null)
    );
    let got = desk.get(&path_of("catalog-items", created.id())).await;
    assert_eq!(got.body["data"], created.body["data"]);
}

#[tokio::test]
async fn what_is_there_already_409() {
    // chosen: the code; the status is that of profiles.
    let desk = Desk::open().await;
    create(&desk, item("1")).await;
    let again = create(&desk, item("1")).await;
    assert_eq!(
        (again.status, again.codes(), again.pointers()),
        (409, vec!["duplicate"], vec!["/data/attributes/external_id"])
    );
    // An item and a category may have the same id.
    assert_eq!(create(&desk, category("1")).await.status, 201);
}

#[tokio::test]
async fn what_is_not_there_404() {
    let desk = Desk::open().await;
    for (kind, collection) in [
        ("catalog-item", "catalog-items"),
        ("catalog-variant", "catalog-variants"),
        ("catalog-category", "catalog-categories"),
    ] {
        let path = path_of(collection, &id_of("none"));
        assert_eq!(desk.get(&path).await.status, 404);
        let change = json!({"data": {"type": kind, "id": id_of("none"), "attributes": {}}});
        assert_eq!(desk.send(Method::PATCH, &path, change).await.status, 404);
        assert_eq!(desk.send(Method::DELETE, &path, "").await.status, 404);
    }
}

#[tokio::test]
async fn an_update_changes_what_it_names() {
    let desk = Desk::open().await;
    create(&desk, item("1")).await;
    let path = path_of("catalog-items", &id_of("1"));
    let change = |id: &str| {
        let attributes = json!({"title": "New", "description": null, "published": false});
        json!({"data": {"type": "catalog-item", "id": id, "attributes": attributes}})
    };
    let updated = desk.send(Method::PATCH, &path, change(&id_of("1"))).await;
    let attributes = &updated.body["data"]["attributes"];
    assert_eq!(
        (updated.status, &attributes["title"], &attributes["url"]),
        (200, &json!("New"), &json!("https://shop.example/1"))
    );
    // chosen: null clears, as it does for a single profile.
    assert_eq!(
        (&attributes["description"], &attributes["published"]),
        (&Value::Null, &json!(false))
    );
    let other = desk.send(Method::PATCH, &path, change(&id_of("2"))).await;
    assert_eq!((other.status, other.pointers()), (400, vec!["/data/id"]));
}

#[tokio::test]
async fn what_is_malformed_is_named() {
    let desk = Desk::open().await;
    create(&desk, item("1")).await;
    let mut price = item("2");
    price["attributes"]["price"] = "cheap".into();
    let mut policy = variant("2", &id_of("1"));
    policy["attributes"]["inventory_policy"] = 3.into();
    let mut lonely = variant("2", &id_of("1"));
    lonely["relationships"]["item"] = json!({});
    let mut elsewhere = item("2");
    elsewhere["attributes"]["catalog_type"] = "outlet".into();
    for (resource, pointer) in [
        // spec: there is one catalog.
        (elsewhere, "/data/attributes/catalog_type"),
        (price, "/data/attributes/price"),
        (policy, "/data/attributes/inventory_policy"),
        (lonely, "/data/relationships/item/data"),
        (
            // chosen: 400, not 404.
            variant("2", &id_of("none")),
            "/data/relationships/item/data/id",
        ),
    ] {
        let reply = create(&desk, resource).await;
        assert_eq!((reply.status, reply.pointers()), (400, vec![pointer]));
    }
}

#[tokio::test]
async fn items_are_filtered_sorted_and_come_in_pages() {
    let desk = Desk::open().await;
    for external_id in ["a", "b", "c"] {
        create(&desk, item(external_id)).await;
    }
    let mut hidden = item("d");
    hidden["attributes"]["published"] = false.into();
    create(&desk, hidden).await;
    let made = ["a", "b", "c", "d"].map(id_of);
    let [a, b, c, d] = made.each_ref().map(String::as_str);
    for (query, expected) in [
        ("", vec![a, b, c, d]),
        ("?sort=-created&page[size]=2", vec![d, c]),
        ("?filter=equals(published,false)", vec![d]),
        (r#"?filter=contains(title,"em b")"#, vec![b]),
        (
            r#"?filter=any(ids,["$custom:::$default:::c","$custom:::$default:::a"])"#,
            vec![a, c],
        ),
    ] {
        let reply = desk.get(&format!("/api/catalog-items{query}")).await;
        assert_eq!(ids(&reply.body["data"]), expected, "{query}");
    }
    let sparse = desk
        .get("/api/catalog-items?fields[catalog-item]=url")
        .await;
    assert_eq!(
        sparse.body["data"][0]["attributes"],
        json!({"url": "https://shop.example/a"})
    );
    let quoted = r#"/api/catalog-items?filter=equals(published,"false")"#;
    assert_eq!(desk.get(quoted).await.status, 400);
}

#[tokio::test]
async fn an_item_leads_to_its_variants() {
    let desk = Desk::open().await;
    create(&desk, item("1")).await;
    create(&desk, item("2")).await;
    create(&desk, variant("s", &id_of("1"))).await;
    create(&desk, variant("m", &id_of("1"))).await;
    create(&desk, variant("x", &id_of("2"))).await;
    let made = ["s", "m"].map(id_of);
    let path = path_of("catalog-items", &id_of("1"));
    for query in ["/variants", "/relationships/variants"] {
        let reply = desk.get(&format!("{path}{query}")).await;
        assert_eq!(ids(&reply.body["data"]), made);
    }
    let reply = desk.get(&format!("{path}?include=variants")).await;
    assert_eq!(ids(&reply.body["included"]), made);
    let by_item = r#"/api/catalog-variants?filter=equals(item.id,"$custom:::$default:::1"),equals(sku,"SKU-m")"#;
    assert_eq!(ids(&desk.get(by_item).await.body["data"]), made[1..]);

    // chosen: an item takes its variants with it.
    desk.send(Method::DELETE, &path, "").await;
    let left = desk.get("/api/catalog-variants").await;
    assert_eq!(ids(&left.body["data"]), [id_of("x")]);
}

#[tokio::test]
async fn items_and_categories_are_joined_from_either_side() {
    let desk = Desk::open().await;
    for external_id in ["1", "2", "3"] {
        create(&desk, item(external_id)).await;
    }
    let mut sale = category("sale");
    sale["relationships"]["items"] = linkage("catalog-item", &["1"]);
    create(&desk, sale).await;
    create(&desk, category("new")).await;
    let members = "/relationships/items";
    let path = path_of("catalog-categories", &id_of("sale"));
    let of_sale = async || ids(&desk.get(&format!("{path}{members}")).await.body["data"]);
    assert_eq!(of_sale().await, [id_of("1")]);

    let two = linkage("catalog-item", &["1", "2"]);
    let added = desk.post(&format!("{path}{members}"), two).await;
    assert_eq!(added.status, 204);
    assert_eq!(of_sale().await, [id_of("1"), id_of("2")]);
    let other_side = path_of("catalog-items", &id_of("2")) + "/categories";
    let reply = desk.get(&other_side).await;
    assert_eq!(ids(&reply.body["data"]), [id_of("sale")]);

    let one = linkage("catalog-item", &["3"]);
    let set = desk
        .send(Method::PATCH, &format!("{path}{members}"), one)
        .await;
    assert_eq!(set.status, 204);
    assert_eq!(of_sale().await, [id_of("3")]);
    let filtered = r#"/api/catalog-items?filter=equals(category.id,"$custom:::$default:::sale")"#;
    assert_eq!(ids(&desk.get(filtered).await.body["data"]), [id_of("3")]);

    let categories = path_of("catalog-items", &id_of("3")) + "/relationships/categories";
    let gone = linkage("catalog-category", &["sale"]);
    let removed = desk.send(Method::DELETE, &categories, gone).await;
    assert_eq!(removed.status, 204);
    assert_eq!(of_sale().await, Vec::<String>::new());

    let unknown = linkage("catalog-category", &["new", "none"]);
    let refused = desk.post(&categories, unknown).await;
    assert_eq!(
        (refused.status, refused.pointers()),
        (400, vec!["/data/1/id"])
    );
    assert_eq!(
        ids(&desk.get(&categories).await.body["data"]),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn an_update_can_set_what_a_thing_is_joined_with() {
    let desk = Desk::open().await;
    create(&desk, category("a")).await;
    create(&desk, category("b")).await;
    let mut shirt = item("1");
    shirt["relationships"]["categories"] = linkage("catalog-category", &["a"]);
    create(&desk, shirt).await;
    let path = path_of("catalog-items", &id_of("1"));
    let change = json!({"data": {
        "type": "catalog-item", "id": id_of("1"), "attributes": {},
        "relationships": {"categories": linkage("catalog-category", &["b"])},
    }});
    assert_eq!(desk.send(Method::PATCH, &path, change).await.status, 200);
    let reply = desk.get(&format!("{path}/categories")).await;
    assert_eq!(ids(&reply.body["data"]), [id_of("b")]);
}
