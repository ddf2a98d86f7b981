//! What goes wrong on request, as a client sees it.

use std::time::Duration;

use klaviyo_gen::operations::{BULK_CREATE_EVENTS, BULK_IMPORT_PROFILES};
use klaviyo_sandbox::{Fault, FaultKind};
use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, JSON_API, Reply, events_body, group, import_body, order};

/// Sends one row into a fault; what comes back is an answer or no answer.
async fn import_into(desk: &Desk, kind: FaultKind) -> Result<reqwest::Response, reqwest::Error> {
    let fault = Fault::new(kind).on(BULK_IMPORT_PROFILES.id).times(1);
    desk.sandbox.inject(fault).unwrap();
    desk.request(Method::POST, BULK_IMPORT_PROFILES.path)
        .header("content-type", JSON_API)
        .body(import_body(&[json!({"external_id": "1"})]).to_string())
        .send()
        .await
}

/// Sends one event into a fault; the answer to it has no body.
fn event_into(desk: &Desk, kind: FaultKind) -> reqwest::RequestBuilder {
    let name = format!("{kind:?}");
    let fault = Fault::new(kind).on(BULK_CREATE_EVENTS.id).times(1);
    desk.sandbox.inject(fault).unwrap();
    let events = [order(Some(&name), "2026-11-20T12:00:00Z", 1.0)];
    let body = events_body(&[group(&json!({"external_id": "1"}), &events)]);
    desk.request(Method::POST, BULK_CREATE_EVENTS.path)
        .header("content-type", JSON_API)
        .body(body.to_string())
}

#[tokio::test]
async fn errors_of_the_server_are_json_api() {
    let desk = Desk::open().await;
    for status in [500, 503] {
        let response = import_into(&desk, FaultKind::ServerError { status })
            .await
            .unwrap();
        assert_eq!(response.status().as_u16(), status);
        let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert_eq!(body["errors"][0]["code"], "error");
    }
    assert_eq!(desk.sandbox.state().profiles, 0);
}

#[tokio::test]
async fn errors_of_a_gateway_are_html_or_empty() {
    // live: a challenge page comes as 403; 503, 504 and 524 may be empty or HTML.
    let desk = Desk::open().await;
    for (status, empty) in [(403, false), (524, false), (504, true)] {
        let response = import_into(&desk, FaultKind::GatewayError { status, empty })
            .await
            .unwrap();
        assert_eq!(response.status().as_u16(), status);
        let text = response.text().await.unwrap();
        assert_eq!((text.contains("<html>"), text.is_empty()), (!empty, empty));
    }
}

#[tokio::test]
async fn a_throttle_says_seconds_or_a_date() {
    let desk = Desk::with(klaviyo_sandbox::Sandbox::builder().clock(crate::desk::stopped())).await;
    let header = |response: &reqwest::Response| {
        response.headers()["retry-after"]
            .to_str()
            .unwrap()
            .to_owned()
    };
    let response = import_into(
        &desk,
        FaultKind::Throttle {
            seconds: Some(30),
            as_date: false,
        },
    )
    .await
    .unwrap();
    assert_eq!(
        (response.status().as_u16(), header(&response).as_str()),
        (429, "30")
    );
    assert!(!response.headers().contains_key("ratelimit-limit"));
    let response = import_into(
        &desk,
        FaultKind::Throttle {
            seconds: Some(30),
            as_date: true,
        },
    )
    .await
    .unwrap();
    assert_eq!(header(&response), "Sun, 22 Nov 2026 12:00:30 GMT");
}

#[tokio::test]
async fn a_throttle_without_seconds_says_nothing_of_when() {
    let desk = Desk::open().await;
    let post = desk
        .bare(Method::POST, "/_sandbox/faults")
        .header("content-type", "application/json")
        .body(json!({"kind": "throttle", "times": 1}).to_string());
    assert_eq!(Reply::to(post).await.status, 201);
    let refused = desk.request(Method::GET, "/api/profiles");
    let refused = refused.send().await.unwrap();
    assert_eq!(refused.status(), 429);
    for header in ["retry-after", "ratelimit-limit", "ratelimit-remaining"] {
        assert!(!refused.headers().contains_key(header), "{header}");
    }
    let text = refused.text().await.unwrap();
    assert!(!text.contains("available"), "{text}");
}

