//! The sandbox as a program: it prints its address and key, and serves until it is asked to stop.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Parser;
use klaviyo_sandbox::{Confirmation, Sandbox};

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
    /// The company's id, which requests to `/client/…` must name.
    #[arg(long)]
    company: Option<String>,
    /// Let everybody confirm double opt-ins at once; otherwise nobody does.
    #[arg(long)]
    confirm: bool,
    /// Do not enforce the rate limits.
    #[arg(long)]
    no_limits: bool,
    /// Read, count and hash bulk profiles and events, but neither parse nor keep them.
    #[arg(long)]
    sink: bool,
    /// How long an import job takes, in seconds.
    #[arg(long, value_name = "SECONDS")]
    job_time: Option<f64>,
    /// How long a suppression job shows `processing` after its effect, in seconds.
    #[arg(long, value_name = "SECONDS")]
    suppression_lag: Option<f64>,
    /// Shift every rate-limit window against the clock by this many seconds; drawn if not given.
    #[arg(long, value_name = "SECONDS")]
    window_alignment: Option<f64>,
    /// What ids and window alignments are drawn from; drawn itself if not given.
    #[arg(long)]
    seed: Option<u64>,
    /// What the sandbox holds: read at the start if the file is there, written at the end.
    #[arg(long, value_name = "FILE")]
    snapshot: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let mut builder = Sandbox::builder()
        .port(arguments.port)
        .limits(!arguments.no_limits)
        .sink(arguments.sink);
    if let Some(key) = arguments.key {
        builder = builder.key(key);
    }
    if let Some(company) = arguments.company {
        builder = builder.company(company);
    }
    if arguments.confirm {
        builder = builder.confirmation(Confirmation::Given);
    }
    if let Some(seconds) = arguments.suppression_lag {
        builder = builder.suppression_lag(Duration::try_from_secs_f64(seconds)?);
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
    if let Some(file) = &arguments.snapshot {
        load(&sandbox, file)?;
    }
    println!(
        "klaviyo-sandbox listens on {} and takes the key {}",
        sandbox.url(),
        sandbox.key()
    );
    asked_to_stop().await?;
    if let Some(file) = &arguments.snapshot {
        save(&sandbox, file)?;
    }
    sandbox.stop().await;
    Ok(())
}

/// Restores what a file holds; one that is not there yet holds nothing.
fn load(sandbox: &Sandbox, file: &Path) -> Result<(), Box<dyn Error>> {
    match std::fs::read(file) {
        Ok(snapshot) => Ok(sandbox.restore(&snapshot)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Writes what the sandbox holds beside the file first, so that the old one is there until the new
/// one is whole.
fn save(sandbox: &Sandbox, file: &Path) -> io::Result<()> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    std::fs::write(&beside, sandbox.snapshot())?;
    std::fs::rename(&beside, file)
}

/// Returns after Ctrl-C, or SIGTERM where there is one.
async fn asked_to_stop() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminated = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminated.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
