//! Imports rows that it makes itself, with a journal: the process that the kill test kills.
//!
//! `klaviyo-test-importer URL KEY JOURNAL KIND ROWS [LIST]`: resumes the journal when it holds a run.
//! The kind is `profiles`, `people` (with addresses), `events`, or `members` (people onto the list, by
//! their addresses). Prints the operation of each request before it is sent, and in the end how many
//! rows there were, and how many of them are completed, accepted and rejected.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use futures::future::BoxFuture;
use klaviyo_core::Report;
use klaviyo_core::bulk::{BulkOptions, options};
use klaviyo_core::clock::FakeClock;
use klaviyo_core::journal::{JournalError, JournalSummary, Journaling};
use klaviyo_core::transport::{HttpTransport, Request, Response, Transport, TransportError};
use klaviyo_tests::{over, transport};
use serde_json::{Value, json};

/// A process is killed soon: with more under way it would read most rows before.
const MOST_UNDER_WAY: usize = 4;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, key, journal, kind, rows, list @ ..] = arguments.as_slice() else {
        return Err("URL KEY JOURNAL profiles|people|events|members ROWS [LIST]".into());
    };
    let kind = Kind::of(kind, list.first())?;
    // Its waits take no time: limits are not what is tested here. Each process draws numbers of its own:
    // one that resumed under a new run id would be noticed.
    let clock = Arc::new(FakeClock::new(std::process::id().into()));
    let client = over(Arc::new(Telling(transport(url)?)), clock, key)?;
    let mut options = options(kind.verb, kind.own_options())?;
    options.run_mut().max_in_flight = MOST_UNDER_WAY;
    options.run_mut().journal = Some(journaling(Path::new(journal))?);
    let mut run = client.bulk().start(&*options as &dyn BulkOptions).await?;
    for row in 0..rows.parse()? {
        run.push(&(kind.row)(row));
        if run.has_ready() {
            run.hand_over().await;
        }
        if run.has_stopped() {
            break;
        }
    }
    print_counts(&run.finish().await?);
    Ok(())
}

/// Begins the journal, or takes up the run in it.
fn journaling(path: &Path) -> Result<Journaling, JournalError> {
    match JournalSummary::read(path) {
        Ok(_) => Ok(Journaling::Resume(path.to_owned())),
        Err(JournalError::Missing { .. } | JournalError::Empty { .. }) => {
            Ok(Journaling::Begin(path.to_owned()))
        }
        Err(error) => Err(error),
    }
}

/// A kind of rows.
struct Kind {
    verb: &'static str,
    row: fn(u64) -> Value,
    list: Option<String>,
}

impl Kind {
    fn of(name: &str, list: Option<&String>) -> Result<Self, String> {
        let (verb, row): (_, fn(u64) -> Value) = match name {
            "profiles" => ("import_profiles", profile),
            "people" => ("import_profiles", person),
            "events" => ("create_events", event),
            "members" => ("add_profiles_to_list", person),
            other => return Err(format!("{other:?} is no kind of rows")),
        };
        let list = list.cloned();
        Ok(Kind { verb, row, list })
    }

    fn own_options(&self) -> Value {
        match &self.list {
            Some(list) => json!({"list_id": list}),
            None => json!({}),
        }
    }
}

fn profile(row: u64) -> Value {
    json!({"external_id": row.to_string()})
}

fn person(row: u64) -> Value {
    json!({"email": format!("{row}@shop.example")})
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

fn print_counts(report: &Report) {
    let counts = report.counts;
    let (completed, accepted) = (counts.completed, counts.accepted);
    let (rows, rejected) = (report.rows, counts.rejected);
    println!("{rows} {completed} {accepted} {rejected}");
}
