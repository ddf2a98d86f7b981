//! Runs under Klaviyo's real limits, whose windows are aligned as the client cannot know.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use klaviyo_core::limit::least_time;
use klaviyo_gen::operations::BULK_CREATE_EVENTS;
use klaviyo_sandbox::Sandbox;
use klaviyo_tests::World;
use serde_json::json;

/// Most events in a request.
const FULL: usize = 1000;

/// Sends that many full requests; gives how long it took and the 429s.
async fn makespan(requests: usize, alignment: Duration) -> (Duration, u64) {
    let world = World::with(Sandbox::builder().window_alignment(alignment), None).await;
    let rows = (0..requests * FULL).map(|_| json!({"metric": "Seen", "external_id": "1"}));
    let report = world.client.bulk().create_events(rows).run().await.unwrap();
    assert_eq!(report.batches, requests as u64);
    assert_eq!(report.counts.accepted, (requests * FULL) as u64);
    let least = least_time(&BULK_CREATE_EVENTS.limits, requests as u64);
    assert_eq!(report.least_time, least);
    let refused: u64 = world
        .sandbox
        .state()
        .requests
        .values()
        .map(|seen| seen.answered(429))
        .sum();
    assert_eq!(refused, report.usage.throttled);
    (report.elapsed, refused)
}

#[tokio::test]
async fn no_request_is_refused_and_little_time_is_lost() {
    for (requests, alignment) in [(1, 0), (15, 300), (155, 17_900)] {
        let (took, refused) = makespan(requests, Duration::from_millis(alignment)).await;
        let least = least_time(&BULK_CREATE_EVENTS.limits, requests as u64);
        assert_eq!(refused, 0, "{requests} requests");
        assert!(
            took <= least.mul_f64(1.05) + Duration::from_millis(60),
            "{requests} requests took {took:?}, at least {least:?}"
        );
    }
}
