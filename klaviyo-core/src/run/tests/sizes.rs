//! Batches that are refused for their size (413), by Klaviyo or by a gateway before it.

use std::collections::BTreeMap;

use super::{create, events, failures, ids};
use crate::bulk::CreateEventsOptions;
use crate::clock::FakeClock;
use crate::outcome::Outcome;
use crate::testing::{Scripted, answer, client};

#[tokio::test]
async fn a_gateway_with_a_smaller_cap_gets_parts_that_it_takes() {
    const CAP: usize = 50_000;
    let transport = Scripted::new(|request, _| {
        let fits = request.body.len() <= CAP;
        answer(if fits { 202 } else { 413 }, "")
    });
    let client = client(&transport, &FakeClock::new(1));
    let mut options = CreateEventsOptions::default();
    options.run.max_in_flight = 1;
    let run = client.bulk().create_events(events(3000)).options(options);
    let report = run.run().await.unwrap();
    assert_eq!(report.counts.accepted, 3000);
    let warned = |warning: &String| warning.contains("413");
    assert_eq!(
        report.warnings.iter().filter(|text| warned(text)).count(),
        1
    );
    let requests = transport.requests();
    let too_large = requests.iter().filter(|request| request.body.len() > CAP);
    let tried: Vec<u64> = too_large
        .map(|request| ids(request)[0].parse().unwrap())
        .collect();
    // Quarters do not pass, eighths do. Once that is known, no other quarter is tried, nor a later batch.
    assert_eq!(tried, [0, 0, 500, 0, 250]);
}

#[tokio::test]
async fn whoever_refuses_every_size_refuses_the_request() {
    // The detail names the size, so that no two refusals are alike.
    let transport = Scripted::new(|request, _| answer(413, request.body.len().to_string()));
    let stopped = create(&transport, events(500)).await.unwrap_err();
    assert_eq!(stopped.error.status(), Some(413));
    assert_eq!(stopped.report.counts.failed, 500);
    // Two for each halving of 500.
    assert_eq!(transport.requests().len(), 1 + 2 * 9);
}

#[tokio::test]
async fn rows_that_are_too_large_by_themselves_stand_alone() {
    for (rows, guilty) in [
        (1000, vec!["0"]),
        (1000, vec!["0", "999"]),
        (3, vec!["0", "1"]),
        (1, vec!["0"]),
    ] {
        let large = guilty.clone();
        let transport = Scripted::new(move |request, _| {
            let refused = ids(request).iter().any(|id| large.contains(&id.as_str()));
            answer(if refused { 413 } else { 202 }, "")
        });
        let report = create(&transport, events(rows)).await.unwrap();
        let ends = failures(&report);
        let failed: BTreeMap<u64, Outcome> =
            ends.iter().map(|(&row, (end, _))| (row, *end)).collect();
        let expected = guilty
            .iter()
            .map(|id| (id.parse().unwrap(), Outcome::Failed));
        assert_eq!(failed, expected.collect());
        let most = 1 + guilty.len() * 2 * 10;
        assert!(transport.requests().len() <= most, "{guilty:?}");
    }
}
