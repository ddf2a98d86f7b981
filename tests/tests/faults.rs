//! What the client reports under faults, beside what the sandbox really holds.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;

use klaviyo_core::{BulkError, Outcome, Report};
use klaviyo_sandbox::{Fault, FaultKind, Identifier, Sandbox};
use klaviyo_tests::World;
use serde_json::{Value, json};

const ROWS: usize = 3500;

fn faults() -> Vec<FaultKind> {
    vec![
        FaultKind::Throttle {
            seconds: 3,
            as_date: false,
        },
        FaultKind::Throttle {
            seconds: 3,
            as_date: true,
        },
        FaultKind::ServerError { status: 500 },
        FaultKind::ServerError { status: 503 },
        FaultKind::GatewayError {
            status: 502,
            empty: true,
        },
        FaultKind::GatewayError {
            status: 524,
            empty: false,
        },
        FaultKind::ResetBeforeReading,
        FaultKind::ResetWhileReading,
        FaultKind::ResetAfterReading,
        FaultKind::AppliedButLost,
        FaultKind::TruncatedAnswer,
    ]
}

async fn world(seed: u64) -> World {
    World::with(Sandbox::builder().seed(seed), None).await
}

fn report_of(result: Result<Report, BulkError>) -> Report {
    match result {
        Ok(report) => report,
        Err(BulkError::Stopped(stopped)) => *stopped.report,
        Err(BulkError::NotBegun(error)) => panic!("{error}"),
    }
}

/// Rows that the report does not call completed or accepted, with their outcomes.
fn not_through(report: &Report) -> Vec<(u64, Outcome)> {
    assert_eq!(report.counts.total(), report.rows, "{:?}", report.counts);
    let failures = report.failures.iter().map(Result::unwrap);
    failures
        .map(|failure| (failure.row, failure.outcome))
        .collect()
}

#[tokio::test]
async fn two_faults_in_a_row_cost_nothing_but_time() {
    for kind in faults() {
        let world = world(1).await;
        let fault = Fault::new(kind.clone()).times(2);
        world.sandbox.inject(fault).unwrap();
        let rows = (0..ROWS).map(|row| json!({"metric": "Seen", "external_id": row.to_string()}));
        let report = report_of(world.client.bulk().create_events(rows).run().await);
        assert_eq!(report.counts.accepted, ROWS as u64, "{kind:?}");
        // Applied and repeated: the unique_ids keep each event single.
        assert_eq!(world.sandbox.state().events, ROWS as u64, "{kind:?}");
    }
}

#[tokio::test]
async fn faults_here_and_there_never_make_the_report_lie_about_profiles() {
    for (seed, kind) in (1..).zip(faults()) {
        let world = world(seed).await;
        let fault = Fault::new(kind.clone()).chance(0.4);
        world.sandbox.inject(fault).unwrap();
        let rows = (0..25_000).map(|row| json!({"external_id": row.to_string()}));
        let report = report_of(world.client.bulk().import_profiles(rows).run().await);
        agrees(&world, &report, &kind);
    }
}

/// A completed row is held; one that failed or was never sent is not.
fn agrees(world: &World, report: &Report, kind: &FaultKind) {
    let not_through = not_through(report);
    let except: BTreeSet<u64> = not_through.iter().map(|(row, _)| *row).collect();
    let held = |row: u64| {
        world
            .sandbox
            .profile(Identifier::ExternalId, &row.to_string())
            .is_some()
    };
    for row in (0..report.rows).filter(|row| !except.contains(row)) {
        assert!(
            held(row) || report.counts.accepted > 0,
            "{kind:?}: row {row} is not held"
        );
    }
    for (row, outcome) in not_through {
        if matches!(outcome, Outcome::Rejected | Outcome::Failed) {
            assert!(
                !held(row),
                "{kind:?}: row {row} is {outcome:?} and held all the same"
            );
        }
    }
}

#[tokio::test]
async fn what_must_not_be_repeated_is_unknown_after_a_lost_answer_and_applied_once() {
    let world = world(1).await;
    let lost = Fault::new(FaultKind::AppliedButLost).times(1);
    world.sandbox.inject(lost).unwrap();
    let row = json!({"external_id": "1", "patch.append.tags": "vip"});
    let report = report_of(world.client.bulk().import_profiles([row]).run().await);
    assert_eq!(not_through(&report), [(0, Outcome::Unknown)]);
    let jobs = world.sandbox.state().jobs;
    assert_eq!(jobs.queued + jobs.processing + jobs.complete, 1);
}

#[tokio::test]
async fn a_challenge_page_stops_the_run_and_is_named() {
    let world = world(1).await;
    let challenge = FaultKind::GatewayError {
        status: 403,
        empty: false,
    };
    world.sandbox.inject(Fault::new(challenge)).unwrap();
    let rows: Vec<Value> = vec![json!({"external_id": "1"})];
    let Err(BulkError::Stopped(stopped)) = world.client.bulk().import_profiles(rows).run().await
    else {
        panic!("it must stop");
    };
    assert_eq!(stopped.error.code(), "gateway_challenge");
    assert_eq!(stopped.report.counts.failed, 1);
}
