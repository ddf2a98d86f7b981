//! Jobs to their end, and what they say of rows.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use klaviyo_gen::Method;
use serde_json::{Value, json};

use super::{failures, import, profiles};
use crate::bulk::{CreateCouponCodesOptions, ImportProfilesOptions};
use crate::clock::{Clock, FakeClock, Moment};
use crate::options::RunOptions;
use crate::outcome::Outcome;
use crate::testing::{Answer, Scripted, answer, client, refusal};
use crate::transport::Request;

pub(super) fn job(status: &str, total: u64, failed: u64) -> Answer {
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
pub(super) fn klaviyo(
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
    assert_eq!((report.counts.accepted, report.open_jobs.len()), (2, 1));
    assert!(report.elapsed >= RunOptions::default().job_deadline);
}

#[tokio::test]
async fn without_waiting_no_job_is_looked_at() {
    let transport = klaviyo(|_| panic!("a look"), |_| panic!("no error to read"));
    let client = client(&transport, &FakeClock::new(1));
    let mut options = ImportProfilesOptions::default();
    options.run.wait = Some(false);
    let import = client.bulk().import_profiles(profiles(2)).options(options);
    let report = import.run().await.unwrap();
    assert_eq!((report.counts.accepted, report.jobs), (2, 1));
    let handle = report.open_jobs.iter().next().unwrap();
    assert_eq!(
        (handle.operation.as_str(), handle.id.as_str()),
        ("bulk_import_profiles", "job")
    );
    assert_eq!(handle.rows.iter().collect::<Vec<_>>(), [0, 1]);
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

/// Klaviyo with the unfinished jobs of coupon codes counted: each ends after a minute.
fn counting(clock: &FakeClock) -> (Arc<Scripted>, Arc<Mutex<usize>>) {
    let (clock, most) = (clock.clone(), Arc::<Mutex<usize>>::default());
    let peak = Arc::clone(&most);
    let begun: Mutex<Vec<Moment>> = Mutex::default();
    let minute = Duration::from_secs(60);
    let transport = Scripted::new(move |request, _| {
        let (now, mut begun) = (clock.now(), begun.lock().unwrap());
        if request.operation.method == Method::Post {
            let unfinished = begun.iter().filter(|began| now.since(**began) < minute);
            let unfinished = unfinished.count() + 1;
            let mut peak = peak.lock().unwrap();
            *peak = unfinished.max(*peak);
            begun.push(now);
            let id = (begun.len() - 1).to_string();
            return answer(202, json!({"data": {"id": id}}).to_string());
        }
        let path = request.target.split('?').next().unwrap();
        let number: usize = path.rsplit('/').next().unwrap().parse().unwrap();
        let status = if now.since(begun[number]) < minute {
            "processing"
        } else {
            "complete"
        };
        let attributes = json!({"status": status, "failed_count": 0});
        answer(200, json!({"data": {"attributes": attributes}}).to_string())
    });
    (transport, most)
}

/// As many jobs as an account may have unfinished, none of which ends, and no batch behind them.
#[tokio::test]
async fn jobs_that_nobody_waits_for_hold_up_no_end_when_no_more_batches_come() {
    let clock = FakeClock::new(1);
    let transport = Scripted::new(|request, before| match request.operation.method {
        Method::Post => answer(202, json!({"data": {"id": before.to_string()}}).to_string()),
        _ => job("processing", 0, 0),
    });
    let client = client(&transport, &clock);
    let codes = (0..100_000).map(|row| json!({"unique_code": row.to_string()}));
    let mut options = CreateCouponCodesOptions {
        coupon_id: Some("SAVE10".to_owned()),
        ..CreateCouponCodesOptions::default()
    };
    options.run.wait = Some(false);
    let call = client.bulk().create_coupon_codes(codes).options(options);
    let report = call.run().await.unwrap();
    assert_eq!(
        (report.counts.accepted, report.open_jobs.len()),
        (100_000, 100)
    );
    let sent = report.batches;
    assert_eq!(
        (sent, report.usage.requests),
        (100, 100),
        "no job is looked at"
    );
    // 75 requests a second.
    assert!(
        report.elapsed < Duration::from_secs(3),
        "{:?}",
        report.elapsed
    );
}

#[tokio::test]
async fn runs_side_by_side_keep_to_the_unfinished_jobs_of_an_account_and_both_go_on() {
    let clock = FakeClock::new(1);
    let (transport, most) = counting(&clock);
    let client = client(&transport, &clock);
    let codes = |name: &'static str| {
        (0..80_000).map(move |row| json!({"unique_code": format!("{name}-{row}")}))
    };
    let run = |name| {
        let call = client.bulk().create_coupon_codes(codes(name));
        call.coupon_id("SAVE10").run()
    };
    let (one, other) = futures::join!(run("A"), run("B"));
    for report in [one.unwrap(), other.unwrap()] {
        assert_eq!((report.counts.completed, report.jobs), (80_000, 80));
    }
    assert_eq!(*most.lock().unwrap(), 100);
}
