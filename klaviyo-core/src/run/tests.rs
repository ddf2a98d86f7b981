//! Whole runs against a Klaviyo that answers from memory, on a fake clock.

mod item_ends;
mod jobs;
mod outcomes;
mod refusals;
#[cfg(feature = "journal")]
mod resumes;
mod sizes;
mod stops;
mod traces;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::bulk::BulkError;
use crate::clock::FakeClock;
use crate::outcome::Outcome;
use crate::testing::{Scripted, answer, broken, client, refusal};
use crate::transport::{Breakage, Request};

fn profiles(count: usize) -> Vec<Value> {
    (0..count)
        .map(|row| json!({"external_id": row.to_string()}))
        .collect()
}

fn events(count: usize) -> Vec<Value> {
    (0..count)
        .map(|row| json!({"metric": "Seen", "external_id": row.to_string()}))
        .collect()
}

/// The external ids that a request's body holds.
fn ids(request: &Request) -> Vec<String> {
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let attributes = &body["data"]["attributes"];
    let id = |profile: &Value| {
        let id = profile["attributes"]["external_id"].as_str();
        id.unwrap().to_owned()
    };
    match attributes["profiles"]["data"].as_array() {
        Some(profiles) => profiles.iter().map(id).collect(),
        None => {
            let groups = attributes["events-bulk-create"]["data"].as_array().unwrap();
            let profile = |group: &Value| id(&group["attributes"]["profile"]["data"]);
            groups.iter().map(profile).collect()
        }
    }
}

async fn import(transport: &Arc<Scripted>, rows: Vec<Value>) -> Result<Report, RunError> {
    let client = client(transport, &FakeClock::new(1));
    match client.bulk().import_profiles(rows).run().await {
        Ok(report) => Ok(report),
        Err(BulkError::Stopped(error)) => Err(error),
        Err(BulkError::NotBegun(error)) => panic!("{error}"),
    }
}

async fn create(transport: &Arc<Scripted>, rows: Vec<Value>) -> Result<Report, RunError> {
    let client = client(transport, &FakeClock::new(1));
    match client.bulk().create_events(rows).run().await {
        Ok(report) => Ok(report),
        Err(BulkError::Stopped(error)) => Err(error),
        Err(BulkError::NotBegun(error)) => panic!("{error}"),
    }
}

/// Outcome and code of every row that did not get through.
fn failures(report: &Report) -> BTreeMap<u64, (Outcome, String)> {
    assert_eq!(report.counts.total(), report.rows, "{:?}", report.counts);
    let failures = report.failures.iter().map(Result::unwrap);
    failures
        .map(|failure| (failure.row, (failure.outcome, failure.code)))
        .collect()
}

/// How one request is answered in the property below.
fn any_answer() -> impl Strategy<Value = u8> {
    0_u8..12
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever Klaviyo answers, every row that was read has exactly one end, and a row that is
    /// called accepted stands in a request that was taken.
    #[test]
    fn every_row_has_one_end(answers in prop::collection::vec(any_answer(), 1..12), count in 1_usize..4000) {
        let taken: Arc<Mutex<Vec<String>>> = Arc::default();
        let took = Arc::clone(&taken);
        let transport = Scripted::new(move |request, before| {
            let group = "/data/attributes/events-bulk-create/data/0";
            match answers[before % answers.len()] {
                0 => answer(503, ""),
                1 => broken(Breakage::Broken),
                2 => broken(Breakage::Connect),
                3 => refusal(400, &[group]),
                4 => refusal(400, &["/data"]),
                5 => answer(400, format!("{{\"errors\":[{{\"detail\":\"{before}\"}}]}}")),
                6 => answer(413, ""),
                7 => answer(429, ""),
                8 if before > 5 => answer(401, ""),
                _ => {
                    took.lock().unwrap().extend(ids(request));
                    answer(202, "")
                }
            }
        });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let report = match runtime.block_on(create(&transport, events(count))) {
            Ok(report) => report,
            Err(stopped) => *stopped.report,
        };
        let failures = failures(&report);
        prop_assert_eq!(failures.len() as u64, report.rows - report.counts.accepted);
        let mut accepted: Vec<String> = (0..report.rows)
            .filter(|row| !failures.contains_key(row))
            .map(|row| row.to_string())
            .collect();
        let mut taken = taken.lock().unwrap().clone();
        taken.sort_unstable();
        accepted.sort_unstable();
        prop_assert_eq!(accepted, taken);
    }
}
