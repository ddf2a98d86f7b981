//! What one kind of fault alone comes to.

use klaviyo_core::{BulkError, Outcome, Report};
use klaviyo_sandbox::{Fault, FaultKind, Sandbox};
use klaviyo_tests::{World, faults};
use serde_json::{Value, json};

const ROWS: usize = 3500;

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
