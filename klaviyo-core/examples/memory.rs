//! Peak memory of a run over so many rows: it does not grow with their number.
//!
//! ```sh
//! cargo run --release -p klaviyo-core --example memory -- profiles 500000
//! cargo run --release -p klaviyo-core --example memory -- profiles 5000000
//! cargo run --release -p klaviyo-core --example memory -- spilling 5000000
//! ```
//!
//! | | 500,000 rows | 5,000,000 rows |
//! |---|---|---|
//! | profiles | 12.6 MiB | 12.6 MiB |
//! | events | 9.7 MiB | 9.6 MiB |
//! | spilling | 12.5 MiB | 12.7 MiB |
//!
//! (Unoptimised, Linux x86-64, November 2026.)
//!
//! Rows are made as they are read, a Klaviyo in memory takes everything at once, and waits take no
//! time; so what is measured is the engine (and `VmHWM` of Linux measures it). `spilling` imports
//! profiles whose jobs take 15 s, so that some 37 of them are open at once with 42 MB of items, of
//! which only 8 MiB may stay in memory: the rest goes through the temporary file. What is above the
//! 8 MiB is where each row of the open batches begins.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use http::HeaderMap;
use klaviyo_core::auth::{Authorizer, Credentials};
use klaviyo_core::bulk::ImportProfilesOptions;
use klaviyo_core::clock::{Clock, FakeClock, Moment};
use klaviyo_core::limit::LimitOptions;
use klaviyo_core::retry::RetryOptions;
use klaviyo_core::transport::{Request, Response, Transport, TransportError};
use klaviyo_core::{Client, Secret};
use klaviyo_gen::Method;
use serde_json::json;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let kind = arguments.next().unwrap_or_default();
    let rows = arguments.next().ok_or("profiles|spilling|events ROWS")?;
    let rows: u64 = rows.parse()?;
    let spills = kind == "spilling";
    let clock = FakeClock::new(1);
    let klaviyo = Memory {
        clock: clock.clone(),
        job_time: Duration::from_secs(if spills { 15 } else { 0 }),
    };
    let client = Client::over(
        Arc::new(klaviyo),
        Arc::new(clock),
        Authorizer::new(Credentials::ApiKey(Secret::new("pk_memory")))?,
        LimitOptions::default(),
        RetryOptions::default(),
    );
    let report = if kind == "events" {
        let event = |row: u64| json!({"metric": "Placed Order", "email": address(row), "value": 9.5, "properties.row": row});
        client
            .bulk()
            .create_events((0..rows).map(event))
            .run()
            .await?
    } else {
        let profile = |row: u64| json!({"email": address(row), "properties": {"row": row}});
        let mut options = ImportProfilesOptions::default();
        if spills {
            options.run.retain_bytes = 8 * 1024 * 1024;
        }
        let import = client.bulk().import_profiles((0..rows).map(profile));
        import.options(options).run().await?
    };
    let counts = report.counts;
    println!(
        "{} rows, {} completed, {} accepted, {} requests, {}",
        report.rows,
        counts.completed,
        counts.accepted,
        report.usage.requests,
        peak()?
    );
    Ok(())
}

fn address(row: u64) -> String {
    format!("customer-{row}@shop.example")
}

/// The most memory that this process has ever had.
fn peak() -> Result<String, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    Ok(line.ok_or("no VmHWM")?.to_owned())
}

/// A Klaviyo that takes everything, and whose jobs all take as long. Their ids say when they end; it
/// lists none.
#[derive(Debug)]
struct Memory {
    clock: FakeClock,
    job_time: Duration,
}

impl Memory {
    fn answer(&self, request: &Request) -> (u16, String) {
        let now = self.clock.now().since(Moment::ORIGIN);
        if request.operation.method == Method::Post {
            let id = (now + self.job_time).as_millis().to_string();
            return (202, json!({"data": {"id": id}}).to_string());
        }
        let id = request.target.rsplit('/').next().map(str::parse::<u128>);
        let Some(Ok(end)) = id else {
            return (404, String::new());
        };
        let status = if now.as_millis() < end {
            "processing"
        } else {
            "complete"
        };
        let attributes = json!({"status": status, "failed_count": 0});
        let job = json!({"data": {"id": "job", "attributes": attributes}});
        (200, job.to_string())
    }
}

impl Transport for Memory {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let (status, body) = self.answer(&request);
        let response = Response {
            status,
            headers: HeaderMap::new(),
            body: body.into(),
        };
        futures::future::ready(Ok(response)).boxed()
    }
}
