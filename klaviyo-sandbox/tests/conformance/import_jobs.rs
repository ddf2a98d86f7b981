//! The life of a bulk import job, and its errors in pages (spec, live).

use std::time::Duration;

use klaviyo_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::desk::{Desk, Reply, stopped};

async fn look(desk: &Desk, id: &str) -> Reply {
    desk.get(&format!(
        "/api/profile-bulk-import-jobs/{}",
        id.replace('=', "%3D")
    ))
    .await
}

#[tokio::test]
async fn a_cancelled_job_imports_nothing() {
    // spec: both ends are final.
    let desk = Desk::with(
        Sandbox::builder()
            .clock(stopped())
            .limits(false)
            .job_time(Duration::from_secs(4)),
    )
    .await;
    let created = desk.import(&[json!({"external_id": "1"})]).await;
    let id = created.id();
    let path = format!("/_sandbox/jobs/{}/cancel", id.replace('=', "%3D"));
    for status in [204, 404] {
        let reply = Reply::to(desk.bare(reqwest::Method::POST, &path)).await;
        assert_eq!(reply.status, status);
    }
    desk.sandbox.clock().advance(Duration::from_secs(4));
    let job = look(&desk, id).await;
    let attributes = &job.body["data"]["attributes"];
    assert_eq!(
        (&attributes["status"], &attributes["completed_at"]),
        (&json!("cancelled"), &json!(null))
    );
    let state = desk.sandbox.state();
    assert_eq!((state.profiles, state.jobs.cancelled), (0, 1));
    assert!(!desk.sandbox.cancel_job(id));
}

#[tokio::test]
async fn a_job_may_never_end() {
    let mut settings = klaviyo_sandbox::Settings::default();
    for name in [
        "job_time",
        "suppression_lag",
        "access_token_lifetime",
        "window_alignment",
    ] {
        settings.set(name, "1e13").unwrap();
    }
    settings.clock = stopped();
    let desk = Desk::with(klaviyo_sandbox::Builder::from(settings)).await;
    let created = desk.import(&[json!({"external_id": "1"})]).await;
    assert_eq!(created.status, 202);
    let suppressed = json!({"data": {"type": "profile-suppression-bulk-create-job", "attributes": {
        "profiles": {"data": [{"type": "profile", "attributes": {"email": "ada@shop.example"}}]},
    }}});
    let path = "/api/profile-suppression-bulk-create-jobs";
    assert_eq!(desk.post(path, suppressed).await.status, 202);
    let deletion = json!({"data": {"type": "data-privacy-deletion-job", "attributes": {
        "profile": {"data": {"type": "profile", "attributes": {"email": "ada@shop.example"}}},
    }}});
    let path = "/api/data-privacy-deletion-jobs";
    assert_eq!(desk.post(path, deletion).await.status, 202);

    desk.sandbox.clock().advance(Duration::from_secs(500_000));
    let job = look(&desk, created.id()).await;
    assert_eq!(job.body["data"]["attributes"]["status"], "queued");
    assert_eq!(desk.sandbox.state().profiles, 0);
}

#[tokio::test]
async fn a_job_is_queued_then_processing_then_complete() {
    let desk = Desk::with(
        Sandbox::builder()
            .clock(stopped())
            .limits(false)
            .job_time(Duration::from_secs(4)),
    )
    .await;
    let created = desk
        .import(&[json!({"external_id": "1"}), json!({"external_id": "2"})])
        .await;
    assert_eq!(created.status, 202);
    assert_eq!(created.body["data"]["type"], "profile-bulk-import-job");
    assert_eq!(
        created.body["data"]["attributes"],
        json!({
            "status": "queued", "total_count": 2, "completed_count": 0, "failed_count": 0,
            "created_at": "2026-11-22T12:00:00+00:00", "started_at": null, "completed_at": null,
            // live: created + 7 days.
            "expires_at": "2026-11-29T12:00:00+00:00",
        }),
    );
    let id = created.id();
    // live: opaque text of the kind of base64.
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte);
    assert!(id.len() > 20 && id.bytes().all(is_base64), "{id}");
    desk.sandbox.clock().advance(Duration::from_secs(2));
    assert_eq!(
        look(&desk, id).await.body["data"]["attributes"]["status"],
        "processing"
    );
    assert_eq!(desk.sandbox.state().profiles, 0);

    desk.sandbox.clock().advance(Duration::from_secs(2));
    let attributes = &look(&desk, id).await.body["data"]["attributes"];
    assert_eq!(attributes["status"], "complete");
    assert_eq!(
        (&attributes["completed_count"], &attributes["failed_count"]),
        (&json!(2), &json!(0))
    );
    assert_eq!(attributes["started_at"], "2026-11-22T12:00:02+00:00");
    assert_eq!(attributes["completed_at"], "2026-11-22T12:00:04+00:00");
    assert_eq!(desk.sandbox.state().profiles, 2);

    desk.sandbox
        .clock()
        .advance(Duration::from_secs(7 * 86_400));
    assert_eq!(look(&desk, id).await.status, 404);
}

