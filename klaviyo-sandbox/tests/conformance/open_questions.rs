//! What nobody could verify: each question is a setting, and this is what each answer does.
//!
//! Those about single areas stand with them: `bulk_events` (`repeated_event`, `known_event`),
//! `bulk_import` (`taken_phone_number`), `bulk_jobs` (`job_error_pointer`), `subscriptions`
//! (`confirmation`), `suppressions` (`suppression_lag`), `oauth` (`on_refresh`).

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use klaviyo_gen::FIELD_LIMITS;
use klaviyo_gen::operations::{BULK_IMPORT_PROFILES, GET_LISTS, GET_PROFILES};
use klaviyo_sandbox::{Builder, OnCompressedBody, OnOversizedBody, Sandbox, UnauthorizedCode};
use reqwest::{Method, Response};
use serde_json::json;

use crate::desk::{Desk, JSON_API, Reply, import_body, stopped};

fn quiet() -> Builder {
    Sandbox::builder().limits(false).job_time(Duration::ZERO)
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Sends a bulk import that says that it is encoded like this.
async fn import(desk: &Desk, encoding: &str, body: Vec<u8>) -> Reply {
    let request = desk.request(Method::POST, BULK_IMPORT_PROFILES.path);
    let request = request.header("content-type", JSON_API);
    Reply::to(request.header("content-encoding", encoding).body(body)).await
}

#[tokio::test]
async fn compressed_bodies_are_refused() {
    let desk = Desk::with(quiet()).await;
    let body = import_body(&[json!({"external_id": "1"})]).to_string();
    let reply = import(&desk, "gzip", gzip(&body)).await;
    assert_eq!(
        (reply.status, reply.codes(), reply.pointers()),
        (415, vec!["unsupported_media_type"], vec!["/data"])
    );
    assert_eq!(import(&desk, "identity", body.into()).await.status, 202);
}

#[tokio::test]
async fn compressed_bodies_are_taken() {
    let desk = Desk::with(quiet().compressed_body(OnCompressedBody::Take)).await;
    let body = import_body(&[json!({"external_id": "1"})]).to_string();
    assert_eq!(import(&desk, "gzip", gzip(&body)).await.status, 202);
    assert_eq!(desk.sandbox.state().profiles, 1);
    assert_eq!(import(&desk, "zstd", body.clone().into()).await.status, 415);
    let garbled = import(&desk, "gzip", body.into()).await;
    assert_eq!((garbled.status, garbled.pointers()), (400, vec!["/data"]));
    // docs: the cap is measured decompressed.
    let most = BULK_IMPORT_PROFILES.caps.unwrap().max_request_bytes as usize;
    let over = gzip(&" ".repeat(most + 1));
    assert!(over.len() < most);
    assert_eq!(import(&desk, "gzip", over).await.status, 413);
}

#[tokio::test]
async fn a_sink_counts_what_is_compressed() {
    let builder = quiet().sink(true);
    let desk = Desk::with(builder.compressed_body(OnCompressedBody::Take)).await;
    let rows: Vec<_> = (0..3)
        .map(|row| json!({"title": row.to_string()}))
        .collect();
    let body = import_body(&rows).to_string();
    assert_eq!(import(&desk, "gzip", gzip(&body)).await.status, 202);
    let requests = desk.sandbox.state().requests_to(BULK_IMPORT_PROFILES.id);
    assert_eq!((requests.rows, requests.bytes), (3, body.len() as u64));
}

async fn oversized(body: OnOversizedBody) -> Response {
    let desk = Desk::with(quiet().oversized_body(body)).await;
    let most = BULK_IMPORT_PROFILES.caps.unwrap().max_request_bytes as usize;
    let request = desk.request(Method::POST, BULK_IMPORT_PROFILES.path);
    let request = request.header("content-type", JSON_API);
    let answer = request.body(" ".repeat(most + 1)).send().await.unwrap();
    assert_eq!(answer.status(), 413);
    let requests = desk.sandbox.state().requests_to(BULK_IMPORT_PROFILES.id);
    assert_eq!(requests.answered(413), 1);
    answer
}

#[tokio::test]
async fn an_oversized_body_gets_an_error_or_a_page_or_nothing() {
    let kind = |answer: &Response| answer.headers().get("content-type").cloned();
    let answer = oversized(OnOversizedBody::JsonApi).await;
    assert_eq!(kind(&answer).unwrap(), JSON_API);
    let text = answer.text().await.unwrap();
    assert!(text.contains(r#""code":"payload_too_large""#), "{text}");

    let answer = oversized(OnOversizedBody::Html).await;
    assert_eq!(kind(&answer).unwrap(), "text/html; charset=utf-8");
    assert!(answer.text().await.unwrap().contains("<html>"));

    let answer = oversized(OnOversizedBody::Empty).await;
    assert_eq!(kind(&answer), None);
    assert_eq!(answer.text().await.unwrap(), "");
}

#[tokio::test]
async fn any_takes_so_many_values() {
    let three = r#"/api/profiles?filter=any(external_id,["1","2","3"])"#;
    assert_eq!(Desk::with(quiet()).await.get(three).await.status, 200);
    let desk = Desk::with(quiet().filter_any_values(3)).await;
    assert_eq!(desk.get(three).await.status, 200);
    let desk = Desk::with(quiet().filter_any_values(2)).await;
    let reply = desk.get(three).await;
    assert_eq!(
        (
            reply.status,
            reply.codes(),
            reply.errors("/source/parameter")
        ),
        (400, vec!["invalid"], vec!["filter"])
    );
}

#[tokio::test]
async fn a_401_has_the_code_that_was_chosen() {
    for (code, missing, wrong) in [
        (
            UnauthorizedCode::ByCause,
            "not_authenticated",
            "authentication_failed",
        ),
        (
            UnauthorizedCode::AuthenticationFailed,
            "authentication_failed",
            "authentication_failed",
        ),
        (
            UnauthorizedCode::NotAuthenticated,
            "not_authenticated",
            "not_authenticated",
        ),
    ] {
        let desk = Desk::with(quiet().unauthorized_code(code)).await;
        let get = || {
            let get = desk.bare(Method::GET, "/api/profiles");
            get.header("revision", klaviyo_gen::REVISION)
        };
        let without = Reply::to(get()).await;
        let other = get().header("authorization", "Klaviyo-API-Key pk_other");
        let other = Reply::to(other).await;
        assert_eq!((without.status, other.status), (401, 401));
        assert_eq!(
            (without.codes(), other.codes()),
            (vec![missing], vec![wrong])
        );
    }
}

fn limited() -> Builder {
    Sandbox::builder().clock(stopped())
}

/// How many requests in a row are let in, `asked` at most.
async fn let_in(desk: &Desk, path: &str, asked: u32) -> u32 {
    for sent in 0..asked {
        let reply = desk.get(path).await;
        if reply.status == 429 {
            return sent;
        }
        assert_eq!(reply.status, 200);
    }
    asked
}

#[tokio::test]
async fn windows_begin_where_they_are_shifted_to() {
    let burst = GET_LISTS.limits.burst.unwrap();
    let builder = limited().window_alignment(Duration::from_millis(250));
    let desk = Desk::with(builder).await;
    assert_eq!(let_in(&desk, "/api/lists", burst + 1).await, burst);
    desk.sandbox.clock().advance(Duration::from_millis(249));
    assert_eq!(desk.get("/api/lists").await.status, 429);
    desk.sandbox.clock().advance(Duration::from_millis(1));
    assert_eq!(desk.get("/api/lists").await.status, 200);
}

#[tokio::test]
async fn requests_that_are_refused_count_or_do_not() {
    // docs: a request that follows a 429 at once is always refused.
    let limits = GET_LISTS.limits;
    let (burst, steady) = (limits.burst.unwrap(), limits.steady.unwrap());
    for (count, status) in [(false, 200), (true, 429)] {
        let builder = limited().window_alignment(Duration::ZERO);
        let desk = Desk::with(builder.refused_requests_count(count)).await;
        assert_eq!(let_in(&desk, "/api/lists", burst).await, burst);
        for _ in burst..steady {
            assert_eq!(desk.get("/api/lists").await.status, 429);
        }
        desk.sandbox.clock().advance(Duration::from_secs(1));
        assert_eq!(desk.get("/api/lists").await.status, status);
    }
}

#[tokio::test]
async fn predictive_analytics_spend_a_limit_of_their_own() {
    // docs: 10 a second, 150 a minute. chosen: one for all operations; a setting turns it off.
    let path = "/api/profiles?additional-fields[profile]=predictive_analytics";
    let most = FIELD_LIMITS.predictions_burst;
    let burst = GET_PROFILES.limits.burst.unwrap();
    for (on, in_a_second) in [(true, most), (false, burst)] {
        let builder = limited().window_alignment(Duration::ZERO);
        let desk = Desk::with(builder.predictive_analytics_limits(on)).await;
        assert_eq!(let_in(&desk, path, burst + 1).await, in_a_second);
        let others = let_in(&desk, "/api/profiles", burst + 1).await;
        assert_eq!(others, burst - in_a_second);
    }
}
