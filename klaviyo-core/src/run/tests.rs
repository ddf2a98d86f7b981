//! Whole runs against a Klaviyo that answers from memory, on a fake clock.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use klaviyo_gen::Method;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::bulk::{BulkError, CreateEventsOptions, ImportProfilesOptions};
use crate::clock::FakeClock;
use crate::options::RunOptions;
use crate::outcome::Outcome;
use crate::retry::RetryOptions;
use crate::testing::{Answer, Scripted, answer, broken, client, refusal};
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

fn job(status: &str, total: u64, failed: u64) -> Answer {
    let attributes = json!({
        "status": status, "total_count": total,
        "completed_count": total - failed, "failed_count": failed,
    });
    answer(
        200,
        json!({"data": {"id": "job", "attributes": attributes}}).to_string(),
    )
}

/// Takes every import and answers requests about its job with `jobs` and `errors`.
fn klaviyo(
    jobs: impl Fn(usize) -> Answer + Send + Sync + 'static,
    errors: impl Fn(&Request) -> Answer + Send + Sync + 'static,
) -> Arc<Scripted> {
    let looks = AtomicUsize::new(0);
    Scripted::new(move |request, _| {
        if request.operation.method == Method::Post {
            return answer(202, json!({"data": {"id": "job"}}).to_string());
        }
        if request.target.contains("import-errors") {
            return errors(request);
        }
        jobs(looks.fetch_add(1, Ordering::Relaxed))
    })
}

#[tokio::test]
async fn rows_are_completed_when_their_job_is() {
    let looks = |look: usize| job(["queued", "processing", "complete"][look.min(2)], 3, 0);
    let transport = klaviyo(looks, |_| panic!("no error to read"));
    let report = import(&transport, profiles(3)).await.unwrap();
    assert_eq!((report.counts.completed, report.rows), (3, 3));
    assert_eq!(
        (report.jobs, report.batches, report.usage.requests),
        (1, 1, 4)
    );
    assert!(report.failures.is_empty());
}

#[tokio::test]
async fn a_rejected_row_does_not_hold_up_the_others() {
    let transport = klaviyo(|_| job("complete", 2, 0), |_| panic!("no error to read"));
    let rows = vec![
        json!({"external_id": "0"}),
        json!({"email": "ada"}),
        json!({"external_id": "2"}),
    ];
    let report = import(&transport, rows).await.unwrap();
    let expected = (Outcome::Rejected, "invalid_email".to_owned());
    assert_eq!(failures(&report), BTreeMap::from([(1, expected)]));
    assert_eq!(ids(&transport.requests()[0]), ["0", "2"]);
}

#[tokio::test]
async fn all_pages_of_a_jobs_errors_are_read_and_tied_to_rows() {
    let page = |request: &Request| {
        let error = |id: &str| json!({"attributes": {"code": "duplicate", "detail": "D", "original_payload": {"external_id": id}}});
        let (id, next) = if request.target.contains("cursor=2") {
            ("4", Value::Null)
        } else {
            assert!(
                request.target.contains("page%5Bsize%5D=100"),
                "{}",
                request.target
            );
            (
                "1",
                json!(
                    "https://a.klaviyo.com/api/profile-bulk-import-jobs/job/import-errors?cursor=2"
                ),
            )
        };
        answer(
            200,
            json!({"data": [error(id)], "links": {"next": next}}).to_string(),
        )
    };
    let transport = klaviyo(|_| job("complete", 5, 2), page);
    let report = import(&transport, profiles(5)).await.unwrap();
    let failed = (Outcome::Failed, "duplicate".to_owned());
    assert_eq!(
        failures(&report),
        BTreeMap::from([(1, failed.clone()), (4, failed)])
    );
    assert_eq!(report.counts.completed, 3);
}

#[tokio::test]
async fn jobs_that_end_badly_leave_their_rows_unknown() {
    type Look = fn() -> Answer;
    let table: [(Look, &str); 3] = [
        (|| job("cancelled", 2, 0), "job_cancelled"),
        (|| refusal(404, &["/data/"]), "job_vanished"),
        (|| job("complete", 2, 1), "job_errors_unread"),
    ];
    for (look, code) in table {
        let transport = klaviyo(move |_| look(), |_| answer(500, ""));
        let report = import(&transport, profiles(2)).await.unwrap();
        let unknown = (Outcome::Unknown, code.to_owned());
        assert_eq!(
            failures(&report),
            BTreeMap::from([(0, unknown.clone()), (1, unknown)])
        );
    }
}

