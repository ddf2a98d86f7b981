//! Rows that did not get through: kept in a file, read back, and taken by the verb they came from.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io;
use std::path::Path;

use klaviyo_core::report::DeadLetters;
use klaviyo_core::{BulkError, Outcome, Report};
use klaviyo_sandbox::{Identifier, Sandbox};
use klaviyo_tests::World;
use serde_json::{Value, json};

/// A world in which every request is refused: the key is wrong.
async fn locked() -> World {
    World::with(Sandbox::builder(), Some("pk_wrong")).await
}

fn stopped(result: Result<Report, BulkError>) -> Report {
    match result {
        Err(BulkError::Stopped(stopped)) => *stopped.report,
        other => panic!("{other:?}"),
    }
}

/// The rows of the file, mended by `mend`.
fn letters(path: &Path, mend: impl Fn(&mut Value)) -> Vec<Value> {
    let letters: io::Result<Vec<_>> = DeadLetters::open(path).unwrap().collect();
    let rows = letters.unwrap().into_iter().map(|letter| {
        let mut row = letter.item.unwrap();
        if letter.outcome == Outcome::Rejected && letter.code != "not_sent" {
            mend(&mut row);
        }
        row
    });
    rows.collect()
}

#[tokio::test]
async fn profiles_come_back_as_given_or_as_sent() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letters.ndjson");
    let rows = [
        json!({"external_id": "1", "email": "ada@shop", "location.city": "London"}),
        json!({"external_id": "2", "email": "bo@shop.example", "properties.ltv": 12.5,
               "patch.append.tags": "vip"}),
    ];
    let imported = locked()
        .await
        .client
        .bulk()
        .import_profiles(&rows)
        .run()
        .await;
    let report = stopped(imported);
    assert_eq!((report.counts.rejected, report.counts.failed), (1, 1));
    report.failures.save_dead_letters(&path).unwrap();

    let world = World::new().await;
    let rows = letters(&path, |row| row["email"] = json!("ada@shop.example"));
    let report = world
        .client
        .bulk()
        .import_profiles(rows)
        .run()
        .await
        .unwrap();
    assert_eq!(report.counts.completed, 2, "{:?}", report.reasons);
    let held = |id| world.sandbox.profile(Identifier::ExternalId, id).unwrap();
    assert_eq!(held("1").attributes["location"]["city"], "London");
    assert_eq!(held("2").properties["ltv"], 12.5);
    assert_eq!(held("2").properties["tags"], json!(["vip"]));
}

#[tokio::test]
async fn events_keep_the_ids_that_they_were_sent_with() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letters.ndjson");
    let event =
        |id: &str| json!({"metric": "Seen", "email": "ada@shop.example", "external_id": id});
    let mut rows: Vec<Value> = (0..1200).map(|row| event(&(row % 7).to_string())).collect();
    rows[5] = json!({"metric": "Seen", "external_id": "5", "value": "much"});
    let created = locked()
        .await
        .client
        .bulk()
        .create_events(&rows)
        .run()
        .await;
    let report = stopped(created);
    assert_eq!(report.counts.accepted, 0);
    assert_eq!(
        report.failures.save_dead_letters(&path).unwrap(),
        report.rows
    );

    let world = World::new().await;
    let rows = letters(&path, |row| row["value"] = json!(5));
    let count = rows.len() as u64;
    // Twice: the ids are those of the first run, the mended row's too.
    for _ in 0..2 {
        let create = world.client.bulk().create_events(&rows);
        assert_eq!(create.run().await.unwrap().counts.accepted, count);
    }
    assert_eq!(world.sandbox.state().events, count);
}
