//! Runs that are killed and resumed.

mod accounts;
mod lookups;
mod unsettled;
mod world;

use std::path::Path;
use std::sync::Arc;

use futures::FutureExt;
use klaviyo_gen::Method;
use proptest::prelude::*;
use serde_json::json;
use tokio::sync::Notify;
use world::{Crash, Reply, World};

use super::jobs::{job, klaviyo};
use super::{events, failures};
use crate::bulk::{BulkError, CreateEventsOptions};
use crate::clock::FakeClock;
use crate::error::Error;
use crate::journal::{JournalError, JournalSummary, Journaling};
use crate::outcome::Outcome;
use crate::run::RunError;
use crate::testing::{Scripted, answer, client};

fn reply() -> impl Strategy<Value = Reply> {
    prop_oneof![
        6 => Just(Reply::Take),
        1 => Just(Reply::Lose),
        1 => Just(Reply::Break),
        1 => Just(Reply::Refuse("/data/attributes/profiles/data/0")),
        1 => Just(Reply::Refuse("/data")),
        1 => Just(Reply::Status(503)),
        1 => Just(Reply::Status(413)),
        1 => Just(Reply::Status(429)),
    ]
}

fn crash() -> impl Strategy<Value = Crash> {
    let pages = prop::option::weighted(0.2, 8_u32..14);
    (0_usize..14, any::<bool>(), any::<bool>(), pages).prop_map(
        |(request, applied, kill, pages)| Crash {
            request,
            applied,
            kill,
            pages,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever Klaviyo answers, wherever the process dies and whenever the disk is full: every row
    /// has one end, none that was acknowledged is sent again, and none that must not be is taken
    /// twice.
    #[test]
    fn no_row_is_lost_and_none_acknowledged_is_sent_again(
        replies in prop::collection::vec(reply(), 1..20),
        crashes in prop::collection::vec(crash(), 0..4),
        rows in 1_usize..60,
        repeat_is_safe: bool,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut world = World::new(replies, rows, repeat_is_safe);
            for crash in &crashes {
                world.live(Some(crash)).await;
            }
            // A run that stopped is resumed when what stopped it is mended.
            let mut report = world.live(None).await;
            // One that left rows in doubt is resumed, too.
            while !matches!(report, Some(Ok(_))) || !world.is_finished() {
                world.mend();
                report = world.live(None).await;
            }
            let report = report.and_then(Result::ok).expect("it came to its end");
            world.check(&report);

            let requests = world.requests();
            let again = world.live(None).await.and_then(Result::ok).expect("it has a report");
            assert_eq!(world.requests(), requests, "nothing is sent once it is finished");
            assert_eq!(again.counts, report.counts);
            assert_eq!(failures(&again), failures(&report));
            assert_eq!((again.batches, again.run_id), (world.taken_batches(), report.run_id));
        });
    }
}

fn journaled(journaling: Journaling) -> CreateEventsOptions {
    let mut options = CreateEventsOptions::default();
    options.run.journal = Some(journaling);
    options
}

/// Two batches of events, the second of which the key may not send.
async fn half_a_run(path: &Path) -> RunError {
    let transport = Scripted::new(|_, before| answer(if before == 0 { 202 } else { 401 }, ""));
    let client = client(&transport, &FakeClock::new(1));
    let mut options = journaled(Journaling::Begin(path.to_owned()));
    options.run.max_in_flight = 1;
    let run = client.bulk().create_events(events(2000)).options(options);
    match run.run().await {
        Err(BulkError::Stopped(stopped)) => stopped,
        other => panic!("{other:?}"),
    }
}

