//! What the ends of a request's items are, by what the operation table says of its operation.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use klaviyo_gen::operations::{
    ADD_PROFILES_TO_LIST, BULK_CREATE_CATALOG_ITEMS, BULK_CREATE_COUPON_CODES,
    BULK_CREATE_DATA_SOURCE_RECORDS, BULK_DELETE_OBJECT_RECORDS, BULK_IMPORT_PROFILES,
    BULK_SUPPRESS_PROFILES,
};
use klaviyo_gen::{Method, Operation};
use serde_json::{Value, json};

use super::{failures, profiles};
use crate::bulk::Prepared;
use crate::chunk::{Caps, Chunker, Envelope};
use crate::clock::{Clock, FakeClock, Moment};
use crate::encode::{Encoder, RowOptions, Rows};
use crate::options::RunOptions;
use crate::outcome::Outcome;
use crate::report::Report;
use crate::run::{Packer, Run};
use crate::shared::Shared;
use crate::testing::{Answer, Scripted, answer, client};
use crate::transport::Request;

/// Sends rows as `operation` sends its items, so many a request. What an item looks like is all the
/// same here.
async fn send(
    operation: &'static Operation,
    (rows, most_items): (usize, usize),
    wait: Option<bool>,
    clock: &FakeClock,
    transport: &Arc<Scripted>,
) -> Report {
    let options = RunOptions {
        wait,
        ..RunOptions::default()
    };
    let client = client(transport, clock);
    let envelope = Envelope {
        prefix: b"[".to_vec(),
        suffix: b"]".to_vec(),
        group_close: Vec::new(),
        caps: Caps {
            max_items: most_items,
            ..Caps::of(operation).unwrap()
        },
    };
    let rows_are = RowOptions::default();
    let encoder = Encoder::new(
        &BULK_IMPORT_PROFILES,
        &Rows::Profiles,
        rows_are,
        clock.utc(),
    );
    let prepared = Prepared {
        operation,
        target: operation.path.to_owned(),
        packer: Packer::new(encoder.unwrap(), Chunker::new(envelope)),
    };
    let shared = Shared::new(&client, &prepared, &options, None);
    let mut run = Run::begin(shared, prepared.packer, "a run".to_owned());
    for row in profiles(rows) {
        run.push(&row);
        run.hand_over().await;
    }
    run.finish().await.unwrap()
}

fn taken(id: &str) -> Answer {
    answer(202, json!({"data": {"id": id}}).to_string())
}

/// A Klaviyo whose one job is complete with these attributes.
fn with_job(attributes: Value) -> Arc<Scripted> {
    Scripted::new(move |request, _| {
        if request.operation.method == Method::Post {
            return taken("job");
        }
        let mut attributes = attributes.clone();
        attributes["status"] = "complete".into();
        answer(200, json!({"data": {"attributes": attributes}}).to_string())
    })
}

async fn three(
    operation: &'static Operation,
    wait: Option<bool>,
    klaviyo: &Arc<Scripted>,
) -> Report {
    send(operation, (3, 100), wait, &FakeClock::new(1), klaviyo).await
}

#[tokio::test]
async fn what_is_made_at_once_is_completed_and_what_is_only_taken_is_accepted() {
    for (operation, status, completed, warnings) in [
        (&ADD_PROFILES_TO_LIST, 204, 3, 0),
        (&BULK_DELETE_OBJECT_RECORDS, 202, 0, 0),
        // It answers like a list, and says what went wrong in a log.
        (&BULK_CREATE_DATA_SOURCE_RECORDS, 204, 0, 1),
    ] {
        let transport = Scripted::new(move |_, _| answer(status, ""));
        let report = three(operation, None, &transport).await;
        let counts = (report.counts.completed, report.counts.accepted);
        assert_eq!(counts, (completed, 3 - completed), "{}", operation.id);
        assert_eq!(report.warnings.len(), warnings, "{:?}", report.warnings);
        assert_eq!(transport.requests().len(), 1);
    }
}

