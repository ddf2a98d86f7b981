//! `revision: YYYY-MM-DD` on every request (docs).

use reqwest::Method;

use crate::desk::{Desk, Reply};

async fn status(revision: Option<&str>) -> u16 {
    let desk = Desk::open().await;
    let mut request = desk.bare(Method::GET, "/api/profiles").header(
        "authorization",
        format!("Klaviyo-API-Key {}", desk.sandbox.key()),
    );
    if let Some(revision) = revision {
        request = request.header("revision", revision);
    }
    Reply::to(request).await.status
}

#[tokio::test]
async fn malformed_400_future_404() {
    assert_eq!(status(Some("latest")).await, 400);
    assert_eq!(status(Some("2999-01-01")).await, 404);
    assert_eq!(status(Some(klaviyo_gen::REVISION)).await, 200);
}

#[tokio::test]
async fn missing_400() {
    // chosen: what Klaviyo takes instead is unknown.
    assert_eq!(status(None).await, 400);
}

#[tokio::test]
async fn retired_404() {
    // docs: a revision lives two years. chosen: what comes afterwards.
    assert_eq!(status(Some("2022-10-17")).await, 404);
}

#[tokio::test]
async fn an_older_revision_is_answered_as_the_newest() {
    // chosen: get_brand_colors is new in 2026-10-15.
    let desk = Desk::open().await;
    for revision in ["2025-01-15", "2026-07-15", klaviyo_gen::REVISION] {
        let request = desk
            .bare(Method::GET, "/api/brand-colors")
            .bearer_auth(desk.sandbox.key())
            .header("revision", revision);
        assert_eq!(Reply::to(request).await.status, 200, "{revision}");
    }
}
