//! The end of every row, as it becomes known.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::StreamExt;
use klaviyo_gen::Method;
use serde_json::{Value, json};

use super::jobs::{job, klaviyo};
use super::{events, profiles};
use crate::bulk::{CreateEventsOptions, ImportProfilesOptions};
use crate::clock::FakeClock;
use crate::outcome::{Counts, Outcome};
use crate::report::RowOutcome;
use crate::testing::{Scripted, answer, client, refusal};

#[tokio::test]
async fn the_stream_tells_the_end_of_every_row_once_and_agrees_with_the_report() {
    let errors = |_: &crate::transport::Request| {
        let pointer = "/data/attributes/profiles/data/2";
        let attributes = json!({"code": "invalid", "source": {"pointer": pointer}});
        answer(
            200,
            json!({"data": [{"attributes": attributes}]}).to_string(),
        )
    };
    let transport = klaviyo(|_| job("complete", 4, 1), errors);
    let client = client(&transport, &FakeClock::new(1));
    let mut rows = profiles(4);
    rows.insert(1, json!({"first_name": "Nobody"}));
    let mut stream = client.bulk().import_profiles(rows).stream().await.unwrap();
    let mut counts = Counts::default();
    let mut ends = Vec::new();
    while let Some(end) = stream.next().await {
        counts.add(end.outcome, 1);
        ends.push(end);
    }
    let report = stream.report().await.unwrap();
    assert_eq!(counts, report.counts);
    ends.sort_by_key(|end| end.row);
    let told: Vec<(u64, Outcome)> = ends.iter().map(|end| (end.row, end.outcome)).collect();
    let completed = Outcome::Completed;
    let expected = [
        (0, completed),
        (1, Outcome::Rejected),
        (2, completed),
        (3, Outcome::Failed),
        (4, completed),
    ];
    assert_eq!(told, expected);
    let code = |end: &RowOutcome| end.failure.as_ref().map(|failure| failure.code.clone());
    assert_eq!(code(&ends[1]).as_deref(), Some("missing_identifier"));
    assert_eq!(code(&ends[3]).as_deref(), Some("invalid"));
    assert_eq!(code(&ends[4]), None);
}

#[tokio::test]
async fn a_report_is_a_summary_in_words() {
    let transport = Scripted::new(|_, _| answer(202, ""));
    let client = client(&transport, &FakeClock::new(1));
    let mut rows = events(4);
    rows.extend([
        json!({"metric": "Seen"}),
        json!({"external_id": "1"}),
        json!({"metric": "Seen"}),
    ]);
    let report = client.bulk().create_events(rows).run().await.unwrap();
    let expected = "bulk_create_events: 7 rows (4 accepted, 3 rejected); 1 requests, 0 throttled, 0.0 s\
                    \n  2 x missing_identifier\n  1 x missing_metric";
    assert_eq!(report.to_string(), expected);
    let empty = client.bulk().create_events(events(0)).run().await.unwrap();
    assert!(empty.to_string().contains(" 0 rows (none); "), "{empty}");
}

#[tokio::test]
async fn seldom_reasons_are_told_together() {
    let transport = Scripted::new(|_, _| answer(202, ""));
    let client = client(&transport, &FakeClock::new(1));
    let rows = [
        json!({"metric": "Seen"}),
        json!({"external_id": "1"}),
        json!({"metric": "Seen", "email": "nobody"}),
        json!({"metric": "Seen", "external_id": 5}),
        json!({"metric": "Seen", "external_id": ""}),
        json!({"metric": "Seen", "external_id": "1", "time": "noon"}),
        json!({"metric": "Seen", "external_id": "1", "fist_name": "Ada"}),
    ];
    let last_line = async |rows: &[Value]| {
        let report = client
            .bulk()
            .create_events([rows, rows].concat())
            .run()
            .await;
        let text = report.unwrap().to_string();
        (text.lines().count(), text.lines().last().map(str::to_owned))
    };
    let (lines, last) = last_line(&rows).await;
    assert_eq!(
        (lines, last.as_deref()),
        (7, Some("  4 x one of 2 other reasons"))
    );
    assert_eq!(last_line(&rows[..6]).await.0, 7);
}