async fn resume(path: &Path, rows: Vec<serde_json::Value>) -> Result<crate::Report, JournalError> {
    let transport = Scripted::new(|_, _| answer(202, ""));
    let client = client(&transport, &FakeClock::new(2));
    let result = client.bulk().create_events(rows).resume(path).run().await;
    match result {
        Ok(report) => {
            assert_eq!(report.usage.requests, 1);
            Ok(report)
        }
        Err(BulkError::Stopped(RunError { error, report, .. })) => {
            // The journal knows of all of them, so nobody can say that they were never sent.
            let ends = failures(&report);
            assert!(ends.values().all(|(_, code)| code != "not_sent"));
            match error {
                Error::Journal(error) => Err(error),
                other => panic!("{other}"),
            }
        }
        Err(BulkError::NotBegun(error)) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_run_stopped_by_a_wrong_key_goes_on_with_a_right_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    let stopped = half_a_run(&path).await;
    assert_eq!(stopped.report.counts.accepted, 1000);
    let summary = JournalSummary::read(&path).unwrap();
    assert_eq!(
        (summary.run_id.as_str(), summary.finished),
        (&*stopped.report.run_id, false)
    );
    let report = resume(&path, events(2000)).await.unwrap();
    assert_eq!((report.counts.accepted, report.batches), (2000, 2));
    assert_eq!(report.run_id, stopped.report.run_id);
}

#[tokio::test]
async fn a_run_that_was_dropped_is_resumed_while_others_still_hold_its_handles() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    let transport = Scripted::new(|_, _| answer(202, ""));
    let client = client(&transport, &FakeClock::new(1));
    let options = journaled(Journaling::Begin(path.clone()));
    let mut run = client.bulk().start(&options).await.unwrap();
    events(500).iter().for_each(|row| run.push(row));
    let (gauge, canceller) = (run.gauge(), run.canceller());
    drop(run.finish());
    // The engine comes to its end when it is next polled, and lets the journal go.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let report = resume(&path, events(500)).await.unwrap();
    assert_eq!(report.counts.accepted, 500);
    assert_eq!(gauge.read().rows, 500);
    canceller.cancel();
}

#[tokio::test]
async fn another_source_is_refused_with_the_rows_that_differ() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    half_a_run(&path).await;

    let mut changed = events(2000);
    changed[1500]["value"] = json!(3);
    let error = resume(&path, changed).await.unwrap_err();
    let JournalError::Changed {
        batch,
        first_row,
        last_row,
        ..
    } = &error
    else {
        panic!("{error}");
    };
    assert_eq!((*batch, *first_row, *last_row), (1, 1000, 1999));

    let mut moved = events(1999);
    moved.insert(0, json!({"metric": "Seen"}));
    let error = resume(&path, moved).await.unwrap_err();
    assert!(
        error.to_string().starts_with("batch 0 (rows 0 to 999)"),
        "{error}"
    );

    let error = resume(&path, events(1000)).await.unwrap_err();
    assert_eq!(
        error,
        JournalError::Shorter {
            rows: 1000,
            last_row: 1999
        }
    );

    let mut refused = events(2000);
    refused[1000..]
        .iter_mut()
        .for_each(|row| row["value"] = json!("much"));
    let error = resume(&path, refused).await.unwrap_err();
    assert_eq!(error, JournalError::RejectedNow { row: 1999 });

    // None of these attempts has spoilt it.
    assert_eq!(
        resume(&path, events(2000)).await.unwrap().counts.accepted,
        2000
    );
}

#[tokio::test]
async fn what_was_rejected_because_of_the_time_stays_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    let mut rows = events(1);
    rows.push(json!({"metric": "Seen", "external_id": "1", "time": "2027-11-02T00:00:00Z"}));
    let transport = Scripted::new(|_, _| answer(401, ""));
    let (clock, later) = (FakeClock::new(1), FakeClock::new(1));
    later.advance(std::time::Duration::from_secs(3 * 86_400));
    let first = client(&transport, &clock)
        .bulk()
        .create_events(&rows)
        .journal(&path)
        .run()
        .await;
    assert!(first.is_err());
    let transport = Scripted::new(|_, _| answer(202, ""));
    let second = client(&transport, &later)
        .bulk()
        .create_events(&rows)
        .resume(&path)
        .run()
        .await;
    let report = second.unwrap();
    let ends = failures(&report);
    assert_eq!((ends[&1].0, report.counts.accepted), (Outcome::Rejected, 1));
}

