//! How long full requests take under Klaviyo's limits, beside the least time that is possible for a
//! client that cannot know how the windows are aligned.
//!
//! ```sh
//! cargo run --release -p klaviyo-tests --example makespan
//! ```
//!
//! Time is virtual, so the figures are exact, and the same on every machine. Each line is the slowest of
//! several alignments of the windows; with answers that take their time, the least time includes one
//! of them.
use std::time::Duration;

use klaviyo_core::limit::least_time;
use klaviyo_gen::operations::BULK_CREATE_EVENTS;
use klaviyo_sandbox::Sandbox;
use klaviyo_tests::World;
use serde_json::json;

/// Most events in a request.
const FULL: usize = 1000;
/// Windows of a second and of a minute that begin now, and ones that began some while ago.
const ALIGNMENTS: [u64; 4] = [0, 300, 17_900, 59_950];

/// What a run took.
struct Run {
    elapsed: Duration,
    refused: u64,
}

// One thread: while it reads and encodes, time stands still.
#[tokio::main(flavor = "current_thread")]
async fn main() {
    println!("| answers take | requests | least | took | ratio | 429s |");
    println!("|---:|---:|---:|---:|---:|---:|");
    for latency in [50, 2_000].map(Duration::from_millis) {
        for requests in [1, 15, 150, 151, 300, 1_000] {
            let slowest = slowest(requests, latency).await;
            let least = least_time(&BULK_CREATE_EVENTS.limits, requests as u64) + latency;
            println!(
                "| {latency:?} | {requests} | {:.2} s | {:.2} s | {:.3} | {} |",
                least.as_secs_f64(),
                slowest.elapsed.as_secs_f64(),
                slowest.elapsed.as_secs_f64() / least.as_secs_f64(),
                slowest.refused,
            );
        }
    }
}

/// The slowest run of all alignments, and the most refusals.
async fn slowest(requests: usize, latency: Duration) -> Run {
    let mut slowest = Run {
        elapsed: Duration::ZERO,
        refused: 0,
    };
    for alignment in ALIGNMENTS.map(Duration::from_millis) {
        let run = run(requests, latency, alignment).await;
        slowest.elapsed = slowest.elapsed.max(run.elapsed);
        slowest.refused = slowest.refused.max(run.refused);
    }
    slowest
}

/// Sends so many full requests.
async fn run(requests: usize, latency: Duration, alignment: Duration) -> Run {
    // What is sent is of no interest, so the sandbox only counts it.
    let sandbox = Sandbox::builder().window_alignment(alignment).sink(true);
    let world = World::with(sandbox, None).await;
    world.haze(latency);
    let rows = (0..requests * FULL).map(|_| json!({"metric": "Seen", "external_id": "1"}));
    let report = match world.client.bulk().create_events(rows).run().await {
        Ok(report) => report,
        Err(stopped) => panic!("{stopped}"),
    };
    assert_eq!(report.batches, requests as u64, "full requests");
    Run {
        elapsed: report.elapsed,
        refused: report.usage.throttled,
    }
}
