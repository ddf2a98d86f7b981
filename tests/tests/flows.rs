//! Whole flows on the sandbox of operations that have no test of their own elsewhere: from rows to what
//! is held, with what goes wrong in them tied to its row.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use klaviyo_core::bulk::{BulkOptions, options};
use klaviyo_core::{Outcome, Report};
use klaviyo_gen::operations::{
    GET_CATALOG_VARIANTS, GET_COUPON_CODES, GET_INGESTION_LOGS_FOR_OBJECT_TYPE,
    GET_RECORDS_FOR_OBJECT_TYPE,
};
use klaviyo_sandbox::Identifier;
use klaviyo_tests::World;
use serde_json::{Value, json};

async fn run(world: &World, verb: &str, own: Value, rows: &[Value]) -> Report {
    let options = options(verb, own).unwrap();
    let bulk = world.client.bulk();
    let mut run = bulk
        .start(options.as_ref() as &dyn BulkOptions)
        .await
        .unwrap();
    rows.iter().for_each(|row| run.push(row));
    run.finish().await.unwrap()
}

/// Row, outcome and code of what did not get through.
fn not_through(report: &Report) -> Vec<(u64, Outcome, String)> {
    assert_eq!(report.counts.total(), report.rows);
    let failures = report.failures.iter().map(Result::unwrap);
    let mut told: Vec<_> = failures
        .map(|one| (one.row, one.outcome, one.code))
        .collect();
    told.sort_by_key(|one| one.0);
    told
}

fn attributes(resources: &[Value]) -> impl Iterator<Item = &Value> {
    resources.iter().map(|resource| &resource["attributes"])
}

#[tokio::test]
async fn events_of_a_shops_pages_need_no_key_and_belong_to_their_profiles() {
    // The page knows the company, and no key.
    let world = World::with(klaviyo_sandbox::Sandbox::builder(), Some("pk_unknown")).await;
    let seen = |row: usize, who: usize| {
        json!({
            "metric": "Viewed Product", "email": format!("{who}@shop.example"),
            "time": "2026-10-31T12:00:00Z", "value": 2.5, "value_currency": "EUR",
            "properties.product": format!("SKU-{row}"), "properties.tags": ["a", null],
        })
    };
    let mut rows: Vec<Value> = (0..5).map(|row| seen(row, row / 2)).collect();
    rows.push(json!({"metric": "Viewed Product", "email": "nobody"}));
    let own = json!({"company_id": world.sandbox.company()});
    let report = run(&world, "create_client_events", own, &rows).await;
    assert_eq!(
        not_through(&report),
        [(5, Outcome::Rejected, "invalid_email".to_owned())]
    );
    // One request for each profile.
    assert_eq!((report.counts.accepted, report.batches), (5, 3));

    let events = world.sandbox.events("Viewed Product");
    assert_eq!(events.len(), 5);
    for event in events {
        let product = event.properties["product"].as_str().unwrap();
        let row: usize = product.strip_prefix("SKU-").unwrap().parse().unwrap();
        let address = format!("{}@shop.example", row / 2);
        let profile = world.sandbox.profile(Identifier::Email, &address).unwrap();
        assert_eq!(event.profile_id, profile.id);
        assert_eq!(
            (event.value, event.value_currency.as_deref()),
            (Some(2.5), Some("EUR"))
        );
        assert_eq!(event.properties["tags"], json!(["a", null]));
        assert_eq!(event.unique_id, format!("{}-{row}", report.run_id));
    }
}

#[tokio::test]
async fn coupon_codes_join_their_coupons_and_those_that_exist_fail_alone() {
    let world = World::new().await;
    for coupon in ["SAVE10", "SAVE20"] {
        world.coupon(coupon).await;
    }
    let code = |code: &str| json!({"unique_code": code, "expires_at": "2027-01-31T00:00:00Z"});
    let mut other = code("B");
    other["coupon"] = "SAVE20".into();
    let rows = [
        code("A"),
        other.clone(),
        json!({"expires_at": "2027-01-31"}),
    ];
    let own = || json!({"coupon_id": "SAVE10"});
    let report = run(&world, "create_coupon_codes", own(), &rows).await;
    let missing = (2, Outcome::Rejected, "missing_field".to_owned());
    assert_eq!(not_through(&report), [missing]);
    assert_eq!((report.counts.completed, report.jobs), (2, 1));

    // Of the same name, but another coupon's.
    let rows = [code("A"), code("B"), other];
    let report = run(&world, "create_coupon_codes", own(), &rows).await;
    let twice = |row| (row, Outcome::Failed, "duplicate".to_owned());
    assert_eq!(not_through(&report), [twice(0), twice(2)]);
    for (coupon, codes) in [("SAVE10", vec!["A", "B"]), ("SAVE20", vec!["B"])] {
        let filter = format!("equals(coupon.id,\"{coupon}\")");
        let held = world.all(&GET_COUPON_CODES, &[("filter", &filter)]).await;
        let names = attributes(&held).map(|code| code["unique_code"].as_str().unwrap());
        assert_eq!(names.collect::<Vec<_>>(), codes);
        let days = attributes(&held).map(|code| code["expires_at"].as_str().unwrap());
        assert!(
            days.into_iter()
                .all(|day| day.starts_with("2027-01-31T00:00:00"))
        );
    }
}

