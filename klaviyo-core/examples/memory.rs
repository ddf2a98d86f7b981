//! Peak memory of a run over so many rows: it does not grow with their number.
//!
//! ```sh
//! cargo run --release -p klaviyo-core --example memory -- profiles 500000
//! cargo run --release -p klaviyo-core --example memory -- profiles 5000000
//! ```
//!
//! | | 500,000 rows | 5,000,000 rows |
//! |---|---|---|
//! | profiles | 8.7 to 9.9 MiB (4 runs) | 9.3 to 9.7 MiB (3 runs) |
//! | events | 8.0 MiB | 7.5 MiB |
//!
//! (Unoptimised, Linux x86-64, November 2026.)
//!
//! Rows are made as they are read, a Klaviyo in memory takes everything at once, and waits take no
//! time; so what is measured is the engine (and `VmHWM` of Linux measures it).

use std::error::Error;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use http::HeaderMap;
use klaviyo_core::auth::{Authorizer, Credentials};
use klaviyo_core::clock::FakeClock;
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
    let rows: u64 = arguments.next().ok_or("profiles|events ROWS")?.parse()?;
    let client = Client::over(
        Arc::new(Memory),
        Arc::new(FakeClock::new(1)),
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
        client
            .bulk()
            .import_profiles((0..rows).map(profile))
            .run()
            .await?
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

/// A Klaviyo that takes everything, and whose jobs are complete at once.
#[derive(Debug)]
struct Memory;

impl Transport for Memory {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let (status, body) = match request.operation.method {
            Method::Post => (202, json!({"data": {"id": request.body.len().to_string()}})),
            _ => {
                let attributes = json!({"status": "complete", "failed_count": 0});
                (
                    200,
                    json!({"data": {"id": "job", "attributes": attributes}}),
                )
            }
        };
        let response = Response {
            status,
            headers: HeaderMap::new(),
            body: body.to_string().into(),
        };
        futures::future::ready(Ok(response)).boxed()
    }
}