#[tokio::test]
async fn a_job_that_never_ends_leaves_its_rows_accepted() {
    let transport = klaviyo(|_| job("processing", 0, 0), |_| panic!("no error to read"));
    let report = import(&transport, profiles(2)).await.unwrap();
    assert_eq!(report.counts.accepted, 2);
    assert!(report.elapsed >= RunOptions::default().job_deadline);
}

#[tokio::test]
async fn without_waiting_no_job_is_looked_at() {
    let transport = klaviyo(|_| panic!("a look"), |_| panic!("no error to read"));
    let client = client(&transport, &FakeClock::new(1));
    let mut options = ImportProfilesOptions::default();
    options.run.wait = false;
    let import = client.bulk().import_profiles(profiles(2)).options(options);
    let report = import.run().await.unwrap();
    assert_eq!((report.counts.accepted, report.jobs), (2, 1));
}

#[tokio::test]
async fn rows_that_are_named_fail_alone_and_the_rest_is_sent_again() {
    let transport = Scripted::new(|_, before| match before {
        0 => refusal(
            400,
            &[
                "/data/attributes/events-bulk-create/data/1/attributes/profile/data/attributes/email",
                "/data/attributes/events-bulk-create/data/3/attributes/events/data/0/attributes/time",
            ],
        ),
        _ => answer(202, ""),
    });
    let report = create(&transport, events(5)).await.unwrap();
    let failed = (Outcome::Failed, "invalid".to_owned());
    assert_eq!(
        failures(&report),
        BTreeMap::from([(1, failed.clone()), (3, failed)])
    );
    assert_eq!(report.counts.accepted, 3);
    assert_eq!(ids(&transport.requests()[1]), ["0", "2", "4"]);
}

#[tokio::test]
async fn an_error_beside_the_rows_stops_the_run() {
    let transport = Scripted::new(|_, _| refusal(400, &["/data"]));
    let stopped = create(&transport, events(30_000)).await.unwrap_err();
    assert_eq!(stopped.error.status(), Some(400));
    let report = stopped.report;
    let ends = failures(&report);
    assert_eq!(report.counts.failed % 1000, 0);
    assert!(
        report.counts.failed >= 1000 && report.rows < 30_000,
        "{:?}",
        report.counts
    );
    assert_eq!(ends[&0].0, Outcome::Failed);
    assert_eq!(report.counts.failed + report.counts.rejected, report.rows);
    let last = ends.values().next_back().unwrap();
    assert_eq!(last, &(Outcome::Rejected, "not_sent".to_owned()));
}

#[tokio::test]
async fn refusals_that_name_nobody_are_halved_until_the_guilty_stand_alone() {
    let guilty = ["77", "700"];
    let transport = Scripted::new(move |request, _| {
        let mut found = ids(request)
            .into_iter()
            .filter(|id| guilty.contains(&id.as_str()));
        // The detail differs from batch to batch, as Klaviyo's would.
        found.next().map_or_else(
            || answer(202, ""),
            |id| {
                answer(
                    400,
                    json!({"errors": [{"code": "invalid", "detail": id}]}).to_string(),
                )
            },
        )
    });
    let report = create(&transport, events(1000)).await.unwrap();
    let failed = (Outcome::Failed, "invalid".to_owned());
    assert_eq!(
        failures(&report),
        BTreeMap::from([(77, failed.clone()), (700, failed)])
    );
    assert_eq!(report.counts.accepted, 998);
    let most = 1 + 2 * 2 * 10;
    assert!(
        transport.requests().len() <= most,
        "{}",
        transport.requests().len()
    );
}

#[tokio::test]
async fn halves_that_fail_alike_are_the_requests_fault() {
    let transport = Scripted::new(|_, _| answer(413, ""));
    let stopped = create(&transport, events(500)).await.unwrap_err();
    assert_eq!(stopped.error.status(), Some(413));
    assert_eq!(stopped.report.counts.failed, 500);
    assert_eq!(transport.requests().len(), 3);
}

#[tokio::test]
async fn a_wrong_key_stops_the_run_at_the_first_answer() {
    let transport = Scripted::new(|_, _| answer(401, ""));
    let stopped = create(&transport, events(100_000)).await.unwrap_err();
    assert_eq!(stopped.error.status(), Some(401));
    assert!(transport.requests().len() <= RunOptions::default().max_in_flight);
    assert!(
        stopped.report.rows < 100_000,
        "the source is not read to its end"
    );
    assert_eq!(stopped.report.counts.unknown, 0);
    failures(&stopped.report);
}