#[tokio::test]
async fn a_reset_leaves_nothing_done() {
    let desk = Desk::open().await;
    for kind in [
        FaultKind::ResetBeforeReading,
        FaultKind::ResetWhileReading,
        FaultKind::ResetAfterReading,
    ] {
        let error = import_into(&desk, kind.clone())
            .await
            .expect_err("no answer");
        assert!(!error.is_timeout(), "{kind:?}: {error}");
    }
    let state = desk.sandbox.state();
    assert_eq!(
        (
            state.profiles,
            state.requests_to(BULK_IMPORT_PROFILES.id).answered(0)
        ),
        (0, 3)
    );
}

#[tokio::test]
async fn a_lost_answer_leaves_the_work_done() {
    let desk = Desk::open().await;
    assert!(import_into(&desk, FaultKind::AppliedButLost).await.is_err());
    let state = desk.sandbox.state();
    assert_eq!(
        (
            state.profiles,
            state.requests_to(BULK_IMPORT_PROFILES.id).rows
        ),
        (1, 1)
    );
    // The fault was for one request only.
    assert_eq!(
        desk.import(&[json!({"external_id": "2"})]).await.status,
        202
    );
}

#[tokio::test]
async fn a_refused_request_leaves_the_fault_to_the_next() {
    let desk = Desk::open().await;
    let lost = Fault::new(FaultKind::AppliedButLost).times(1);
    desk.sandbox.inject(lost).unwrap();
    let refused = desk.import(&[json!({"title": "nobody"})]).await;
    assert_eq!(refused.status, 400);
    let struck = async || {
        let faults = Reply::to(desk.bare(Method::GET, "/_sandbox/faults")).await;
        faults.body[0]["struck"].clone()
    };
    assert_eq!(struck().await, 0);

    let body = import_body(&[json!({"external_id": "1"})]).to_string();
    let request = desk.request(Method::POST, BULK_IMPORT_PROFILES.path);
    let request = request.header("content-type", JSON_API).body(body);
    assert!(request.send().await.is_err());
    assert_eq!(struck().await, 1);
}

#[tokio::test]
async fn a_fault_that_can_never_strike_400() {
    let desk = Desk::open().await;
    let lost = |field: &str, value: Value| json!({"kind": "applied_but_lost", field: value});
    for fault in [
        lost("operation", json!("bulk_import_profile")),
        lost("operations", json!("get_profiles")),
        lost("chance", json!(-5)),
        lost("after", json!(-1)),
        json!({"kind": "server_error", "status": 200}),
        json!({"kind": "server_error"}),
        json!({"kind": "gateway_error", "status": 101}),
        json!({"kind": "throttle", "seconds": u64::MAX, "as_date": true}),
        json!({"kind": "bad_weather"}),
    ] {
        let post = desk.bare(Method::POST, "/_sandbox/faults");
        let post = post.header("content-type", "application/json");
        let answer = Reply::to(post.body(fault.to_string())).await;
        assert_eq!(
            (answer.status, answer.codes()),
            (400, vec!["invalid"]),
            "{fault}"
        );
    }
    let faults = Reply::to(desk.bare(Method::GET, "/_sandbox/faults")).await;
    assert_eq!(faults.body, json!([]));
}

#[tokio::test]
async fn the_error_names_the_field_and_those_that_there_are() {
    let desk = Desk::open().await;
    let fault = json!({"kind": "latency", "milis": 5}).to_string();
    // The media type is what `curl -d` says of any body.
    let post = desk.bare(Method::POST, "/_sandbox/faults");
    let post = post.header("content-type", "application/x-www-form-urlencoded");
    let reply = Reply::to(post.body(fault)).await;
    assert_eq!((reply.status, reply.pointers()), (400, vec!["/milis"]));
    let known = &reply.body["errors"][0]["meta"]["known"];
    assert_eq!(
        known,
        &json!(["kind", "millis", "operation", "after", "times", "chance"])
    );
    let post = desk
        .bare(Method::POST, "/_sandbox/faults")
        .body("kind=latency");
    assert_eq!(Reply::to(post).await.status, 400);
    let fault = r#"{"kind": "latency", "millis": 5}"#;
    let post = desk.bare(Method::POST, "/_sandbox/faults").body(fault);
    assert_eq!(Reply::to(post).await.status, 201);
}

#[tokio::test]
async fn a_truncated_answer_breaks_off_after_its_head() {
    let desk = Desk::open().await;
    let response = import_into(&desk, FaultKind::TruncatedAnswer)
        .await
        .unwrap();
    assert_eq!(response.status().as_u16(), 202);
    assert!(response.text().await.is_err());
    assert_eq!(desk.sandbox.state().profiles, 1);
}

