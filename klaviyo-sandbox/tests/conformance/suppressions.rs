//! Suppressing in bulk and the opposite.

use std::time::Duration;

use klaviyo_sandbox::{Channel, ConsentState, Identifier, Sandbox, SuppressionReason};
use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, Reply, stopped};

const SUPPRESS: &str = "profile-suppression-bulk-create-job";
const UNSUPPRESS: &str = "profile-suppression-bulk-delete-job";

fn profiles(emails: &[&str]) -> Value {
    let data: Vec<Value> = emails
        .iter()
        .map(|email| json!({"type": "profile", "attributes": {"email": email}}))
        .collect();
    json!({"data": data})
}

async fn start(desk: &Desk, kind: &str, attributes: Value, relationships: Value) -> Reply {
    let mut body = json!({"data": {"type": kind, "attributes": attributes}});
    if !relationships.is_null() {
        body["data"]["relationships"] = relationships;
    }
    desk.post(&format!("/api/{kind}s"), body).await
}

pub(crate) async fn start_for(desk: &Desk, kind: &str, emails: &[&str]) -> Reply {
    start(
        desk,
        kind,
        json!({"profiles": profiles(emails)}),
        Value::Null,
    )
    .await
}

async fn counts(desk: &Desk, kind: &str, id: &str) -> Value {
    let body = desk
        .get(&format!("/api/{kind}s/{}", encoded(id)))
        .await
        .body;
    let attributes = &body["data"]["attributes"];
    json!([
        attributes["status"],
        attributes["total_count"],
        attributes["completed_count"],
        attributes["skipped_count"],
    ])
}

/// A job's id ends in `=`.
fn encoded(id: &str) -> String {
    id.replace('=', "%3D")
}

fn is_suppressed(desk: &Desk, email: &str) -> bool {
    let profile = desk.sandbox.profile(Identifier::Email, email).unwrap();
    !profile.suppressions().is_empty()
}

#[tokio::test]
async fn addresses_are_suppressed_and_unknown_ones_created() {
    // docs. That whoever is suppressed already counts as skipped is chosen.
    let desk = Desk::open().await;
    desk.customers(&["ada@shop.example"]).await;
    let job = start_for(&desk, SUPPRESS, &["ada@shop.example", "new@shop.example"]).await;
    assert_eq!(job.status, 202);
    assert_eq!(
        counts(&desk, SUPPRESS, job.id()).await,
        json!(["complete", 2, 2, 0])
    );
    assert!(is_suppressed(&desk, "ada@shop.example") && is_suppressed(&desk, "new@shop.example"));
    let again = start_for(&desk, SUPPRESS, &["ada@shop.example", "bob@shop.example"]).await;
    assert_eq!(
        counts(&desk, SUPPRESS, again.id()).await,
        json!(["complete", 2, 1, 1])
    );
    let jobs = desk.sandbox.state().suppression_jobs;
    assert_eq!(
        (jobs.complete, jobs.completed_rows, jobs.failed_rows),
        (2, 3, 1)
    );
    // docs: suppression leaves consent as it is.
    let ada = desk
        .sandbox
        .profile(Identifier::Email, "ada@shop.example")
        .unwrap();
    assert_eq!(
        ada.consent(Channel::EmailMarketing),
        ConsentState::NeverSubscribed
    );
}

#[tokio::test]
async fn only_what_the_owner_suppressed_is_unsuppressed() {
    // docs. Whoever is not suppressed by the owner, and whoever is unknown, is skipped: chosen.
    let desk = Desk::open().await;
    let leave = json!({"data": {"type": "profile-subscription-bulk-delete-job", "attributes": {"profiles": {"data": [
        {"type": "profile", "attributes": {"email": "left@shop.example", "subscriptions": {"email": {"marketing": {"consent": "UNSUBSCRIBED"}}}}},
    ]}}}});
    desk.post("/api/profile-subscription-bulk-delete-jobs", leave)
        .await;
    start_for(&desk, SUPPRESS, &["ada@shop.example"]).await;
    let all = [
        "ada@shop.example",
        "left@shop.example",
        "unknown@shop.example",
    ];
    let job = start_for(&desk, UNSUPPRESS, &all).await;
    assert_eq!(
        counts(&desk, UNSUPPRESS, job.id()).await,
        json!(["complete", 3, 1, 2])
    );
    assert!(!is_suppressed(&desk, "ada@shop.example"));
    assert!(is_suppressed(&desk, "left@shop.example"));
    assert_eq!(desk.sandbox.state().profiles, 2);
}

