//! Jobs that were not waited for: their handles go to a file, and say later what became of the rows.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use klaviyo_core::bulk::ImportProfilesOptions;
use klaviyo_core::jobs::JobStatus;
use klaviyo_core::{JobHandles, Report};
use klaviyo_sandbox::{OnTakenPhoneNumber, Sandbox};
use klaviyo_tests::World;
use serde_json::{Value, json};

const MINUTE: Duration = Duration::from_secs(60);

async fn import(world: &World, rows: Vec<Value>) -> Report {
    let mut options = ImportProfilesOptions::default();
    options.run.wait = Some(false);
    let import = world.client.bulk().import_profiles(rows).options(options);
    import.run().await.unwrap()
}

fn customer(number: usize) -> Value {
    json!({"external_id": number.to_string()})
}

/// A new profile, and one that is there and wants the number of another.
fn mixed(number: usize) -> Vec<Value> {
    let mut rival = customer(number);
    rival["phone_number"] = json!("+12025550100");
    vec![json!({"external_id": format!("new {number}")}), rival]
}

#[tokio::test]
async fn handles_come_back_from_a_file_and_tell_each_rows_end() {
    let builder = Sandbox::builder().taken_phone_number(OnTakenPhoneNumber::ImportError);
    let world = World::with(builder, None).await;
    let owner = json!({"external_id": "owner", "phone_number": "+12025550100"});
    let before = (0..25).map(customer).chain([owner]);
    let before = world.client.bulk().import_profiles(before).run().await;
    assert_eq!(before.unwrap().counts.completed, 26);

    let mut open = JobHandles::default();
    for number in 0..25 {
        let report = import(&world, mixed(number)).await;
        assert_eq!((report.counts.accepted, report.open_jobs.len()), (2, 1));
        report
            .open_jobs
            .into_iter()
            .for_each(|handle| open.push(handle));
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jobs.json");
    open.save(&file).unwrap();

    let looks_before = looks(&world, "get_bulk_import_profiles_job");
    let open = JobHandles::load(&file).unwrap();
    let reports = world.client.jobs().wait(&open, MINUTE).await.unwrap();
    assert_eq!(reports.len(), 25);
    for (report, handle) in reports.iter().zip(&open) {
        assert_eq!(
            (report.status, &report.handle),
            (JobStatus::Complete, handle)
        );
        assert_eq!((report.counts.completed, report.counts.failed), (1, 1));
        assert_eq!(report.errors[0].row, Some(1));
    }
    // Most are complete by then, and one page of the listing says so.
    assert_eq!(looks(&world, "get_bulk_import_profiles_jobs"), 1);
    assert!(looks(&world, "get_bulk_import_profiles_job") - looks_before < 25);
}

fn looks(world: &World, operation: &str) -> u64 {
    let requests = world.sandbox.state().requests;
    requests.get(operation).map_or(0, |seen| seen.answered(200))
}
