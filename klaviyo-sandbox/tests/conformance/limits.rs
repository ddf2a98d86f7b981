//! Rate limits: fixed windows for each operation (docs).

use std::time::Duration;

use klaviyo_gen::operations::{BULK_IMPORT_PROFILES, CREATE_LIST};
use klaviyo_sandbox::Sandbox;
use serde_json::json;

use crate::desk::{Desk, stopped};

const JOBS: &str = "/api/profile-bulk-import-jobs";

async fn desk() -> Desk {
    Desk::with(
        Sandbox::builder()
            .clock(stopped())
            .window_alignment(Duration::ZERO),
    )
    .await
}

#[tokio::test]
async fn an_answer_tells_the_limits() {
    // live: the first figure and Remaining describe the burst window.
    let reply = desk().await.get(JOBS).await;
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.header("ratelimit-limit"),
        Some("10, 10;w=1, 150;w=60")
    );
    assert_eq!(reply.header("ratelimit-remaining"), Some("9"));
    assert_eq!(reply.header("ratelimit-reset"), Some("0"));
    assert_eq!(reply.header("retry-after"), None);
}

#[tokio::test]
async fn a_limit_for_a_day_is_told_with_the_others() {
    // live: create_list, which has one.
    let body = json!({"data": {"type": "list", "attributes": {"name": "News"}}});
    let reply = desk().await.post("/api/lists", body).await;
    assert_eq!(reply.status, 201);
    assert_eq!(
        reply.header("ratelimit-limit"),
        Some("10, 10;w=1, 150;w=60, 150;w=86400")
    );
}

#[tokio::test]
async fn a_minute_and_a_day_have_their_ends_too() {
    // docs: steady over 60 s, daily over 86,400 s.
    let limits = CREATE_LIST.limits;
    let (burst, most) = (limits.burst.unwrap(), limits.daily.unwrap());
    let desk = desk().await;
    let body = json!({"data": {"type": "list", "attributes": {"name": "News"}}});
    for sent in 1..=most {
        assert_eq!(desk.post("/api/lists", &body).await.status, 201);
        if sent % burst == 0 {
            desk.sandbox.clock().advance(Duration::from_secs(1));
        }
    }
    let refused = desk.post("/api/lists", &body).await;
    assert_eq!(refused.status, 429);
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((60..=86_400).contains(&wait), "{wait}");
    desk.sandbox.clock().advance(Duration::from_secs(wait - 1));
    assert_eq!(desk.post("/api/lists", &body).await.status, 429);
    desk.sandbox.clock().advance(Duration::from_secs(1));
    assert_eq!(desk.post("/api/lists", &body).await.status, 201);
}

#[tokio::test]
async fn a_refused_request_says_when_to_come_again() {
    // live: the body, and Retry-After in place of the other headers.
    let desk = desk().await;
    for _ in 0..BULK_IMPORT_PROFILES.limits.burst.unwrap() {
        assert_eq!(
            desk.import(&[json!({"external_id": "1"})]).await.status,
            202
        );
    }
    let reply = desk.import(&[json!({"external_id": "2"})]).await;
    assert_eq!(
        (reply.status, reply.codes(), reply.pointers()),
        (429, vec!["throttled"], vec!["/data"])
    );
    assert_eq!(reply.errors("/title"), ["Request was throttled."]);
    assert_eq!(
        reply.errors("/detail"),
        ["Request was throttled. Expected available in 1 second."]
    );
    assert_eq!(reply.header("retry-after"), Some("1"));
    assert_eq!(reply.header("ratelimit-limit"), None);

    desk.sandbox.clock().advance(Duration::from_secs(1));
    assert_eq!(
        desk.import(&[json!({"external_id": "2"})]).await.status,
        202
    );
    let requests = desk.sandbox.state().requests_to(BULK_IMPORT_PROFILES.id);
    assert_eq!(
        (
            requests.total,
            requests.answered(202),
            requests.answered(429)
        ),
        (12, 11, 1)
    );
}

#[tokio::test]
async fn a_request_that_is_wrong_spends_quota_all_the_same() {
    let desk = desk().await;
    for _ in 0..BULK_IMPORT_PROFILES.limits.burst.unwrap() {
        assert_eq!(desk.import(&[json!({})]).await.status, 400);
    }
    assert_eq!(
        desk.import(&[json!({"external_id": "1"})]).await.status,
        429
    );
}

#[tokio::test]
async fn limits_can_be_off() {
    let desk = Desk::open().await;
    for _ in 0..30 {
        let reply = desk.get(JOBS).await;
        assert_eq!((reply.status, reply.header("ratelimit-limit")), (200, None));
    }
}