/// Fifty customers who share one phone number: one is imported, forty-nine are not.
async fn with_49_errors(desk: &Desk) -> String {
    let rows: Vec<Value> = (0..50)
        .map(|number| json!({"email": format!("c{number}@shop.example"), "phone_number": "+390110000000"}))
        .collect();
    desk.import(&rows).await.id().to_owned()
}

#[tokio::test]
async fn import_errors_come_in_pages_of_twenty() {
    let desk = Desk::open().await;
    let id = with_49_errors(&desk).await;
    let attributes = &look(&desk, &id).await.body["data"]["attributes"];
    assert_eq!(
        (&attributes["completed_count"], &attributes["failed_count"]),
        (&json!(1), &json!(49))
    );

    let mut path = format!(
        "/api/profile-bulk-import-jobs/{}/import-errors",
        id.replace('=', "%3D")
    );
    let (mut sizes, mut pointers) = (Vec::new(), Vec::new());
    loop {
        let page = desk.get(&path).await;
        let errors = page.body["data"].as_array().unwrap().clone();
        sizes.push(errors.len());
        pointers.extend(
            errors
                .iter()
                .map(|error| error["attributes"]["source"]["pointer"].clone()),
        );
        match page.body["links"]["next"].as_str() {
            Some(next) => path = next.strip_prefix(desk.sandbox.url()).unwrap().to_owned(),
            None => break,
        }
    }
    assert_eq!(sizes, [20, 20, 9]);
    let expected: Vec<String> = (1..50)
        .map(|row| format!("/data/attributes/profiles/data/{row}/attributes/phone_number"))
        .collect();
    assert_eq!(pointers, expected);
}

#[tokio::test]
async fn a_page_takes_up_to_a_hundred_and_an_error_says_what_was_sent() {
    let desk = Desk::open().await;
    let id = with_49_errors(&desk).await;
    let path = format!(
        "/api/profile-bulk-import-jobs/{}/import-errors",
        id.replace('=', "%3D")
    );
    let page = desk.get(&format!("{path}?page[size]=100")).await;
    assert_eq!(
        (
            page.body["data"].as_array().unwrap().len(),
            &page.body["links"]["next"]
        ),
        (49, &Value::Null)
    );
    let error = &page.body["data"][0];
    assert_eq!(
        (&error["type"], &error["attributes"]["code"]),
        (&json!("import-error"), &json!("invalid"))
    );
    assert_eq!(
        error["attributes"]["original_payload"]["attributes"]["email"],
        "c1@shop.example"
    );
    let reply = desk.get(&format!("{path}?page[size]=101")).await;
    assert_eq!(
        (reply.status, reply.errors("/source/parameter")),
        (400, vec!["page[size]"])
    );
}

#[tokio::test]
async fn jobs_are_listed_and_filtered_by_status() {
    let desk = Desk::with(
        Sandbox::builder()
            .clock(stopped())
            .limits(false)
            .job_time(Duration::from_secs(2)),
    )
    .await;
    let first = desk.import(&[json!({"external_id": "1"})]).await;
    desk.sandbox.clock().advance(Duration::from_secs(2));
    let second = desk.import(&[json!({"external_id": "2"})]).await;
    for (query, expected) in [
        ("", vec![first.id(), second.id()]),
        ("?sort=-created_at", vec![second.id(), first.id()]),
        (r#"?filter=equals(status,"complete")"#, vec![first.id()]),
        (
            r#"?filter=any(status,["queued","processing"])"#,
            vec![second.id()],
        ),
    ] {
        let reply = desk
            .get(&format!("/api/profile-bulk-import-jobs{query}"))
            .await;
        let ids: Vec<&str> = reply.body["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|job| job["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids, expected, "{query}");
    }
}

#[tokio::test]
async fn a_job_leads_to_its_profiles_and_lists() {
    let desk = Desk::open().await;
    let list = desk.sandbox.create_list("Newsletter");
    let mut body = crate::desk::import_body(&[json!({"external_id": "1"})]);
    body["data"]["relationships"] = json!({"lists": {"data": [{"type": "list", "id": list}]}});
    let job = desk.post("/api/profile-bulk-import-jobs", body).await;
    let path = format!(
        "/api/profile-bulk-import-jobs/{}",
        job.id().replace('=', "%3D")
    );

    let reply = desk.get(&format!("{path}?include=lists")).await;
    assert_eq!(
        reply.body["included"][0]["attributes"]["name"],
        "Newsletter"
    );
    let reply = desk.get(&format!("{path}/profiles")).await;
    assert_eq!(reply.body["data"][0]["attributes"]["external_id"], "1");
    let reply = desk.get(&format!("{path}/relationships/profiles")).await;
    assert_eq!(reply.body["data"][0]["type"], "profile");
    let reply = desk.get(&format!("{path}/lists")).await;
    assert_eq!(reply.body["data"][0]["id"], list.as_str());
    let reply = desk.get(&format!("{path}/relationships/lists")).await;
    assert_eq!(reply.body["data"], json!([{"type": "list", "id": list}]));
}

#[tokio::test]
async fn an_unknown_job_404() {
    let desk = Desk::open().await;
    let reply = look(&desk, "bm90aGluZw==").await;
    assert_eq!((reply.status, reply.codes()), (404, vec!["not_found"]));
}