#[tokio::test]
async fn an_account_that_others_use_up_stops_the_run_in_the_end() {
    let transport = Scripted::new(|_, _| answer(429, ""));
    let stopped = create(&transport, events(3)).await.unwrap_err();
    assert_eq!(stopped.error.status(), Some(429));
    let not_sent = (Outcome::Rejected, "not_sent".to_owned());
    assert_eq!(failures(&stopped.report)[&2], not_sent);
    assert!(stopped.report.elapsed >= Duration::from_secs(59 * 60));
}

#[tokio::test]
async fn an_outage_leaves_rows_unknown_and_stops_the_run() {
    let transport = Scripted::new(|_, _| answer(503, ""));
    let stopped = create(&transport, events(30_000)).await.unwrap_err();
    assert_eq!(stopped.error.status(), Some(503));
    let report = stopped.report;
    failures(&report);
    assert!(report.counts.unknown >= 3000, "{:?}", report.counts);
    assert_eq!(report.counts.unknown + report.counts.rejected, report.rows);
}

#[tokio::test]
async fn one_batch_that_klaviyo_stumbles_over_does_not_stop_the_run() {
    let transport = Scripted::new(|request, _| {
        if ids(request).contains(&"0".to_owned()) {
            answer(500, "")
        } else {
            answer(202, "")
        }
    });
    let report = create(&transport, events(3000)).await.unwrap();
    assert_eq!(
        (report.counts.unknown, report.counts.accepted),
        (1000, 2000)
    );
}

#[tokio::test]
async fn pointers_into_groups_of_several_events_find_their_rows() {
    // Profiles A, A, B, A: three groups, the first with two events.
    let rows: Vec<Value> = ["A", "A", "B", "A"]
        .map(|id| json!({"metric": "Seen", "external_id": id}))
        .into();
    let in_group = |group: u8, rest: &str| {
        format!("/data/attributes/events-bulk-create/data/{group}/attributes/{rest}")
    };
    for (pointer, guilty) in [
        (in_group(0, "events/data/1/attributes/time"), vec![1]),
        (in_group(0, "profile/data/attributes/email"), vec![0, 1]),
        (in_group(2, "events/data/0"), vec![3]),
    ] {
        let transport = Scripted::new(move |_, before| match before {
            0 => refusal(400, &[&pointer]),
            _ => answer(202, ""),
        });
        let report = create(&transport, rows.clone()).await.unwrap();
        let failed: Vec<u64> = failures(&report).into_keys().collect();
        assert_eq!(failed, guilty);
        assert_eq!(report.counts.accepted, 4 - guilty.len() as u64);
    }
}

#[tokio::test]
async fn a_key_that_may_not_read_jobs_is_told_and_not_waited_for() {
    let transport = klaviyo(|_| answer(403, ""), |_| panic!("no error to read"));
    let report = import(&transport, profiles(2)).await.unwrap();
    assert_eq!((report.counts.accepted, report.usage.requests), (2, 2));
    assert!(report.warnings[0].contains("403"), "{:?}", report.warnings);
}

#[tokio::test]
async fn a_job_that_is_not_known_everywhere_yet_is_looked_at_again() {
    let looks = |look| {
        if look < 2 {
            refusal(404, &[])
        } else {
            job("complete", 2, 0)
        }
    };
    let transport = klaviyo(looks, |_| panic!("no error to read"));
    let report = import(&transport, profiles(2)).await.unwrap();
    assert_eq!(report.counts.completed, 2);
}

#[tokio::test]
async fn an_answer_that_is_none_of_the_operations_is_not_trusted() {
    let transport = Scripted::new(|_, _| answer(200, "<html>Welcome to our Wi-Fi"));
    let report = create(&transport, events(2)).await.unwrap();
    assert_eq!(report.counts.unknown, 2);
}

#[tokio::test]
async fn a_run_that_is_dropped_sends_nothing_more() {
    let transport = Scripted::new(|_, _| answer(202, ""));
    let client = client(&transport, &FakeClock::new(1));
    let options = CreateEventsOptions::default();
    let mut run = client.bulk().start_create_events(&options).unwrap();
    for row in events(1500) {
        run.push(&row);
    }
    drop(run.finish());
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(transport.requests().is_empty());
}

