//! The bulk jobs of the catalog and of coupon codes: their life, and their errors (spec).

use std::time::Duration;

use klaviyo_gen::operations::{BULK_CREATE_CATALOG_ITEMS, BULK_CREATE_COUPON_CODES};
use klaviyo_sandbox::{JobErrorPointer, Sandbox};
use serde_json::{Value, json};

use crate::catalog::item;
use crate::desk::{Desk, Reply, ids, path_of, stopped};

/// Starts a bulk job, given by the kind of its rows and what it does with them.
pub(crate) async fn start(desk: &Desk, kind: &str, verb: &str, rows: Vec<Value>) -> Reply {
    let plural = match kind {
        "catalog-item" => "items",
        "catalog-variant" => "variants",
        "catalog-category" => "categories",
        _ => "coupon-codes",
    };
    let job = format!("{kind}-bulk-{verb}-job");
    let body = json!({"data": {"type": job, "attributes": {plural: {"data": rows}}}});
    desk.post(&format!("/api/{job}s"), body).await
}

/// Starts a bulk job and looks at it.
async fn run(desk: &Desk, kind: &str, verb: &str, rows: Vec<Value>) -> Reply {
    let started = start(desk, kind, verb, rows).await;
    assert_eq!(started.status, 202, "{:#}", started.body);
    let jobs = format!("{kind}-bulk-{verb}-jobs");
    desk.get(&path_of(&jobs, started.id())).await
}

fn id_of(external_id: &str) -> String {
    format!("$custom:::$default:::{external_id}")
}

/// The counts of a job, and where its errors point.
fn outcome(job: &Reply) -> (Value, Value, Vec<(&str, &str)>) {
    let attributes = &job.body["data"]["attributes"];
    let errors = attributes["errors"].as_array().unwrap().iter();
    let errors = errors.map(|error| {
        let pointer = error["source"]["pointer"].as_str().unwrap();
        (error["code"].as_str().unwrap(), pointer)
    });
    (
        attributes["completed_count"].clone(),
        attributes["failed_count"].clone(),
        errors.collect(),
    )
}

fn variant(external_id: &str) -> Value {
    json!({
        "type": "catalog-variant",
        "attributes": {
            "external_id": external_id, "title": "t", "description": "d", "url": "https://shop.example/",
            "sku": "s", "inventory_quantity": 1, "price": 1,
        },
        "relationships": {"item": {"data": {"type": "catalog-item", "id": id_of("item")}}},
    })
}

fn category(external_id: &str) -> Value {
    json!({"type": "catalog-category", "attributes": {"external_id": external_id, "name": "n"}})
}

#[tokio::test]
async fn each_kind_is_created_updated_and_deleted_and_what_fails_is_named_in_the_job() {
    let desk = Desk::open().await;
    desk.post("/api/catalog-items", json!({"data": item("item")}))
        .await;
    for (kind, plural, new) in [
        ("catalog-item", "items", [item("1"), item("2")]),
        ("catalog-variant", "variants", [variant("1"), variant("2")]),
        (
            "catalog-category",
            "categories",
            [category("1"), category("2")],
        ),
    ] {
        let at = |row: usize, place: &str| format!("/data/attributes/{plural}/data/{row}/{place}");
        let [first, second] = new;
        run(&desk, kind, "create", vec![first.clone()]).await;
        let created = run(&desk, kind, "create", vec![first, second]).await;
        let pointer = at(0, "attributes/external_id");
        let expected = (json!(1), json!(1), vec![("duplicate", pointer.as_str())]);
        assert_eq!(outcome(&created), expected, "{kind}");

        let change = |id: &str| json!({"type": kind, "id": id_of(id), "attributes": {}});
        let updated = run(&desk, kind, "update", vec![change("1"), change("none")]).await;
        let pointer = at(1, "id");
        let expected = (json!(1), json!(1), vec![("not_found", pointer.as_str())]);
        assert_eq!(outcome(&updated), expected, "{kind}");

        let gone = |id: &str| json!({"type": kind, "id": id_of(id)});
        let rows = vec![gone("2"), gone("2"), gone("1")];
        let deleted = run(&desk, kind, "delete", rows).await;
        let expected = (json!(2), json!(1), vec![("not_found", pointer.as_str())]);
        assert_eq!(outcome(&deleted), expected, "{kind}");
    }
    let catalog = desk.sandbox.state().catalog;
    assert_eq!(
        (catalog.items, catalog.variants, catalog.categories),
        (1, 0, 0)
    );
    let jobs = desk.sandbox.state().catalog_jobs;
    assert_eq!(
        (jobs.complete, jobs.completed_rows, jobs.failed_rows),
        (12, 15, 9)
    );
}

