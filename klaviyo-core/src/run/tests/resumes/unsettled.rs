//! What a run leaves open, and what it may call finished.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use super::super::jobs::{job, klaviyo};
use super::super::{events, failures, profiles};
use crate::bulk::BulkError;
use crate::clock::FakeClock;
use crate::journal::JournalSummary;
use crate::report::RunError;
use crate::testing::{Scripted, answer, client};

struct Place {
    _folder: tempfile::TempDir,
    journal: PathBuf,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("run.db");
    Place {
        _folder: folder,
        journal,
    }
}

fn is_finished(place: &Place) -> bool {
    JournalSummary::read(&place.journal).unwrap().finished
}

fn always(status: u16) -> Arc<Scripted> {
    Scripted::new(move |_, _| answer(status, ""))
}

#[tokio::test]
async fn a_job_whose_errors_could_not_be_read_stays_open() {
    let place = place();
    let transport = klaviyo(|_| job("complete", 2, 1), |_| answer(403, ""));
    let client = client(&transport, &FakeClock::new(1));
    let import = client.bulk().import_profiles(profiles(2));
    let report = import.journal(&place.journal).run().await.unwrap();
    assert_eq!((report.counts.unknown, report.open_jobs.len()), (2, 1));
    // A finished run says so again.
    assert!(is_finished(&place));
    let import = client.bulk().import_profiles(profiles(2));
    let again = import.resume(&place.journal).run().await.unwrap();
    assert_eq!(
        (again.counts, again.open_jobs),
        (report.counts, report.open_jobs)
    );
    assert_eq!(again.usage.requests, 0);
}

#[tokio::test]
async fn a_run_with_doubts_that_a_repeat_would_settle_is_not_finished() {
    let place = place();
    let failing = client(&always(503), &FakeClock::new(1));
    let run = failing.bulk().create_events(events(3));
    let stopped = run.journal(&place.journal).run().await.unwrap_err();
    let BulkError::Stopped(RunError { report, .. }) = stopped else {
        panic!("{stopped}")
    };
    assert_eq!(report.counts.unknown, 3);
    let mut warnings = report.warnings.iter();
    assert!(
        warnings.any(|warning| warning.contains("resume")),
        "{:?}",
        report.warnings
    );
    assert!(!is_finished(&place));

    let mended = client(&always(202), &FakeClock::new(2));
    let run = mended.bulk().create_events(events(3));
    let report = run.resume(&place.journal).run().await.unwrap();
    assert_eq!((report.counts.accepted, report.usage.requests), (3, 1));
    assert!(report.warnings.is_empty(), "{:?}", report.warnings);
    assert!(is_finished(&place));
}

#[tokio::test]
async fn doubts_that_no_repeat_may_settle_are_the_end_of_their_rows() {
    let rows: [Value; 1] = [json!({"external_id": "1", "patch.append.tags": "vip"})];
    // 299 is none of the operation's answers, so nobody knows what it means.
    for status in [503, 299] {
        let place = place();
        let failing = client(&always(status), &FakeClock::new(1));
        let import = failing.bulk().import_profiles(&rows);
        let report = import.journal(&place.journal).run().await.unwrap();
        assert_eq!((report.counts.unknown, report.usage.requests), (1, 1));
        assert!(is_finished(&place), "{status}");

        let unasked = Scripted::new(|_, _| panic!("it is sent again"));
        let resumed = client(&unasked, &FakeClock::new(2));
        let import = resumed.bulk().import_profiles(&rows);
        let again = import.resume(&place.journal).run().await.unwrap();
        assert_eq!(failures(&again), failures(&report));
    }
}

#[tokio::test]
async fn suppressions_are_not_lifted_twice() {
    let failing = always(503);
    let client = client(&failing, &FakeClock::new(1));
    let rows = [json!({"email": "ada@shop.example"})];
    let run = client.bulk().unsuppress_profiles(rows).run();
    assert_eq!(run.await.unwrap().counts.unknown, 1);
    assert_eq!(failing.requests().len(), 1);
}
