//! How long full requests take under Klaviyo's limits, beside the least time that is possible for a
//! client that cannot know how the windows are aligned.
//!
//! ```sh
//! cargo run --release -p klaviyo-tests --example makespan
//! cargo run --release -p klaviyo-tests --example makespan -- --real 15 150
//! ```
//!
//! Time is virtual, so the figures are exact, and the same on every machine. Each line is the slowest of
//! several alignments of the windows; with answers that take their time, the least time includes one
//! of them. With `--real`, as many requests are sent in real time, from this process to a sandbox in
//! it: how far the machine is from the figures of virtual time.
use std::env;
use std::time::Duration;

use klaviyo_core::client::{Client, ClientOptions};
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
    let mut arguments = env::args().skip(1);
    if arguments.next().as_deref() == Some("--real") {
        for requests in arguments.map(|count| count.parse().expect("a number of requests")) {
            let run = real(requests).await;
            tell("loopback", requests, Duration::ZERO, &run);
        }
        return;
    }
    for latency in [50, 2_000].map(Duration::from_millis) {
        for requests in [1, 15, 150, 151, 300, 1_000] {
            let slowest = slowest(requests, latency).await;
            tell(&format!("{latency:?}"), requests, latency, &slowest);
        }
    }
}

/// Prints a line; an answer takes so long at least.
fn tell(answers_take: &str, requests: usize, latency: Duration, run: &Run) {
    let least = least_time(&BULK_CREATE_EVENTS.limits, requests as u64) + latency;
    println!(
        "| {answers_take} | {requests} | {:.2} s | {:.2} s | {:.3} | {} |",
        least.as_secs_f64(),
        run.elapsed.as_secs_f64(),
        run.elapsed.as_secs_f64() / least.as_secs_f64(),
        run.refused,
    );
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
    send(&world.client, requests).await
}

/// Sends so many full requests in real time, to windows of whatever alignment.
async fn real(requests: usize) -> Run {
    let sandbox = Sandbox::builder().sink(true).start().await;
    let sandbox = sandbox.expect("a free port");
    let options = ClientOptions {
        base_url: sandbox.url().to_owned(),
        ..ClientOptions::new(sandbox.key())
    };
    let client = Client::new(options).expect("the sandbox's address is loopback");
    send(&client, requests).await
}

async fn send(client: &Client, requests: usize) -> Run {
    let rows = (0..requests * FULL).map(|_| json!({"metric": "Seen", "external_id": "1"}));
    let report = match client.bulk().create_events(rows).run().await {
        Ok(report) => report,
        Err(stopped) => panic!("{stopped}"),
    };
    assert_eq!(report.batches, requests as u64, "full requests");
    Run {
        elapsed: report.elapsed,
        refused: report.usage.throttled,
    }
}