#[tokio::test]
async fn a_job_that_was_open_is_followed_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("import.db");
    let rows = [json!({"external_id": "1", "patch.append.tags": "vip"})];
    let looked_at = Arc::new(Notify::new());
    let looks = Arc::clone(&looked_at);
    let first = Scripted::slow(move |request| {
        if request.operation.method == Method::Post {
            let body = json!({"data": {"id": "job"}}).to_string();
            return futures::future::ready(answer(202, body)).boxed();
        }
        looks.notify_one();
        futures::future::pending().boxed()
    });
    let first = client(&first, &FakeClock::new(1));
    let run = first.bulk().import_profiles(&rows).journal(&path).run();
    tokio::select! {
        result = run => panic!("{result:?}"),
        () = looked_at.notified() => {}
    }
    while JournalSummary::read(&path).is_err() {
        tokio::task::yield_now().await;
    }

    let second = klaviyo(|_| job("complete", 1, 0), |_| panic!("no error to read"));
    let resumed = client(&second, &FakeClock::new(1));
    let import = resumed.bulk().import_profiles(&rows).resume(&path);
    let report = import.run().await.unwrap();
    assert_eq!(
        (report.counts.completed, report.jobs, report.batches),
        (1, 1, 1)
    );
    let requests = second.requests();
    assert!(
        requests
            .iter()
            .all(|request| request.operation.method == Method::Get)
    );
    // And once more: there is nothing left to do.
    let third = Scripted::new(|_, _| panic!("a request"));
    let finished = client(&third, &FakeClock::new(1));
    let import = finished.bulk().import_profiles(&rows).resume(&path);
    assert_eq!(import.run().await.unwrap().counts.completed, 1);
}

#[tokio::test]
async fn jobs_that_were_not_waited_for_are_followed_when_a_finished_run_is_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.db");
    let transport = klaviyo(|_| job("complete", 3, 0), |_| panic!("no error to read"));
    let client = client(&transport, &FakeClock::new(1));
    let run = |journal, wait| {
        let mut import = client.bulk().import_profiles(super::profiles(3));
        let options = crate::RunOptions {
            wait: Some(wait),
            journal: Some(journal),
            ..crate::RunOptions::default()
        };
        import = import.run_options(options);
        import.run()
    };
    let begun = run(Journaling::Begin(path.clone()), false).await.unwrap();
    assert_eq!((begun.counts.accepted, begun.open_jobs.len()), (3, 1));
    assert!(JournalSummary::read(&path).unwrap().finished);

    let told = run(Journaling::Resume(path.clone()), false).await.unwrap();
    assert_eq!((told.counts.accepted, told.open_jobs.len()), (3, 1));
    // The second time, the end of the job is in the journal.
    for requests in [1, 0] {
        let waited = run(Journaling::Resume(path.clone()), true).await.unwrap();
        assert_eq!((waited.counts.completed, waited.open_jobs.len()), (3, 0));
        assert_eq!(waited.usage.requests, requests);
    }
}

#[tokio::test]
async fn a_source_that_broke_off_leaves_its_open_batch_to_the_next_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    let transport = Scripted::new(|_, _| answer(202, ""));
    let client = client(&transport, &FakeClock::new(1));
    let unknown = (Outcome::Unknown, "not_resumed".to_owned());
    for (journaling, read, left) in [
        (
            Journaling::Begin(path.clone()),
            1500,
            (Outcome::Rejected, "not_sent".to_owned()),
        ),
        // Nor does it matter that the journal knows of more.
        (Journaling::Resume(path.clone()), 10, unknown),
    ] {
        let mut run = client.bulk().start(&journaled(journaling)).await.unwrap();
        for row in events(read) {
            run.push(&row);
            if run.has_ready() {
                run.hand_over().await;
            }
        }
        let report = run.break_off().await.unwrap();
        let ends = failures(&report);
        assert_eq!((ends.len(), report.rows), (read % 1000, read as u64));
        assert!(ends.values().all(|end| *end == left), "{:?}", report.counts);
        assert!(!JournalSummary::read(&path).unwrap().finished);
    }
    assert_eq!(transport.requests().len(), 1);
    let report = resume(&path, events(2000)).await.unwrap();
    assert_eq!(report.counts.accepted, 2000);
    assert!(JournalSummary::read(&path).unwrap().finished);
}

#[tokio::test]
async fn without_a_journal_all_rows_before_the_break_are_sent() {
    let transport = Scripted::new(|_, _| answer(202, ""));
    let client = client(&transport, &FakeClock::new(1));
    let mut run = client
        .bulk()
        .start(&CreateEventsOptions::default())
        .await
        .unwrap();
    events(3).iter().for_each(|row| run.push(row));
    assert_eq!(run.break_off().await.unwrap().counts.accepted, 3);
}