#[tokio::test]
async fn a_run_that_stops_still_gives_every_row_its_end() {
    let transport = Scripted::new(|_, _| answer(401, ""));
    let client = client(&transport, &FakeClock::new(1));
    let mut stream = client
        .bulk()
        .create_events(events(30_000))
        .stream()
        .await
        .unwrap();
    let mut told = 0;
    while stream.next().await.is_some() {
        told += 1;
    }
    let stopped = stream.report().await.unwrap_err();
    assert_eq!(stopped.error.status(), Some(401));
    assert_eq!(told, stopped.report.rows);
}

#[tokio::test]
async fn a_reader_that_does_not_read_stops_the_reading_of_the_source() {
    // Every row ends in a way of its own, so none can wait as part of a range.
    let transport = Scripted::new(|request, _| {
        assert_eq!(request.operation.method, Method::Post);
        let pointer = |row| format!("/data/attributes/events-bulk-create/data/{row}");
        let pointers: Vec<String> = (0..1000).map(pointer).collect();
        let pointers: Vec<&str> = pointers.iter().map(String::as_str).collect();
        refusal(400, &pointers)
    });
    let client = client(&transport, &FakeClock::new(1));
    let options = CreateEventsOptions::default();
    let mut run = client.bulk().start(&options).await.unwrap();
    let outcomes = run.outcomes();
    let read = AtomicUsize::new(0);
    let mut pushing = Box::pin(async {
        for row in events(60_000) {
            run.push(&row);
            read.fetch_add(1, Ordering::Relaxed);
            run.hand_over().await;
        }
    });
    for _ in 0..2000 {
        assert!(futures::poll!(pushing.as_mut()).is_pending());
        tokio::task::yield_now().await;
    }
    let stuck_at = read.load(Ordering::Relaxed);
    assert!(
        (10_000..=25_000).contains(&stuck_at),
        "{stuck_at} rows read"
    );
    // Nobody reads any more: the run goes on.
    drop(outcomes);
    pushing.await;
    let report = run.finish().await.unwrap();
    assert_eq!((report.rows, report.counts.failed), (60_000, 60_000));
}

#[tokio::test]
async fn a_dropped_stream_ends_the_run() {
    let transport = Scripted::slow(|_| Box::pin(futures::future::pending()));
    let client = client(&transport, &FakeClock::new(1));
    let alive = Arc::new(());
    let held = Arc::clone(&alive);
    let rows = events(5000).into_iter().inspect(move |_| {
        let _ = &held;
    });
    let mut stream = client.bulk().create_events(rows).stream().await.unwrap();
    assert!(futures::poll!(stream.next()).is_pending());
    drop(stream);
    assert_eq!(Arc::strong_count(&alive), 1, "the source is let go");
}

#[tokio::test]
async fn a_plan_counts_what_a_run_sends() {
    let transport = klaviyo(|_| job("complete", 1, 0), |_| answer(200, r#"{"data":[]}"#));
    let client = client(&transport, &FakeClock::new(1));
    let mut rows = profiles(10_001);
    rows.push(json!({"first_name": "Nobody"}));
    let options = ImportProfilesOptions::default();
    let planned = client.bulk().import_profiles(&rows).options(options);
    let plan = planned.plan().unwrap();
    assert!(transport.requests().is_empty());
    assert_eq!((plan.rows, plan.rejected, plan.batches), (10_002, 1, 2));
    assert_eq!(plan.failures.iter().next().unwrap().unwrap().row, 10_001);

    let report = client.bulk().import_profiles(&rows).run().await.unwrap();
    assert_eq!((report.rows, report.batches), (plan.rows, plan.batches));
    assert_eq!(report.usage.bytes_sent, plan.bytes);
    assert_eq!(report.least_time, plan.least_time);
}
