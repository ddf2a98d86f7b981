//! `Authorization: Klaviyo-API-Key …` (docs).

use reqwest::Method;

use crate::desk::{Desk, Reply};

#[tokio::test]
async fn without_a_key_401_and_no_rate_limit_headers() {
    // live: a 401 came without the RateLimit headers.
    let desk = Desk::with(klaviyo_sandbox::Sandbox::builder()).await;
    let request = desk
        .bare(Method::GET, "/api/profiles")
        .header("revision", klaviyo_gen::REVISION);
    let reply = Reply::to(request).await;
    assert_eq!(
        (reply.status, reply.codes(), reply.pointers()),
        (401, vec!["not_authenticated"], vec!["/data/"])
    );
    assert_eq!(reply.header("ratelimit-limit"), None);
    assert_eq!(reply.header("server"), Some("klaviyo-sandbox"));
}

#[tokio::test]
async fn with_a_wrong_key_401() {
    let desk = Desk::open().await;
    let request = desk
        .bare(Method::GET, "/api/profiles")
        .header("revision", klaviyo_gen::REVISION)
        .header("authorization", "Klaviyo-API-Key pk_other");
    let reply = Reply::to(request).await;
    assert_eq!(
        (reply.status, reply.codes(), reply.pointers()),
        (401, vec!["authentication_failed"], vec!["/data/"])
    );
}

#[tokio::test]
async fn as_a_bearer_token_401() {
    // docs: Bearer is for the access tokens of apps.
    let desk = Desk::open().await;
    let request = desk
        .bare(Method::GET, "/api/profiles")
        .header("revision", klaviyo_gen::REVISION)
        .header("authorization", format!("Bearer {}", desk.sandbox.key()));
    let reply = Reply::to(request).await;
    assert_eq!(
        (reply.status, reply.codes()),
        (401, vec!["authentication_failed"])
    );
}

#[tokio::test]
async fn a_request_without_a_key_spends_no_quota() {
    let builder = klaviyo_sandbox::Sandbox::builder()
        .clock(crate::desk::stopped())
        .window_alignment(std::time::Duration::ZERO);
    let desk = Desk::with(builder).await;
    let burst = klaviyo_gen::operations::GET_PROFILES.limits.burst.unwrap();
    for _ in 0..=burst {
        let request = desk
            .bare(Method::GET, "/api/profiles")
            .header("revision", klaviyo_gen::REVISION);
        assert_eq!(Reply::to(request).await.status, 401);
    }
    let reply = desk.get("/api/profiles").await;
    let remaining = (burst - 1).to_string();
    assert_eq!(
        reply.header("ratelimit-remaining"),
        Some(remaining.as_str())
    );
}

#[tokio::test]
async fn a_key_without_the_scope_403() {
    // spec: the scopes of each operation; docs: code and pointer.
    let builder = klaviyo_sandbox::Sandbox::builder().scopes(["profiles:read", "lists:write"]);
    let desk = Desk::with(builder).await;
    assert_eq!(desk.get("/api/profiles").await.status, 200);
    let reply = desk
        .import(&[serde_json::json!({"external_id": "1"})])
        .await;
    assert_eq!(
        (reply.status, reply.codes(), reply.pointers()),
        (403, vec!["forbidden"], vec!["/data"])
    );
}
