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
async fn an_operation_that_its_revision_does_not_have_404() {
    // docs. chosen: a revision between two known ones has what the older has.
    let desk = Desk::open().await;
    let newest = klaviyo_gen::REVISION;
    for (path, revision, status) in [
        ("/api/profiles", "2025-01-15", 200),
        // New in 2026-07-15.
        ("/api/custom-metrics", "2025-01-15", 404),
        ("/api/custom-metrics", "2026-07-14", 404),
        ("/api/custom-metrics", "2026-07-15", 200),
        ("/api/custom-metrics", newest, 200),
        // New in 2026-10-15.
        ("/api/brand-colors", "2026-07-15", 404),
        ("/api/brand-colors", "2026-10-14", 404),
        ("/api/brand-colors", newest, 200),
    ] {
        let request = desk.request(Method::GET, path);
        let (client, request) = request.build_split();
        let mut request = request.unwrap();
        let revision_of = revision.parse().unwrap();
        request.headers_mut().insert("revision", revision_of);
        let answer = client.execute(request).await.unwrap();
        assert_eq!(answer.status(), status, "{path} {revision}");
    }
}
