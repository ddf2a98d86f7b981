//! Every order in which the document lets what is modelled be asked for, there and back (spec).
//!
//! Profiles by their suppressions are in `suppressions`.

use std::time::Duration;

use klaviyo_gen::operations::{
    GET_BULK_IMPORT_PROFILES_JOBS, GET_BULK_SUPPRESS_PROFILES_JOBS, GET_CATALOG_CATEGORIES,
    GET_CATALOG_ITEMS, GET_CATALOG_VARIANTS, GET_CATEGORIES_FOR_CATALOG_ITEM,
    GET_CATEGORY_IDS_FOR_CATALOG_ITEM, GET_EVENTS, GET_IMAGES, GET_ITEM_IDS_FOR_CATALOG_CATEGORY,
    GET_ITEMS_FOR_CATALOG_CATEGORY, GET_LISTS, GET_PROFILE_IDS_FOR_LIST, GET_PROFILES,
    GET_PROFILES_FOR_LIST, GET_SEGMENTS, GET_TAG_GROUPS, GET_TAGS,
    GET_VARIANT_IDS_FOR_CATALOG_ITEM, GET_VARIANTS_FOR_CATALOG_ITEM,
};
use klaviyo_gen::{Kind, Operation};
use klaviyo_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::desk::{Desk, ids, order, path_of, stopped};
use crate::{catalog, images, suppressions, tags};

/// Not in the order of the alphabet.
const NAMES: [&str; 3] = ["b", "c", "a"];

async fn desk() -> Desk {
    let builder = Sandbox::builder().clock(stopped()).limits(false);
    Desk::with(builder.job_time(Duration::ZERO)).await
}

/// Makes one of each name, ten seconds apart; their ids.
async fn one_after_the_other(desk: &Desk, make: impl AsyncFn(&str) -> String) -> Vec<String> {
    let mut made = Vec::new();
    for name in NAMES {
        made.push(make(name).await);
        desk.sandbox.clock().advance(Duration::from_secs(10));
    }
    made
}

/// Asks for each order that the operation knows. `made` are the ids in the order of their making.
async fn check(desk: &Desk, operation: &Operation, path: &str, made: &[String]) {
    let sort = operation.parameters.iter().find(|it| it.name == "sort");
    let Some(Kind::String { values, .. }) = sort.map(|sort| &sort.schema.kind) else {
        panic!("{} knows no order", operation.id);
    };
    let mut tried = 0;
    let is_asked_for = |by: &&&str| !by.starts_with('-') && !by.starts_with("subscriptions.");
    for by in values.iter().filter(is_asked_for) {
        let up = desk.get(&format!("{path}?sort={by}")).await.body;
        let down = desk.get(&format!("{path}?sort=-{by}")).await.body;
        let mut back = ids(&down["data"]);
        back.reverse();
        assert_eq!(ids(&up["data"]), back, "{} by {by}", operation.id);
        assert_eq!(back.len(), NAMES.len());
        let resources = up["data"].as_array().unwrap();
        if IS_AS_MADE.contains(by) {
            assert_eq!(back, made, "{} by {by}", operation.id);
        } else {
            let keys: Vec<_> = resources.iter().map(|resource| key(resource, by)).collect();
            assert!(keys.is_sorted(), "{} by {by}: {keys:?}", operation.id);
        }
        tried += 1;
    }
    assert!(tried > 0, "{}", operation.id);
}

/// Orders that are that of the making here; not all answers show what they go by.
const IS_AS_MADE: [&str; 5] = [
    "created",
    "created_at",
    "joined_group_at",
    "datetime",
    "timestamp",
];

