//! The account, and how many of its profiles a campaign would reach (spec).

use std::time::Duration;

use klaviyo_sandbox::Sandbox;
use serde_json::json;

use crate::desk::{Desk, stopped};

#[tokio::test]
async fn there_is_one_account() {
    let desk = Desk::open().await;
    let all = desk.get("/api/accounts").await;
    let id = all.body["data"][0]["id"].as_str().unwrap();
    assert_eq!(id, desk.sandbox.company());
    let one = desk.get(&format!("/api/accounts/{id}")).await;
    assert_eq!(one.body["data"], all.body["data"][0]);
    assert_eq!(desk.get("/api/accounts/other").await.status, 404);
}

#[tokio::test]
async fn recipients_are_counted_by_a_job() {
    let builder = Sandbox::builder()
        .limits(false)
        .clock(stopped())
        .job_time(Duration::from_secs(10));
    let desk = Desk::with(builder).await;
    for profile in [
        json!({"email": "ada@shop.example"}),
        json!({"external_id": "1"}),
    ] {
        let body = json!({"data": {"type": "profile", "attributes": profile}});
        assert_eq!(desk.post("/api/profiles", body).await.status, 201);
    }
    let estimation = "/api/campaign-recipient-estimations/01ABC";
    assert_eq!(desk.get(estimation).await.status, 404);

    let kind = "campaign-recipient-estimation-job";
    let body = json!({"data": {"type": kind, "id": "01ABC"}});
    let asked = desk
        .post("/api/campaign-recipient-estimation-jobs", body)
        .await;
    assert_eq!((asked.status, asked.id()), (202, "01ABC"));
    let job = "/api/campaign-recipient-estimation-jobs/01ABC";
    for expected in ["queued", "processing", "complete"] {
        let reply = desk.get(job).await;
        assert_eq!(reply.body["data"]["attributes"]["status"], expected);
        desk.sandbox.clock().advance(Duration::from_secs(5));
    }
    let attributes = &desk.get(estimation).await.body["data"]["attributes"];
    assert_eq!(attributes, &json!({"estimated_recipient_count": 1}));
}
