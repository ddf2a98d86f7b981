//! Imports rows that it makes itself, with a journal: the process that the kill test kills.
//!
//! `klaviyo-test-importer URL KEY JOURNAL profiles|events ROWS`: resumes the journal when it holds a
//! run. Prints the operation of each request before it is sent, and in the end how many rows there
//! were, and how many of them are completed and accepted.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use futures::future::BoxFuture;
use klaviyo_core::Report;
use klaviyo_core::bulk::{BulkError, CreateEventsOptions, ImportProfilesOptions};
use klaviyo_core::clock::FakeClock;
use klaviyo_core::journal::{JournalError, JournalSummary};
use klaviyo_core::transport::{HttpTransport, Request, Response, Transport, TransportError};
use klaviyo_tests::{over, transport};
use serde_json::{Value, json};

/// A process is killed soon: with more under way it would read most rows before.
const MOST_UNDER_WAY: usize = 4;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, key, journal, kind, rows] = arguments.as_slice() else {
        return Err("URL KEY JOURNAL profiles|events ROWS".into());
    };
    let is_begun = match JournalSummary::read(journal) {
        Ok(_) => true,
        Err(JournalError::Missing { .. } | JournalError::Empty { .. }) => false,
        Err(error) => return Err(error.into()),
    };
    // Its waits take no time: limits are not what is tested here.
    let clock = Arc::new(FakeClock::new(1));
    let client = over(Arc::new(Telling(transport(url)?)), clock, key)?;
    let (rows, journal) = (rows.parse()?, Path::new(journal));
    let report = if kind == "profiles" {
        let mut options = ImportProfilesOptions::default();
        options.run.max_in_flight = MOST_UNDER_WAY;
        let import = client.bulk().import_profiles((0..rows).map(profile));
        let import = import.options(options);
        if is_begun {
            import.resume(journal).run().await
        } else {
            import.journal(journal).run().await
        }
    } else {
        let mut options = CreateEventsOptions::default();
        options.run.max_in_flight = MOST_UNDER_WAY;
        let events = client.bulk().create_events((0..rows).map(event));
        let events = events.options(options);
        if is_begun {
            events.resume(journal).run().await
        } else {
            events.journal(journal).run().await
        }
    };
    print_counts(report)?;
    Ok(())
}

fn profile(row: u64) -> Value {
    json!({"external_id": row.to_string()})
}

/// Without a `unique_id`: the run's id and the row's number make one.
fn event(row: u64) -> Value {
    json!({"metric": "Seen", "external_id": (row % 1000).to_string()})
}

/// Says what it sends.
#[derive(Debug)]
struct Telling(HttpTransport);

impl Transport for Telling {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        println!("{}", request.operation.id);
        self.0.send(request)
    }
}

fn print_counts(report: Result<Report, BulkError>) -> Result<(), BulkError> {
    let report = report?;
    let counts = report.counts;
    println!("{} {} {}", report.rows, counts.completed, counts.accepted);
    Ok(())
}
