//! Profile imports from rows to what the sandbox holds.

use klaviyo_core::Outcome;
use klaviyo_core::report::RowFailure;
use klaviyo_sandbox::{Identifier, OnTakenPhoneNumber, Sandbox};
use klaviyo_tests::World;
use serde_json::{Value, json};

fn customer(number: usize) -> Value {
    json!({
        "external_id": number.to_string(),
        "email": format!("customer-{number}@shop.example"),
        "first_name": "Ada",
        "location.city": "London",
        "properties": {"number": number, "tags": ["a", null], "ratio": 0.1},
    })
}

#[tokio::test]
async fn every_profile_arrives_as_it_was_given_and_joins_the_list() {
    let world = World::new().await;
    let list = world.sandbox.create_list("Customers");
    let rows = (0..10_050).map(customer);
    let import = world.client.bulk().import_profiles(rows).list_id(&list);
    let report = import.run().await.unwrap();

    assert_eq!((report.rows, report.counts.completed), (10_050, 10_050));
    assert_eq!((report.batches, report.jobs), (2, 2));
    let state = world.sandbox.state();
    assert_eq!((state.profiles, state.lists[0].profiles), (10_050, 10_050));
    for number in [0, 9_999, 10_000, 10_049] {
        let held = world
            .sandbox
            .profile(Identifier::ExternalId, &number.to_string());
        let held = held.expect("it was imported");
        let given = customer(number);
        let by_email = world
            .sandbox
            .profile(Identifier::Email, given["email"].as_str().unwrap());
        assert_eq!(by_email.unwrap().id, held.id);
        assert_eq!(held.attributes["location"]["city"], "London");
        assert_eq!(Value::Object(held.properties), given["properties"]);
    }
}

#[tokio::test]
async fn a_second_import_updates_and_a_null_leaves_what_is_there() {
    let world = World::new().await;
    let second = json!({"external_id": "1", "first_name": null, "last_name": "Lovelace"});
    for row in [customer(1), second] {
        world
            .client
            .bulk()
            .import_profiles([row])
            .run()
            .await
            .unwrap();
    }
    let held = world.sandbox.profile(Identifier::ExternalId, "1").unwrap();
    assert_eq!(held.attributes["first_name"], "Ada");
    assert_eq!(held.attributes["last_name"], "Lovelace");
    assert_eq!(world.sandbox.state().profiles, 1);
}

#[tokio::test]
async fn import_errors_of_a_job_are_tied_to_their_rows_over_all_pages() {
    let builder = Sandbox::builder().taken_phone_number(OnTakenPhoneNumber::ImportError);
    let world = World::with(builder, None).await;
    let owner = json!({"external_id": "owner", "phone_number": "+12025550100"});
    // Profiles that exist already: one that is new could still become the number's owner.
    let before = (0..300).map(customer).chain([owner]);
    let before = world.client.bulk().import_profiles(before).run().await;
    assert_eq!(before.unwrap().counts.completed, 301);

    // More than one page of errors, even of the largest size.
    let rows = (0..300).map(|number| {
        let mut row = customer(number);
        if number % 2 == 1 {
            row["phone_number"] = json!("+12025550100");
        }
        row
    });
    let report = world
        .client
        .bulk()
        .import_profiles(rows)
        .run()
        .await
        .unwrap();
    assert_eq!((report.counts.failed, report.counts.completed), (150, 150));
    let failed: Vec<RowFailure> = report.failures.iter().map(Result::unwrap).collect();
    assert!(
        failed
            .iter()
            .all(|failure| failure.row % 2 == 1 && failure.outcome == Outcome::Failed)
    );
    let item: Value = serde_json::from_str(failed[0].item.as_deref().unwrap()).unwrap();
    assert_eq!(item["attributes"]["external_id"], failed[0].row.to_string());
}

#[tokio::test]
async fn an_unknown_list_stops_the_import_with_klaviyos_words() {
    let world = World::new().await;
    let rows = (0..3).map(customer);
    let import = world
        .client
        .bulk()
        .import_profiles(rows)
        .list_id("NoSuchList");
    let Err(klaviyo_core::BulkError::Stopped(stopped)) = import.run().await else {
        panic!("it must stop");
    };
    assert_eq!(stopped.error.status(), Some(400));
    assert_eq!((stopped.report.counts.failed, stopped.report.rows), (3, 3));
    assert_eq!(world.sandbox.state().profiles, 0);
}

#[tokio::test]
async fn a_wrong_key_is_told_at_the_first_answer() {
    let world = World::with(Sandbox::builder(), Some("pk_wrong")).await;
    let import = world.client.bulk().import_profiles((0..3).map(customer));
    let Err(klaviyo_core::BulkError::Stopped(stopped)) = import.run().await else {
        panic!("it must stop");
    };
    assert_eq!(stopped.error.status(), Some(401));
    assert_eq!(stopped.report.usage.requests, 1);
    assert!(!stopped.to_string().contains("pk_wrong"));
}

#[tokio::test]
async fn bad_rows_are_rejected_and_the_others_go_through() {
    let world = World::new().await;
    let rows = [
        customer(0),
        json!({"first_name": "Nobody"}),
        json!({"email": "not an address"}),
        json!({"external_id": "3", "properties.text": "x".repeat(100_000)}),
        json!("not an object"),
        customer(5),
    ];
    let report = world
        .client
        .bulk()
        .import_profiles(rows)
        .run()
        .await
        .unwrap();
    assert_eq!((report.counts.rejected, report.counts.completed), (4, 2));
    let told: Vec<(u64, String, String)> = report
        .failures
        .iter()
        .map(Result::unwrap)
        .map(|failure| (failure.row, failure.code, failure.pointer))
        .collect();
    let expected = [
        (1, "missing_identifier", ""),
        (2, "invalid_email", "email"),
        (3, "too_large", ""),
        (4, "not_an_object", ""),
    ];
    assert_eq!(
        told,
        expected.map(|(row, code, field)| (row, code.to_owned(), field.to_owned()))
    );
    assert_eq!(world.sandbox.state().profiles, 2);
}