#[tokio::test]
async fn a_job_shows_what_it_created() {
    let desk = Desk::open().await;
    let started = start(&desk, "catalog-item", "create", vec![item("1"), item("2")]).await;
    let path = path_of("catalog-item-bulk-create-jobs", started.id());
    let job = desk.get(&format!("{path}?include=items")).await;
    let made = [id_of("1"), id_of("2")];
    assert_eq!(ids(&job.body["included"]), made);
    assert_eq!(
        ids(&job.body["data"]["relationships"]["items"]["data"]),
        made
    );
}

#[tokio::test]
async fn a_row_can_name_what_is_not_there() {
    let desk = Desk::open().await;
    let mut lost = item("1");
    let categories = json!({"data": [{"type": "catalog-category", "id": id_of("none")}]});
    lost["relationships"]["categories"] = categories;
    let job = run(&desk, "catalog-item", "create", vec![lost]).await;
    let pointer = "/data/attributes/items/data/0/relationships/categories/data/0/id";
    assert_eq!(
        outcome(&job),
        (json!(0), json!(1), vec![("invalid", pointer)])
    );
}

#[tokio::test]
async fn an_error_can_point_at_the_request_alone() {
    // spec: the pointer's default is /data; chosen otherwise, and a setting.
    let builder = Sandbox::builder()
        .limits(false)
        .job_time(Duration::ZERO)
        .job_error_pointer(JobErrorPointer::Request);
    let desk = Desk::with(builder).await;
    let gone = json!({"type": "catalog-item", "id": id_of("none")});
    let job = run(&desk, "catalog-item", "delete", vec![gone]).await;
    assert_eq!(
        outcome(&job),
        (json!(0), json!(1), vec![("not_found", "/data")])
    );
}

#[tokio::test]
async fn malformed_rows_refuse_the_whole_request() {
    let desk = Desk::open().await;
    let mut untitled = item("2");
    untitled["attributes"]
        .as_object_mut()
        .unwrap()
        .remove("title");
    let rows = vec![item("1"), untitled, category("3")];
    let reply = start(&desk, "catalog-item", "create", rows).await;
    assert_eq!(reply.status, 400);
    let at = "/data/attributes/items/data";
    assert!(
        reply
            .pointers()
            .contains(&&*format!("{at}/1/attributes/title"))
    );
    assert!(reply.pointers().contains(&&*format!("{at}/2/type")));
    assert_eq!(desk.sandbox.state().catalog_jobs.complete, 0);
}

#[tokio::test]
async fn more_rows_than_the_cap_refuse_the_request() {
    // docs: the cap is the table's.
    let most = BULK_CREATE_CATALOG_ITEMS.caps.unwrap().max_items.unwrap();
    let desk = Desk::open().await;
    let rows = |count| (0..count).map(|number| item(&number.to_string())).collect();
    let reply = start(&desk, "catalog-item", "create", rows(most + 1)).await;
    assert_eq!(
        (reply.status, reply.pointers()),
        (400, vec!["/data/attributes/items/data"])
    );
    assert_eq!(
        start(&desk, "catalog-item", "create", rows(most))
            .await
            .status,
        202
    );
}

async fn slow(job_time: Duration) -> Desk {
    let builder = Sandbox::builder().clock(stopped()).limits(false);
    Desk::with(builder.job_time(job_time)).await
}

