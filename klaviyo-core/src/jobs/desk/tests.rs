//! Jobs that were left open, asked for by their handles.

use std::sync::Arc;

use chrono::DateTime;
use serde_json::json;

use super::*;
use crate::clock::FakeClock;
use crate::testing::{Answer, Scripted, answer, client, refusal};

fn handle(operation: &str, id: &str) -> JobHandle {
    JobHandle {
        operation: operation.to_owned(),
        id: id.to_owned(),
        rows: [10, 11, 20].into_iter().collect(),
        began: DateTime::UNIX_EPOCH,
        expires: None,
    }
}

fn state(status: &str, failed: u64) -> Answer {
    let attributes = json!({"status": status, "total_count": 3, "completed_count": 3 - failed, "failed_count": failed});
    answer(200, json!({"data": {"attributes": attributes}}).to_string())
}

async fn poll(transport: &Arc<Scripted>, handles: &[JobHandle]) -> Result<Vec<JobReport>, Error> {
    let client = client(transport, &FakeClock::new(1));
    let handles = handles.iter().cloned().collect();
    client.jobs().poll(&handles).await
}

/// Jobs by their ids; errors of the one that failed for a row each, by pointer and by payload.
fn klaviyo() -> Arc<Scripted> {
    Scripted::new(|request, _| {
        let path = request.target.split('?').next().unwrap();
        if path.ends_with("/import-errors") {
            let pointed = json!({"code": "invalid", "detail": "D",
                "source": {"pointer": "/data/attributes/profiles/data/2/attributes/email"}});
            let paid = json!({"code": "duplicate", "detail": "E", "source": {"pointer": "/data"},
                "original_payload": {"external_id": "7"}});
            let errors = match path.contains("pointed") {
                true => vec![pointed],
                false => vec![pointed, paid],
            };
            let data = errors.iter().map(|error| json!({"attributes": error}));
            return answer(200, json!({"data": data.collect::<Vec<_>>()}).to_string());
        }
        match path.rsplit('/').next().unwrap() {
            "pointed" => state("complete", 1),
            "paid" => state("complete", 2),
            "gone" => refusal(404, &["/data/"]),
            status => state(status, 0),
        }
    })
}

#[tokio::test]
async fn each_job_tells_how_it_is_doing_and_what_became_of_its_rows() {
    let (imports, suppression) = ("bulk_import_profiles", "bulk_suppress_profiles");
    let handles = [
        handle(imports, "queued"),
        handle(suppression, "complete"),
        handle(imports, "pointed"),
        handle(imports, "paid"),
        handle(imports, "cancelled"),
        handle(suppression, "gone"),
    ];
    let reports = poll(&klaviyo(), &handles).await.unwrap();
    let expected = [
        (JobStatus::Queued, [0, 3, 0, 0]),
        (JobStatus::Complete, [3, 0, 0, 0]),
        (JobStatus::Complete, [2, 0, 1, 0]),
        (JobStatus::Complete, [0, 0, 1, 2]),
        (JobStatus::Cancelled, [0, 0, 0, 3]),
        (JobStatus::Vanished, [0, 0, 0, 3]),
    ];
    assert_eq!(reports.len(), expected.len());
    for ((report, handle), (status, counts)) in reports.iter().zip(&handles).zip(expected) {
        assert_eq!((&report.handle, report.status), (handle, status));
        let seen = report.counts;
        let seen = [seen.completed, seen.accepted, seen.failed, seen.unknown];
        assert_eq!(seen, counts, "{}", handle.id);
    }
    let rows: Vec<_> = reports[3].errors.iter().map(|error| error.row).collect();
    assert_eq!(rows, [Some(20), None]);
    assert_eq!(
        reports[3].errors[1].payload,
        Some(json!({"external_id": "7"}))
    );
    assert_eq!(reports[3].tally.failed, Some(2));
}

#[tokio::test]
async fn waiting_ends_with_the_last_job_or_at_the_deadline() {
    let transport = Scripted::new(|_, before| match before {
        0..5 => state("processing", 0),
        _ => state("complete", 0),
    });
    let clock = FakeClock::new(1);
    let client = client(&transport, &clock);
    let handles = [handle("bulk_import_profiles", "one")]
        .into_iter()
        .collect();
    let wait = |seconds| client.jobs().wait(&handles, Duration::from_secs(seconds));
    let reports = wait(1).await.unwrap();
    assert_eq!(reports[0].status, JobStatus::Processing);
    let reports = wait(60).await.unwrap();
    assert_eq!(reports[0].status, JobStatus::Complete);
}

#[tokio::test]
async fn a_job_that_cannot_be_looked_at_holds_up_no_other() {
    let transport = Scripted::new(|request, _| {
        match request.target.split('?').next().unwrap().rsplit('/').next() {
            Some("forbidden") => answer(403, ""),
            Some("garbled") => answer(200, "<html>"),
            Some("import-errors") => answer(500, ""),
            Some("errors-unread") => state("complete", 1),
            _ => state("complete", 0),
        }
    });
    let imports = "bulk_import_profiles";
    let handles = [
        handle(imports, "forbidden"),
        handle(imports, "done"),
        handle("create_list", "no-job"),
        handle(imports, "garbled"),
        handle(imports, "errors-unread"),
    ];
    let reports = poll(&transport, &handles).await.unwrap();
    assert!(reports.iter().map(|report| &report.handle).eq(&handles));
    let told = |report: &JobReport| {
        let code = report.error.as_ref().map_or(String::new(), Error::code);
        assert_eq!(report.status.has_ended(), report.error.is_none());
        assert_eq!(report.counts.total(), 3);
        (report.status.as_str(), code, report.counts.accepted)
    };
    let told: Vec<_> = reports.iter().map(told).collect();
    let unseen = |code: &str| ("unseen", code.to_owned(), 3);
    let expected = [
        unseen("http_403"),
        ("complete", String::new(), 0),
        unseen("configuration"),
        unseen("unreadable_answer"),
        unseen("http_500"),
    ];
    assert_eq!(told, expected);
    assert_eq!(reports[4].tally.failed, Some(1));
}

#[tokio::test]
async fn what_cannot_be_asked_is_an_error() {
    let none = Scripted::new(|_, _| panic!("nothing may be sent"));
    for operation in ["create_list", "no_such_operation"] {
        let error = poll(&none, &[handle(operation, "1")]).await.unwrap_err();
        assert!(matches!(error, Error::Configuration(_)), "{error}");
    }
    let forbidden = Scripted::new(|_, _| answer(403, ""));
    let handles = [handle("bulk_import_profiles", "1")];
    let error = poll(&forbidden, &handles).await.unwrap_err();
    assert_eq!(error.status(), Some(403));
    assert!(poll(&none, &[]).await.unwrap().is_empty());
}
