//! Batches that are refused: for some rows, for the request, or without a word on why.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::jobs::{job, klaviyo};
use super::{create, events, failures, ids, import};
use crate::outcome::Outcome;
use crate::testing::{Scripted, answer, broken, refusal};
use crate::transport::Breakage;

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
    let transport = Scripted::new(|_, _| answer(400, ""));
    let stopped = create(&transport, events(500)).await.unwrap_err();
    assert_eq!(stopped.error.status(), Some(400));
    assert_eq!(stopped.report.counts.failed, 500);
    assert_eq!(transport.requests().len(), 3);
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
async fn an_event_is_known_again_whatever_the_case_of_its_address() {
    let transport = Scripted::new(|_, _| answer(202, ""));
    let event = |email: &str| json!({"metric": "Seen", "email": email, "unique_id": "1"});
    let rows = vec![event("ada@shop.example"), event("Ada@Shop.example")];
    let report = create(&transport, rows).await.unwrap();
    assert_eq!((report.counts.accepted, report.counts.rejected), (1, 1));
    assert_eq!(report.reasons["duplicate"], 1);
}

#[tokio::test]
async fn a_report_that_is_printed_shows_no_row() {
    let transport = Scripted::new(|_, _| panic!("nothing may be sent"));
    let rows = vec![json!({"email": "ada at shop.example"})];
    let report = import(&transport, rows).await.unwrap();
    assert_eq!(report.failures.len(), 1);
    let shown = format!("{report:?}");
    // Neither as text nor as the numbers of its bytes.
    assert!(
        !shown.contains("shop.example") && !shown.contains("97, 100, 97"),
        "{shown}"
    );
}