#[tokio::test]
async fn nothing_but_a_better_address_ends_a_bounce() {
    // docs: a subscription ends a complaint, and no request ends a bounce.
    let desk = Desk::open().await;
    let bounce = json!({"email": "ada@shop.example", "reason": "HARD_BOUNCE"});
    let request = desk
        .bare(Method::POST, "/_sandbox/suppressions")
        .header("content-type", "application/json");
    assert_eq!(
        Reply::to(request.body(bounce.to_string())).await.status,
        201
    );
    desk.sandbox
        .suppress("ada@shop.example", SuppressionReason::SpamComplaint);
    let row = json!({"email": "ada@shop.example", "subscriptions": {"email": {"marketing": {
        "consent": "SUBSCRIBED", "consented_at": "2025-03-01T10:00:00Z",
    }}}});
    let subscribe = json!({"data": {"type": "profile-subscription-bulk-create-job", "attributes": {
        "historical_import": true, "profiles": {"data": [{"type": "profile", "attributes": row}]},
    }}});
    desk.post("/api/profile-subscription-bulk-create-jobs", subscribe)
        .await;
    start_for(&desk, UNSUPPRESS, &["ada@shop.example"]).await;
    let ada = desk
        .sandbox
        .profile(Identifier::Email, "ada@shop.example")
        .unwrap();
    let reasons: Vec<_> = ada.suppressions().iter().map(|one| one.reason).collect();
    assert_eq!(reasons, [SuppressionReason::HardBounce]);
    assert_eq!(
        ada.consent(Channel::EmailMarketing),
        ConsentState::Subscribed
    );
    let shown = desk.subscriptions(&ada.id).await;
    assert_eq!(
        shown["email"]["marketing"]["can_receive_email_marketing"],
        false
    );
}

