//! The sandbox as a program: it prints its address and key, and serves until it is interrupted.

use std::time::Duration;

use clap::Parser;
use klaviyo_sandbox::Sandbox;

/// A Klaviyo on loopback, for tests and demos.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The private key that requests must carry.
    #[arg(long)]
    key: Option<String>,
    /// Do not enforce the rate limits.
    #[arg(long)]
    no_limits: bool,
    /// How long an import job takes, in seconds.
    #[arg(long, value_name = "SECONDS")]
    job_time: Option<f64>,
    /// Shift every rate-limit window against the clock by this many seconds; drawn if not given.
    #[arg(long, value_name = "SECONDS")]
    window_alignment: Option<f64>,
    /// What ids and window alignments are drawn from; drawn itself if not given.
    #[arg(long)]
    seed: Option<u64>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let mut builder = Sandbox::builder()
        .port(arguments.port)
        .limits(!arguments.no_limits);
    if let Some(key) = arguments.key {
        builder = builder.key(key);
    }
    if let Some(seconds) = arguments.job_time {
        builder = builder.job_time(Duration::try_from_secs_f64(seconds)?);
    }
    if let Some(seconds) = arguments.window_alignment {
        builder = builder.window_alignment(Duration::try_from_secs_f64(seconds)?);
    }
    if let Some(seed) = arguments.seed {
        builder = builder.seed(seed);
    }
    let sandbox = builder.start().await?;
    println!(
        "klaviyo-sandbox listens on {} and takes the key {}",
        sandbox.url(),
        sandbox.key()
    );
    tokio::signal::ctrl_c().await?;
    sandbox.stop().await;
    Ok(())
}