#[tokio::test]
async fn a_never_ending_answer_begins() {
    let desk = Desk::open().await;
    let mut response = import_into(&desk, FaultKind::NeverEndingAnswer)
        .await
        .unwrap();
    let length: usize = response.headers()["content-length"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    let first = response.chunk().await.unwrap().unwrap();
    assert!(first.len() < length);
    // Stopping the sandbox does not wait for it.
    desk.sandbox.stop().await;
    assert!(response.chunk().await.is_err());
}

#[tokio::test]
async fn latency_changes_nothing_else() {
    let desk = Desk::open().await;
    let response = import_into(&desk, FaultKind::Latency { millis: 1 })
        .await
        .unwrap();
    assert_eq!(response.status().as_u16(), 202);
    assert_eq!(desk.sandbox.state().profiles, 1);
}

#[tokio::test]
async fn faults_are_asked_for_over_http_too() {
    let desk = Desk::open().await;
    let fault = json!({"kind": "server_error", "status": 500, "operation": "get_profiles", "after": 1, "times": 1});
    let post = desk
        .bare(Method::POST, "/_sandbox/faults")
        .header("content-type", "application/json")
        .body(fault.to_string());
    assert_eq!(Reply::to(post).await.status, 201);
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(desk.get("/api/profiles").await.status);
    }
    assert_eq!(statuses, [200, 500, 200]);
    let faults = Reply::to(desk.bare(Method::GET, "/_sandbox/faults"))
        .await
        .body;
    assert_eq!(
        (&faults[0]["kind"], &faults[0]["struck"]),
        (&json!("server_error"), &json!(1))
    );
    assert_eq!(
        Reply::to(desk.bare(Method::DELETE, "/_sandbox/faults"))
            .await
            .status,
        204
    );
    assert_eq!(
        Reply::to(desk.bare(Method::GET, "/_sandbox/faults"))
            .await
            .body,
        json!([])
    );
}

#[tokio::test]
async fn an_answer_without_a_body_is_refused_as_any_other() {
    let desk = Desk::open().await;
    for (kind, status) in [
        (FaultKind::ServerError { status: 500 }, 500),
        (
            FaultKind::GatewayError {
                status: 504,
                empty: true,
            },
            504,
        ),
        (
            FaultKind::Throttle {
                seconds: Some(1),
                as_date: false,
            },
            429,
        ),
    ] {
        assert_eq!(Reply::to(event_into(&desk, kind)).await.status, status);
    }
    assert_eq!(desk.sandbox.state().events, 0);
    let late = event_into(&desk, FaultKind::Latency { millis: 1 });
    assert_eq!(Reply::to(late).await.status, 202);
    assert_eq!(desk.sandbox.state().events, 1);
}

#[tokio::test]
async fn an_answer_without_a_body_is_cut_or_breaks_off_in_its_head() {
    let desk = Desk::open().await;
    for (kind, applied) in [
        (FaultKind::ResetBeforeReading, 0),
        (FaultKind::ResetWhileReading, 0),
        (FaultKind::ResetAfterReading, 0),
        (FaultKind::AppliedButLost, 1),
        (FaultKind::TruncatedAnswer, 2),
    ] {
        let error = event_into(&desk, kind.clone()).send().await;
        let error = error.expect_err("no answer");
        assert!(!error.is_timeout(), "{kind:?}: {error}");
        assert_eq!(desk.sandbox.state().events, applied, "{kind:?}");
    }
}

#[tokio::test]
async fn a_never_ending_answer_without_a_body_never_comes() {
    let desk = Desk::open().await;
    let waiting = event_into(&desk, FaultKind::NeverEndingAnswer);
    let answer = waiting.timeout(Duration::from_millis(200)).send().await;
    assert!(answer.expect_err("no answer").is_timeout());
    assert_eq!(desk.sandbox.state().events, 1);
    let counted = desk.sandbox.state();
    assert_eq!(counted.requests_to(BULK_CREATE_EVENTS.id).answered(202), 1);
    let next = Reply::to(event_into(&desk, FaultKind::Latency { millis: 0 })).await;
    assert_eq!(next.status, 202);
}

#[tokio::test]
async fn who_hangs_up_is_counted_all_the_same() {
    let desk = Desk::open().await;
    let late = FaultKind::Latency { millis: 50 };
    let mut asks = Box::pin(event_into(&desk, late.clone()).send());
    while desk.sandbox.struck(&late) == 0 {
        assert!(futures::poll!(&mut asks).is_pending());
        tokio::task::yield_now().await;
    }
    drop(asks);
    let counted = async {
        while desk
            .sandbox
            .state()
            .requests_to(BULK_CREATE_EVENTS.id)
            .total
            == 0
        {
            tokio::task::yield_now().await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(20), counted).await;
    assert!(in_time.is_ok(), "it was forgotten");
}