#[tokio::test]
async fn errors_inside_a_job_fail_the_rows_that_they_point_to() {
    let error = |pointer: &str| {
        json!({"id": "e", "code": "invalid", "title": "T", "detail": "D",
               "source": {"pointer": pointer}})
    };
    let counts = json!({"total_count": 3, "completed_count": 2, "failed_count": 1});
    let mut pointed = counts.clone();
    pointed["errors"] = json!([error("/data/attributes/items/data/1/attributes/title")]);
    let report = three(&BULK_CREATE_CATALOG_ITEMS, None, &with_job(pointed)).await;
    assert_eq!(report.counts.completed, 2);
    assert_eq!(
        failures(&report)[&1],
        (Outcome::Failed, "invalid".to_owned())
    );

    let mut stray = counts;
    stray["errors"] = json!([error("/data")]);
    let report = three(&BULK_CREATE_CATALOG_ITEMS, None, &with_job(stray)).await;
    assert_eq!(report.counts.unknown, 3);
    assert_eq!(report.reasons["untied_job_error"], 3);
}

#[tokio::test]
async fn suppression_is_waited_for_only_when_asked_and_skips_leave_all_rows_unknown() {
    let skipped = |skipped: u64| {
        with_job(
            json!({"total_count": 3, "completed_count": 3 - skipped, "skipped_count": skipped}),
        )
    };
    for (wait, skips, counts) in [
        (None, 1, [0, 3, 0]),
        (Some(true), 0, [3, 0, 0]),
        (Some(true), 1, [0, 0, 3]),
    ] {
        let transport = skipped(skips);
        let report = three(&BULK_SUPPRESS_PROFILES, wait, &transport).await;
        let seen = &report.counts;
        assert_eq!([seen.completed, seen.accepted, seen.unknown], counts);
        assert_eq!(report.open_jobs.len(), usize::from(wait.is_none()));
        assert_eq!(transport.requests().len(), 1 + usize::from(wait.is_some()));
    }
}

/// A Klaviyo whose jobs take a minute, and the most of them that were unfinished at once.
fn slow(clock: &FakeClock) -> (Arc<Scripted>, Arc<Mutex<usize>>) {
    let most = Arc::new(Mutex::new(0));
    let (seen, clock) = (Arc::clone(&most), clock.clone());
    let begun: Mutex<HashMap<String, Moment>> = Mutex::default();
    let length = Duration::from_secs(60);
    let script = move |request: &Request, before: usize| {
        let now = clock.now();
        let mut begun = begun.lock().unwrap();
        if request.operation.method == Method::Post {
            begun.insert(before.to_string(), now);
            let unfinished = begun.values().filter(|began| now.since(**began) < length);
            let mut most = seen.lock().unwrap();
            *most = unfinished.count().max(*most);
            return taken(&before.to_string());
        }
        let id = request.target.rsplit('/').next().unwrap();
        let status = if now.since(begun[id]) < length {
            "processing"
        } else {
            "complete"
        };
        let attributes = json!({"status": status, "failed_count": 0});
        answer(200, json!({"data": {"attributes": attributes}}).to_string())
    };
    (Scripted::new(script), most)
}

#[tokio::test]
async fn no_more_jobs_are_unfinished_than_klaviyo_allows() {
    let allowed = BULK_CREATE_COUPON_CODES
        .caps
        .unwrap()
        .max_jobs_in_progress
        .unwrap() as usize;
    for wait in [true, false] {
        let clock = FakeClock::new(1);
        let (transport, most) = slow(&clock);
        let operation = &BULK_CREATE_COUPON_CODES;
        let report = send(operation, (400, 1), Some(wait), &clock, &transport).await;
        assert_eq!(*most.lock().unwrap(), allowed);
        let open = if wait { 0 } else { 400 };
        assert_eq!(
            (report.counts.accepted, report.open_jobs.len()),
            (open as u64, open)
        );
        assert_eq!(report.counts.total(), 400);
    }
}
