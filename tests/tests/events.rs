//! Events from rows to what the sandbox holds.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use klaviyo_core::bulk::{CreateEventsOptions, UniqueIdRule};
use klaviyo_core::{Report, RunOptions};
use klaviyo_sandbox::Sandbox;
use klaviyo_tests::World;
use serde_json::{Value, json};

/// The purchases of a small shop: some are exact copies, many fall on the same second.
fn purchases(count: usize) -> impl Iterator<Item = Value> {
    (0..count).map(|number| {
        json!({
            "metric": "Placed Order",
            "time": "2026-10-31T12:00:00Z",
            "value": f64::from(u32::try_from(number % 3).unwrap()) + 0.25,
            "external_id": (number / 4 % 50).to_string(),
            "properties.quantity": number % 2 + 1,
        })
    })
}

async fn record(
    world: &World,
    rows: impl Iterator<Item = Value>,
    unique_id: UniqueIdRule,
    run_id: Option<&str>,
) -> Report {
    let options = CreateEventsOptions {
        unique_id,
        run: RunOptions {
            run_id: run_id.map(str::to_owned),
            ..RunOptions::default()
        },
    };
    let run = world.client.bulk().create_events(rows).options(options);
    run.run().await.unwrap()
}

#[tokio::test]
async fn identical_purchases_stay_apart() {
    let world = World::new().await;
    let report = record(&world, purchases(2500), UniqueIdRule::RunAndRow, None).await;
    assert_eq!((report.counts.accepted, report.batches), (2500, 3));
    let metric = &world.sandbox.state().metrics[0];
    assert_eq!((metric.name.as_str(), metric.count), ("Placed Order", 2500));
    let quantity: f64 = (0..2500).map(|number| f64::from(number % 2 + 1)).sum();
    assert_eq!(metric.properties["quantity"], quantity);
    assert_eq!(world.sandbox.state().profiles, 50);
}

#[tokio::test]
async fn a_run_repeated_under_its_id_adds_nothing() {
    let world = World::new().await;
    for _ in 0..2 {
        record(
            &world,
            purchases(1200),
            UniqueIdRule::RunAndRow,
            Some("nightly"),
        )
        .await;
    }
    assert_eq!(world.sandbox.state().events, 1200);
    record(
        &world,
        purchases(1200),
        UniqueIdRule::RunAndRow,
        Some("another"),
    )
    .await;
    assert_eq!(world.sandbox.state().events, 2400);
}

#[tokio::test]
async fn content_ids_make_identical_rows_one_event() {
    let world = World::new().await;
    let distinct: std::collections::BTreeSet<String> =
        purchases(800).map(|row| row.to_string()).collect();
    let report = record(&world, purchases(800), UniqueIdRule::Content, None).await;
    assert_eq!(report.counts.accepted, distinct.len() as u64);
    let duplicate = report.failures.iter().next().unwrap().unwrap();
    assert_eq!(duplicate.code, "duplicate");
    assert!(duplicate.detail.starts_with("row "), "{}", duplicate.detail);
    // Read twice, from another place in the source: nothing is added.
    record(
        &world,
        purchases(900).skip(100),
        UniqueIdRule::Content,
        None,
    )
    .await;
    let held = world.sandbox.state().events;
    assert_eq!(held, distinct.len() as u64);
}

#[tokio::test]
async fn a_row_that_klaviyo_refuses_fails_alone() {
    // What the sandbox refuses and the encoder lets through: a repeat of an id taken earlier.
    let builder = Sandbox::builder().known_event(klaviyo_sandbox::OnKnownEvent::Refuse);
    let world = World::with(builder, None).await;
    let event = |id: &str| json!({"metric": "Seen", "external_id": "1", "unique_id": id});
    record(
        &world,
        [event("a")].into_iter(),
        UniqueIdRule::RunAndRow,
        None,
    )
    .await;
    let rows = ["b", "a", "c"].map(event).into_iter();
    let report = record(&world, rows, UniqueIdRule::RunAndRow, None).await;
    assert_eq!((report.counts.failed, report.counts.accepted), (1, 2));
    let failure = report.failures.iter().next().unwrap().unwrap();
    assert_eq!(failure.row, 1);
    assert_eq!(world.sandbox.state().events, 3);
}
