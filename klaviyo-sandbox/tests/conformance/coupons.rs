//! Coupons and their codes (spec).

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, Reply, ids, stopped};
use klaviyo_sandbox::Sandbox;

pub(crate) async fn coupon(desk: &Desk, id: &str) -> Reply {
    let attributes = json!({"external_id": id, "description": "Ten off"});
    let body = json!({"data": {"type": "coupon", "attributes": attributes}});
    desk.post("/api/coupons", body).await
}

pub(crate) async fn code(desk: &Desk, coupon: &str, attributes: Value) -> Reply {
    let body = json!({"data": {
        "type": "coupon-code", "attributes": attributes,
        "relationships": {"coupon": {"data": {"type": "coupon", "id": coupon}}},
    }});
    desk.post("/api/coupon-codes", body).await
}

#[tokio::test]
async fn a_coupon_is_created_changed_and_deleted() {
    let desk = Desk::open().await;
    let created = coupon(&desk, "10OFF").await;
    assert_eq!((created.status, created.id()), (201, "10OFF"));
    // chosen: the code; the status is that of profiles.
    let again = coupon(&desk, "10OFF").await;
    assert_eq!((again.status, again.codes()), (409, vec!["duplicate"]));

    let attributes =
        json!({"description": "Ten off everything", "monitor_configuration": {"low": 5}});
    let change = json!({"data": {"type": "coupon", "id": "10OFF", "attributes": attributes}});
    let path = "/api/coupons/10OFF";
    let changed = desk.send(Method::PATCH, path, change).await;
    assert_eq!(
        changed.body["data"]["attributes"],
        json!({
            "external_id": "10OFF", "description": "Ten off everything", "monitor_configuration": {"low": 5},
        })
    );
    assert_eq!(desk.get(path).await.body["data"], changed.body["data"]);
    coupon(&desk, "20OFF").await;
    let all = desk.get("/api/coupons").await;
    assert_eq!(ids(&all.body["data"]), ["10OFF", "20OFF"]);

    // chosen: a coupon takes its codes with it.
    code(&desk, "10OFF", json!({"unique_code": "A"})).await;
    code(&desk, "20OFF", json!({"unique_code": "A"})).await;
    assert_eq!(desk.send(Method::DELETE, path, "").await.status, 204);
    assert_eq!(desk.get(path).await.status, 404);
    assert_eq!(desk.send(Method::DELETE, path, "").await.status, 404);
    let state = desk.sandbox.state();
    assert_eq!((state.coupons, state.coupon_codes), (1, 1));
}

#[tokio::test]
async fn a_code_is_unassigned_and_lives_for_a_year() {
    // docs: its id is made of the coupon's and its own, and it expires after a year by default.
    let desk = Desk::with(Sandbox::builder().clock(stopped()).limits(false)).await;
    coupon(&desk, "10OFF").await;
    let created = code(&desk, "10OFF", json!({"unique_code": "A"})).await;
    assert_eq!((created.status, created.id()), (200, "10OFF-A"));
    assert_eq!(
        created.body["data"]["attributes"],
        json!({"unique_code": "A", "status": "UNASSIGNED", "expires_at": "2027-11-22T12:00:00+00:00"})
    );
    let given = json!({"unique_code": "B", "expires_at": "2026-12-24T00:00:00+01:00"});
    let given = code(&desk, "10OFF", given).await;
    assert_eq!(
        given.body["data"]["attributes"]["expires_at"],
        "2026-12-23T23:00:00+00:00"
    );
}

#[tokio::test]
async fn a_code_is_unique_for_its_coupon() {
    let desk = Desk::open().await;
    coupon(&desk, "10OFF").await;
    coupon(&desk, "20OFF").await;
    code(&desk, "10OFF", json!({"unique_code": "A"})).await;
    let again = code(&desk, "10OFF", json!({"unique_code": "A"})).await;
    assert_eq!(
        (again.status, again.pointers()),
        (409, vec!["/data/attributes/unique_code"])
    );
    let other = code(&desk, "20OFF", json!({"unique_code": "A"})).await;
    assert_eq!(other.status, 200);
    let lost = code(&desk, "none", json!({"unique_code": "A"})).await;
    assert_eq!(
        (lost.status, lost.pointers()),
        (400, vec!["/data/relationships/coupon/data/id"])
    );
}

#[tokio::test]
async fn a_code_is_changed_and_deleted() {
    let desk = Desk::open().await;
    coupon(&desk, "10OFF").await;
    code(&desk, "10OFF", json!({"unique_code": "A"})).await;
    let path = "/api/coupon-codes/10OFF-A";
    let change = |attributes: Value| json!({"data": {"type": "coupon-code", "id": "10OFF-A", "attributes": attributes}});
    let attributes = json!({"status": "USED", "expires_at": "2027-01-01T00:00:00Z"});
    let changed = desk.send(Method::PATCH, path, change(attributes)).await;
    assert_eq!(
        changed.body["data"]["attributes"],
        json!({"unique_code": "A", "status": "USED", "expires_at": "2027-01-01T00:00:00+00:00"})
    );
    let unknown = change(json!({"status": "LOST"}));
    assert_eq!(desk.send(Method::PATCH, path, unknown).await.status, 400);
    assert_eq!(desk.send(Method::DELETE, path, "").await.status, 204);
    assert_eq!(desk.get(path).await.status, 404);
}

#[tokio::test]
async fn codes_are_found_by_filter_and_by_coupon() {
    let desk = Desk::open().await;
    for (name, unique_code) in [("10OFF", "A"), ("20OFF", "A"), ("10OFF", "B")] {
        coupon(&desk, name).await;
        code(&desk, name, json!({"unique_code": unique_code})).await;
    }
    let used =
        json!({"data": {"type": "coupon-code", "id": "10OFF-B", "attributes": {"status": "USED"}}});
    desk.send(Method::PATCH, "/api/coupon-codes/10OFF-B", used)
        .await;
    for (path, expected) in [
        (
            r#"coupon-codes?filter=equals(coupon.id,"10OFF")"#,
            vec!["10OFF-A", "10OFF-B"],
        ),
        (
            r#"coupon-codes?filter=any(coupon.id,["10OFF","20OFF"]),equals(status,"USED")"#,
            vec!["10OFF-B"],
        ),
        (r#"coupon-codes?filter=any(profile.id,["1"])"#, vec![]),
        ("coupons/10OFF/coupon-codes?page[size]=1", vec!["10OFF-A"]),
        ("coupons/20OFF/relationships/coupon-codes", vec!["20OFF-A"]),
    ] {
        let reply = desk.get(&format!("/api/{path}")).await;
        assert_eq!(ids(&reply.body["data"]), expected, "{path}");
    }
    // spec: a filter by coupon or profile is required.
    for query in ["", r#"?filter=equals(status,"USED")"#] {
        let unfiltered = desk.get(&format!("/api/coupon-codes{query}")).await;
        assert_eq!(unfiltered.errors("/source/parameter"), ["filter"]);
    }

    let one = desk.get("/api/coupon-codes/10OFF-A?include=coupon").await;
    assert_eq!(ids(&one.body["included"]), ["10OFF"]);
    let its = desk.get("/api/coupon-codes/10OFF-A/coupon").await;
    assert_eq!(its.body["data"]["attributes"]["description"], "Ten off");
    let its = desk
        .get("/api/coupon-codes/10OFF-A/relationships/coupon")
        .await;
    assert_eq!(its.body["data"], json!({"type": "coupon", "id": "10OFF"}));
}