#[tokio::test]
async fn a_job_takes_its_time_and_expires() {
    let desk = slow(Duration::from_secs(4)).await;
    let created = start(&desk, "catalog-item", "create", vec![item("1")]).await;
    // live: this job is at work in the first answer, that of an update waits.
    assert_eq!(created.body["data"]["attributes"]["status"], "processing");
    let change = json!({"type": "catalog-item", "id": id_of("1"), "attributes": {}});
    let queued = start(&desk, "catalog-item", "update", vec![change]).await;
    assert_eq!(queued.body["data"]["attributes"]["status"], "queued");
    assert_eq!(desk.sandbox.state().catalog.items, 0);

    desk.sandbox.clock().advance(Duration::from_secs(4));
    let path = path_of("catalog-item-bulk-create-jobs", created.id());
    let ended = desk.get(&path).await;
    assert_eq!(
        ended.body["data"]["attributes"],
        json!({
            "status": "complete", "total_count": 1, "completed_count": 1, "failed_count": 0, "errors": [],
            "created_at": "2026-11-22T12:00:00+00:00", "completed_at": "2026-11-22T12:00:04+00:00",
            // chosen: as for profile imports.
            "expires_at": "2026-11-29T12:00:00+00:00",
        })
    );
    desk.sandbox
        .clock()
        .advance(Duration::from_secs(7 * 86_400));
    assert_eq!(desk.get(&path).await.status, 404);
}

#[tokio::test]
async fn jobs_are_listed_by_kind_and_status() {
    let desk = slow(Duration::from_secs(2)).await;
    let first = start(&desk, "catalog-item", "create", vec![item("1")]).await;
    desk.sandbox.clock().advance(Duration::from_secs(2));
    let second = start(&desk, "catalog-item", "create", vec![item("2")]).await;
    let other = start(&desk, "catalog-category", "create", vec![category("1")]).await;
    let jobs = "/api/catalog-item-bulk-create-jobs";
    for (query, expected) in [
        ("", vec![first.id(), second.id()]),
        (r#"?filter=equals(status,"complete")"#, vec![first.id()]),
        (r#"?filter=equals(status,"processing")"#, vec![second.id()]),
    ] {
        let reply = desk.get(&format!("{jobs}{query}")).await;
        assert_eq!(ids(&reply.body["data"]), expected, "{query}");
    }
    let path = path_of("catalog-item-bulk-create-jobs", other.id());
    assert_eq!(desk.get(&path).await.status, 404);
}

#[tokio::test]
async fn only_so_many_jobs_may_be_unfinished() {
    // docs: the number is the table's; chosen: what the next one is answered.
    let most = BULK_CREATE_COUPON_CODES.caps.unwrap().max_jobs_in_progress;
    let desk = slow(Duration::from_secs(1)).await;
    let code = json!({
        "type": "coupon-code", "attributes": {"unique_code": "A"},
        "relationships": {"coupon": {"data": {"type": "coupon", "id": "none"}}},
    });
    for _ in 0..most.unwrap() {
        start(&desk, "coupon-code", "create", vec![code.clone()]).await;
    }
    let refused = start(&desk, "coupon-code", "create", vec![code.clone()]).await;
    assert_eq!((refused.status, refused.pointers()), (400, vec!["/data"]));
    // Other operations have their own.
    let other = start(&desk, "catalog-item", "create", vec![item("1")]).await;
    assert_eq!(other.status, 202);
    desk.sandbox.clock().advance(Duration::from_secs(1));
    let taken = start(&desk, "coupon-code", "create", vec![code]).await;
    assert_eq!(taken.status, 202);
}

#[tokio::test]
async fn codes_that_exist_are_errors_of_the_job() {
    let desk = Desk::open().await;
    let coupon = json!({"type": "coupon", "attributes": {"external_id": "10OFF"}});
    desk.post("/api/coupons", json!({"data": coupon})).await;
    let code = |coupon: &str, code: &str| {
        json!({
            "type": "coupon-code", "attributes": {"unique_code": code},
            "relationships": {"coupon": {"data": {"type": "coupon", "id": coupon}}},
        })
    };
    let rows = vec![code("10OFF", "A"), code("10OFF", "A"), code("none", "A")];
    let started = start(&desk, "coupon-code", "create", rows).await;
    let path = path_of("coupon-code-bulk-create-jobs", started.id());
    let job = desk.get(&format!("{path}?include=coupon-codes")).await;
    let at = "/data/attributes/coupon-codes/data";
    let taken = format!("{at}/1/attributes/unique_code");
    let lost = format!("{at}/2/relationships/coupon/data/id");
    let errors = vec![("duplicate", taken.as_str()), ("invalid", lost.as_str())];
    assert_eq!(outcome(&job), (json!(1), json!(2), errors));
    assert_eq!(ids(&job.body["included"]), ["10OFF-A"]);
    assert_eq!(desk.sandbox.state().coupon_codes, 1);
}