#[tokio::test]
async fn records_become_objects_and_the_log_has_those_that_could_not() {
    let world = World::new().await;
    let (source, object_type) = world.pets().await;
    let pet = |id: &str, name: &str, age: Value| json!({"id": id, "name": name, "age": age});
    let rows = [
        pet("1", "Rex", 3.into()),
        pet("2", "Mia", "old".into()),
        json!({"id": "3", "age": 1}),
        pet("4", "Tom", Value::Null),
    ];
    let own = json!({"data_source_id": source});
    let report = run(&world, "create_data_source_records", own, &rows).await;
    assert_eq!((report.counts.accepted, report.batches), (4, 1));
    assert!(
        report.warnings[0].contains("ingestion log"),
        "{:?}",
        report.warnings
    );
    world.calm();

    let of_type = [("id", object_type.as_str())];
    let held = world.all(&GET_RECORDS_FOR_OBJECT_TYPE, &of_type).await;
    let ids: Vec<&str> = held
        .iter()
        .map(|record| record["id"].as_str().unwrap())
        .collect();
    let id = |own: &str| format!("{object_type}:::{own}");
    assert_eq!(ids, [id("1"), id("4")]);
    assert_eq!(
        held[0]["attributes"]["record_properties"],
        json!({"name": "Rex", "age": 3})
    );
    let log = world
        .all(&GET_INGESTION_LOGS_FOR_OBJECT_TYPE, &of_type)
        .await;
    assert_eq!(log.len(), 2);

    let rows = [json!({"id": id("1")}), json!({"id": id("9")})];
    let report = run(&world, "delete_object_records", json!({}), &rows).await;
    assert_eq!(report.counts.accepted, 2);
    world.calm();
    let held = world.all(&GET_RECORDS_FOR_OBJECT_TYPE, &of_type).await;
    assert_eq!(held.len(), 1);
}

#[tokio::test]
async fn variants_are_created_changed_and_deleted() {
    let world = World::new().await;
    let whole = |name: &str| json!({"external_id": name, "title": name, "description": "D", "url": "https://shop.example"});
    let report = run(&world, "create_catalog_items", json!({}), &[whole("shirt")]).await;
    assert_eq!(report.counts.completed, 1);
    let variant = |name: &str, item: &str| {
        let mut row = whole(name);
        row["item"] = item.into();
        row["sku"] = format!("SKU-{name}").into();
        row["price"] = 9.5.into();
        row["inventory_quantity"] = 5.into();
        row
    };
    // More than a request holds, two of a name, and one of no item.
    let mut rows: Vec<Value> = (0..120)
        .map(|row| variant(&row.to_string(), "shirt"))
        .collect();
    rows[110] = variant("0", "shirt");
    rows[111] = variant("111", "trousers");
    let report = run(&world, "create_catalog_variants", json!({}), &rows).await;
    assert_eq!((report.counts.completed, report.jobs), (118, 2));
    let refused: Vec<u64> = not_through(&report).into_iter().map(|one| one.0).collect();
    assert_eq!(refused.len(), 2);
    // Jobs run side by side: either of the two may come first.
    assert!(
        [0, 110].contains(&refused[0]) && refused[1] == 111,
        "{refused:?}"
    );

    let rows = [
        json!({"external_id": "1", "price": 12, "inventory_quantity": 0}),
        json!({"external_id": "no such variant", "price": 1}),
    ];
    let report = run(&world, "update_catalog_variants", json!({}), &rows).await;
    assert_eq!((report.counts.completed, not_through(&report)[0].0), (1, 1));
    let gone: Vec<Value> = (2..60)
        .map(|row| json!({"external_id": row.to_string()}))
        .collect();
    let report = run(&world, "delete_catalog_variants", json!({}), &gone).await;
    assert_eq!(report.counts.completed, 58);

    let held = world.all(&GET_CATALOG_VARIANTS, &[]).await;
    assert_eq!(held.len(), 118 - 58);
    let changed = attributes(&held)
        .find(|one| one["external_id"] == "1")
        .unwrap();
    assert_eq!(
        (
            &changed["price"],
            &changed["inventory_quantity"],
            &changed["title"]
        ),
        (&json!(12), &json!(0), &json!("1"))
    );
}