/// What a resource is sorted by, so that keys compare as it should.
fn key(resource: &Value, by: &str) -> (u64, String) {
    let value = match by {
        "id" => &resource["id"],
        _ => &resource["attributes"][by],
    };
    assert!(!value.is_null(), "{resource} has no {by}");
    let number = value.as_u64().unwrap_or_default();
    (number, value.as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn profiles_events_and_members() {
    let desk = desk().await;
    let made = one_after_the_other(&desk, async |name| {
        let email = format!("{name}@shop.example");
        desk.customers(&[&email]).await.remove(0)
    })
    .await;
    check(&desk, &GET_PROFILES, "/api/profiles", &made).await;

    let list = desk.sandbox.create_list("News");
    for id in &made {
        let body = json!({"data": [{"type": "profile", "id": id}]});
        let path = format!("/api/lists/{list}/relationships/profiles");
        assert_eq!(desk.post(&path, body).await.status, 204);
        desk.sandbox.clock().advance(Duration::from_secs(10));
    }
    let members = format!("/api/lists/{list}/profiles");
    check(&desk, &GET_PROFILES_FOR_LIST, &members, &made).await;
    let linkages = format!("/api/lists/{list}/relationships/profiles");
    check(&desk, &GET_PROFILE_IDS_FOR_LIST, &linkages, &made).await;

    for day in [2, 1, 3] {
        let event = order(None, &format!("2026-05-0{day}T00:00:00Z"), f64::from(day));
        let sent = desk
            .send_events(&json!({"external_id": "1"}), &[event])
            .await;
        assert_eq!(sent.status, 202);
    }
    let mut events = desk.sandbox.events("Placed Order");
    events.sort_by_key(|event| event.time);
    let made: Vec<String> = events.into_iter().map(|event| event.id).collect();
    check(&desk, &GET_EVENTS, "/api/events", &made).await;
}

#[tokio::test]
async fn lists_segments_tags_and_images() {
    let desk = desk().await;
    let made = one_after_the_other(&desk, async |name| desk.sandbox.create_list(name)).await;
    check(&desk, &GET_LISTS, "/api/lists", &made).await;
    let made = one_after_the_other(&desk, async |name| desk.sandbox.create_segment(name)).await;
    check(&desk, &GET_SEGMENTS, "/api/segments", &made).await;
    let made = one_after_the_other(&desk, async |name| {
        tags::create_tag(&desk, name, None).await.id().to_owned()
    })
    .await;
    check(&desk, &GET_TAGS, "/api/tags", &made).await;
    // Beside the default one.
    tags::create_group(&desk, "b", false).await;
    tags::create_group(&desk, "a", true).await;
    check(&desk, &GET_TAG_GROUPS, "/api/tag-groups", &[]).await;

    let contents: [&[u8]; 3] = [b"GIF89a--", b"\x89PNG\r\n\x1A\n----", b"\xFF\xD8\xFF"];
    let mut made = Vec::new();
    for content in contents {
        let image = images::upload(&desk, content, "false").await;
        assert_eq!(image.status, 201, "{}", image.body);
        made.push(image.id().to_owned());
        desk.sandbox.clock().advance(Duration::from_secs(10));
    }
    for (id, name) in made.iter().zip(NAMES) {
        let body = json!({"data": {"type": "image", "id": id, "attributes": {"name": name}}});
        let path = format!("/api/images/{id}");
        assert_eq!(
            desk.send(reqwest::Method::PATCH, &path, body).await.status,
            200
        );
        desk.sandbox.clock().advance(Duration::from_secs(10));
    }
    check(&desk, &GET_IMAGES, "/api/images", &made).await;
}

#[tokio::test]
async fn the_catalog() {
    let desk = desk().await;
    let create = async |resource: Value| {
        let reply = catalog::create(&desk, resource).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        reply.id().to_owned()
    };
    let items = one_after_the_other(&desk, async |name| create(catalog::item(name)).await).await;
    check(&desk, &GET_CATALOG_ITEMS, "/api/catalog-items", &items).await;
    let categories =
        one_after_the_other(&desk, async |name| create(catalog::category(name)).await).await;
    let all = "/api/catalog-categories";
    check(&desk, &GET_CATALOG_CATEGORIES, all, &categories).await;
    let variants = one_after_the_other(&desk, async |name| {
        create(catalog::variant(name, &items[0])).await
    })
    .await;
    check(
        &desk,
        &GET_CATALOG_VARIANTS,
        "/api/catalog-variants",
        &variants,
    )
    .await;

    let linkages = |kind: &str, ids: &[String]| {
        let data = ids.iter().map(|id| json!({"type": kind, "id": id}));
        json!({"data": data.collect::<Vec<_>>()})
    };
    let item = path_of("catalog-items", &items[0]);
    let category = path_of("catalog-categories", &categories[0]);
    let of_item = format!("{item}/relationships/categories");
    let joined = desk
        .post(&of_item, linkages("catalog-category", &categories))
        .await;
    assert_eq!(joined.status, 204, "{}", joined.body);
    let of_category = format!("{category}/relationships/items");
    let joined = desk
        .post(&of_category, linkages("catalog-item", &items[1..]))
        .await;
    assert_eq!(joined.status, 204, "{}", joined.body);
    for (operation, path, made) in [
        (
            &GET_VARIANTS_FOR_CATALOG_ITEM,
            format!("{item}/variants"),
            &variants,
        ),
        (
            &GET_VARIANT_IDS_FOR_CATALOG_ITEM,
            format!("{item}/relationships/variants"),
            &variants,
        ),
        (
            &GET_CATEGORIES_FOR_CATALOG_ITEM,
            format!("{item}/categories"),
            &categories,
        ),
        (&GET_CATEGORY_IDS_FOR_CATALOG_ITEM, of_item, &categories),
        (
            &GET_ITEMS_FOR_CATALOG_CATEGORY,
            format!("{category}/items"),
            &items,
        ),
        (&GET_ITEM_IDS_FOR_CATALOG_CATEGORY, of_category, &items),
    ] {
        check(&desk, operation, &path, made).await;
    }
}

#[tokio::test]
async fn jobs() {
    let desk = desk().await;
    let made = one_after_the_other(&desk, async |name| {
        let reply = desk.import(&[json!({"external_id": name})]).await;
        reply.id().to_owned()
    })
    .await;
    let path = "/api/profile-bulk-import-jobs";
    check(&desk, &GET_BULK_IMPORT_PROFILES_JOBS, path, &made).await;
    let kind = "profile-suppression-bulk-create-job";
    for name in NAMES {
        let email = format!("{name}@shop.example");
        let started = suppressions::start_for(&desk, kind, &[&email]).await;
        assert_eq!(started.status, 202, "{}", started.body);
        desk.sandbox.clock().advance(Duration::from_secs(10));
    }
    let path = "/api/profile-suppression-bulk-create-jobs";
    let newest = desk.get(&format!("{path}?sort=-created")).await.body;
    let mut made = ids(&newest["data"]);
    made.reverse();
    let created: Vec<_> = newest["data"].as_array().unwrap().iter().collect();
    let at = |job: &&Value| job["attributes"]["created_at"].as_str().unwrap().to_owned();
    assert!(created.iter().map(at).is_sorted_by(|one, next| one > next));
    check(&desk, &GET_BULK_SUPPRESS_PROFILES_JOBS, path, &made).await;
}