#[tokio::test]
async fn whoever_is_on_a_list_or_in_a_segment_is_suppressed() {
    // docs; who has no address is skipped: chosen.
    let desk = Desk::open().await;
    desk.import(&[
        json!({"email": "ada@shop.example"}),
        json!({"external_id": "7"}),
    ])
    .await;
    let ids: Vec<String> = desk
        .sandbox
        .profiles()
        .into_iter()
        .map(|one| one.id)
        .collect();
    let list = desk.sandbox.create_list("Old");
    let linkage: Vec<Value> = ids
        .iter()
        .map(|id| json!({"type": "profile", "id": id}))
        .collect();
    desk.post(
        &format!("/api/lists/{list}/relationships/profiles"),
        json!({"data": linkage}),
    )
    .await;
    let segment = desk.sandbox.create_segment("Gone");
    desk.sandbox
        .set_segment_members(&segment, ids.iter().map(String::as_str));

    let of_list = json!({"list": {"data": {"type": "list", "id": list}}});
    let job = start(&desk, SUPPRESS, json!({}), of_list).await;
    assert_eq!(
        counts(&desk, SUPPRESS, job.id()).await,
        json!(["complete", 2, 1, 1])
    );
    assert!(is_suppressed(&desk, "ada@shop.example"));
    let of_segment = json!({"segment": {"data": {"type": "segment", "id": segment}}});
    let job = start(&desk, UNSUPPRESS, json!({}), of_segment).await;
    assert_eq!(
        counts(&desk, UNSUPPRESS, job.id()).await,
        json!(["complete", 2, 1, 1])
    );

    for (kind, query, found) in [
        (SUPPRESS, format!(r#"equals(list_id,"{list}")"#), 1),
        (SUPPRESS, format!(r#"equals(segment_id,"{segment}")"#), 0),
        (
            UNSUPPRESS,
            format!(r#"equals(segment_id,"{segment}"),equals(status,"complete")"#),
            1,
        ),
    ] {
        let jobs = desk
            .get(&format!("/api/{kind}s?filter={query}&sort=-created"))
            .await
            .body;
        assert_eq!(jobs["data"].as_array().unwrap().len(), found, "{query}");
    }
}

#[tokio::test]
async fn it_takes_profiles_or_a_list_or_a_segment() {
    // docs: never two of them, 100 addresses at most.
    let desk = Desk::open().await;
    let list = desk.sandbox.create_list("L");
    let of_list = json!({"list": {"data": {"type": "list", "id": list}}});
    let some = json!({"profiles": profiles(&["ada@shop.example"])});
    for (attributes, relationships) in [
        (some, of_list),
        (json!({}), json!({})),
        (
            json!({}),
            json!({"list": {"data": {"type": "list", "id": "NoList"}}}),
        ),
        (
            json!({}),
            json!({"segment": {"data": {"type": "segment", "id": "NoSegm"}}}),
        ),
    ] {
        let reply = start(&desk, SUPPRESS, attributes, relationships).await;
        assert_eq!((reply.status, reply.pointers()), (400, vec!["/data"]));
    }
    let emails: Vec<String> = (0..101).map(|n| format!("c{n}@shop.example")).collect();
    let emails: Vec<&str> = emails.iter().map(String::as_str).collect();
    assert_eq!(start_for(&desk, SUPPRESS, &emails[..100]).await.status, 202);
    assert_eq!(start_for(&desk, SUPPRESS, &emails).await.status, 400);
    let unknown = desk.get(&format!("/api/{UNSUPPRESS}s/nothing")).await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn a_job_may_show_processing_long_after_its_effect() {
    // live: for hours. A suppression shows `processing` from the beginning, too.
    let clock = stopped();
    let desk = Desk::with(
        Sandbox::builder()
            .limits(false)
            .clock(clock.clone())
            .suppression_lag(Duration::from_secs(3600)),
    )
    .await;
    let job = start_for(&desk, SUPPRESS, &["ada@shop.example"]).await;
    assert_eq!(job.body["data"]["attributes"]["status"], "processing");
    let opposite = start_for(&desk, UNSUPPRESS, &["bob@shop.example"]).await;
    assert_eq!(opposite.body["data"]["attributes"]["status"], "queued");
    clock.advance(Duration::from_secs(1));
    assert!(is_suppressed(&desk, "ada@shop.example"));
    assert_eq!(
        counts(&desk, SUPPRESS, job.id()).await,
        json!(["processing", 1, 1, 0])
    );
    clock.advance(Duration::from_secs(3600));
    assert_eq!(
        counts(&desk, SUPPRESS, job.id()).await,
        json!(["complete", 1, 1, 0])
    );
}

#[tokio::test]
async fn suppressed_profiles_are_found() {
    // spec: filters and sorting of get_profiles.
    let clock = stopped();
    let desk = Desk::with(
        Sandbox::builder()
            .limits(false)
            .job_time(Duration::ZERO)
            .clock(clock.clone()),
    )
    .await;
    for email in ["ada@shop.example", "bob@shop.example"] {
        start_for(&desk, SUPPRESS, &[email]).await;
        clock.advance(Duration::from_secs(60));
    }
    desk.customers(&["eve@shop.example"]).await;
    let prefix = "subscriptions.email.marketing.suppression";
    for (query, expected) in [
        (
            format!(r#"filter=equals({prefix}.reason,"USER_SUPPRESSED")"#),
            vec!["ada", "bob"],
        ),
        (
            format!(r#"filter=equals({prefix}.reason,"UNSUBSCRIBE")"#),
            vec![],
        ),
        (
            format!("filter=greater-than({prefix}.timestamp,2026-11-22T12:00:30Z)"),
            vec!["bob"],
        ),
        (
            format!("sort=-{prefix}.timestamp"),
            vec!["bob", "ada", "eve"],
        ),
    ] {
        let body = desk.get(&format!("/api/profiles?{query}")).await.body;
        let found: Vec<&str> = body["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["attributes"]["email"].as_str().unwrap())
            .map(|email| email.split('@').next().unwrap())
            .collect();
        assert_eq!(found, expected, "{query}");
    }
}