#[tokio::test]
async fn appending_is_not_repeated_after_an_answer_was_lost() {
    let lost = || Scripted::new(|_, _| broken(Breakage::Broken));
    let (transport, row) = (
        lost(),
        json!({"external_id": "1", "patch.append.tags": "vip"}),
    );
    let report = import(&transport, vec![row]).await.unwrap();
    assert_eq!((transport.requests().len(), report.counts.unknown), (1, 1));

    let (transport, row) = (lost(), json!({"external_id": "1", "properties.tag": "vip"}));
    let stopped = import(&transport, vec![row]).await.unwrap_err();
    assert_eq!(
        (transport.requests().len(), stopped.report.counts.unknown),
        (RetryOptions::default().attempts as usize, 1)
    );
}

#[tokio::test]
async fn a_refusal_after_a_lost_answer_may_only_say_that_the_row_is_there() {
    let row_1 = "/data/attributes/events-bulk-create/data/1";
    let transport = Scripted::new(move |_, before| match before {
        0 => broken(Breakage::Broken),
        1 => refusal(400, &[row_1]),
        _ => answer(202, ""),
    });
    let report = create(&transport, events(3)).await.unwrap();
    let unknown = (Outcome::Unknown, "invalid".to_owned());
    assert_eq!(failures(&report), BTreeMap::from([(1, unknown)]));
    assert_eq!(report.counts.accepted, 2);
}

#[tokio::test]
async fn halves_inherit_the_doubt() {
    let transport = Scripted::new(move |_, before| match before {
        0 => broken(Breakage::Broken),
        before => answer(413, format!("{before}")),
    });
    let stopped = create(&transport, events(4)).await.unwrap_err();
    assert_eq!(stopped.report.counts.unknown, 4);
}

#[tokio::test]
async fn cancelling_says_what_was_under_way_and_what_was_never_sent() {
    let (entered, mut sent) = tokio::sync::mpsc::unbounded_channel();
    let transport = Scripted::slow(move |_| {
        entered.send(()).unwrap();
        futures::future::pending().boxed()
    });
    let client = client(&transport, &FakeClock::new(1));
    let mut options = CreateEventsOptions::default();
    options.run.max_in_flight = 2;
    let mut run = client.bulk().start_create_events(&options).unwrap();
    // Two batches under way, one held by the engine, one in the queue, one open.
    for row in events(4500) {
        run.push(&row);
        run.hand_over().await;
    }
    sent.recv().await.unwrap();
    sent.recv().await.unwrap();
    let report = run.cancel().await;
    assert_eq!(
        (report.counts.unknown, report.counts.rejected),
        (2000, 2500)
    );
    let ends = failures(&report);
    assert_eq!(ends[&0], (Outcome::Unknown, "in_doubt".to_owned()));
    assert_eq!(ends[&4499], (Outcome::Rejected, "not_sent".to_owned()));
}

#[tokio::test]
async fn a_slow_klaviyo_stops_the_reading_of_the_source() {
    let open: Arc<Mutex<Vec<tokio::sync::oneshot::Sender<()>>>> = Arc::default();
    let gates = Arc::clone(&open);
    let transport = Scripted::slow(move |_| {
        let (opener, gate) = tokio::sync::oneshot::channel();
        gates.lock().unwrap().push(opener);
        async move {
            gate.await.unwrap();
            answer(202, "")
        }
        .boxed()
    });
    let client = client(&transport, &FakeClock::new(1));
    let mut options = CreateEventsOptions::default();
    options.run.max_in_flight = 1;
    let mut run = client.bulk().start_create_events(&options).unwrap();
    let rows_left = AtomicUsize::new(10_000);
    let reading = async {
        for row in events(10_000) {
            run.push(&row);
            rows_left.fetch_sub(1, Ordering::Relaxed);
            run.hand_over().await;
        }
    };
    // Reads as far as it can while nothing is answered: until it yields for good.
    {
        let mut reading = std::pin::pin!(reading);
        for _ in 0..1000 {
            assert!(futures::poll!(reading.as_mut()).is_pending());
            tokio::task::yield_now().await;
        }
    }
    let read = 10_000 - rows_left.load(Ordering::Relaxed);
    assert!((2000..=5000).contains(&read), "{read} rows read");
    let report = run.cancel().await;
    failures(&report);
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
