//! `bulk_import_profiles`: what refuses a request, and what becomes of its rows.

use klaviyo_sandbox::{Identifier, OnTakenPhoneNumber, Sandbox, SuppressionReason};
use serde_json::{Value, json};

use crate::desk::{Desk, Reply, import_body};

#[tokio::test]
async fn rows_become_profiles() {
    let desk = Desk::open().await;
    let reply = desk
        .import(&[
            json!({"email": "Ada@shop.example", "first_name": "Ada", "properties": {"orders": 3}}),
            json!({"external_id": "7", "location": {"city": "Turin", "latitude": 45.07}}),
            json!({"phone_number": "+390110000000"}),
        ])
        .await;
    assert_eq!(reply.status, 202);
    assert_eq!(desk.sandbox.state().profiles, 3);
    let ada = desk
        .sandbox
        .profile(Identifier::Email, "ada@shop.example")
        .unwrap();
    assert_eq!(
        (&ada.attributes["first_name"], &ada.properties["orders"]),
        (&json!("Ada"), &json!(3))
    );
    let turin = desk.sandbox.profile(Identifier::ExternalId, "7").unwrap();
    assert_eq!(
        turin.attributes["location"],
        json!({"city": "Turin", "latitude": 45.07})
    );
}

#[tokio::test]
async fn malformed_rows_refuse_the_whole_request() {
    // live: the pointer of each malformed field; the row without an identifier ends in a slash.
    let desk = Desk::open().await;
    let reply = desk
        .import(&[
            json!({"external_id": "1"}),
            json!({"email": "not an address"}),
            json!({"phone_number": "011 000"}),
            json!({"title": "nobody"}),
            json!({"external_id": 5}),
        ])
        .await;
    assert_eq!(reply.status, 400);
    assert_eq!(
        reply.pointers(),
        [
            "/data/attributes/profiles/data/1/attributes/email",
            "/data/attributes/profiles/data/2/attributes/phone_number",
            "/data/attributes/profiles/data/3/attributes/",
            "/data/attributes/profiles/data/4/attributes/external_id",
        ],
    );
    assert!(reply.codes().iter().all(|code| *code == "invalid"));
    let state = desk.sandbox.state();
    assert_eq!((state.profiles, state.jobs.complete), (0, 0));
}

#[tokio::test]
async fn an_anonymous_id_is_not_accepted() {
    // docs: not since 2025-10-15.
    let desk = Desk::open().await;
    let reply = desk
        .import(&[json!({"email": "ada@shop.example", "anonymous_id": "x"})])
        .await;
    assert_eq!(
        reply.pointers(),
        ["/data/attributes/profiles/data/0/attributes/anonymous_id"]
    );
}

#[tokio::test]
async fn null_does_not_clear() {
    // docs.
    let desk = Desk::open().await;
    desk.import(&[
        json!({"external_id": "1", "first_name": "Ada", "properties": {"plan": "gold"}}),
    ])
    .await;
    desk.import(&[
        json!({"external_id": "1", "first_name": null, "properties": {"plan": null, "vip": true}}),
    ])
    .await;
    let profile = desk.sandbox.profile(Identifier::ExternalId, "1").unwrap();
    assert_eq!(profile.attributes["first_name"], "Ada");
    assert_eq!(
        Value::Object(profile.properties),
        json!({"plan": "gold", "vip": true})
    );
}

#[tokio::test]
async fn patch_properties_stand_beside_the_attributes() {
    // spec.
    let desk = Desk::open().await;
    desk.import(&[json!({"external_id": "1", "properties": {"skus": ["a", "b"], "old": 1}})])
        .await;
    let mut body = import_body(&[json!({"external_id": "1"})]);
    body["data"]["attributes"]["profiles"]["data"][0]["meta"] = json!({
        "patch_properties": {"append": {"skus": "c"}, "unappend": {"skus": "a"}, "unset": "old"},
    });
    assert_eq!(
        desk.post("/api/profile-bulk-import-jobs", body)
            .await
            .status,
        202
    );
    let profile = desk.sandbox.profile(Identifier::ExternalId, "1").unwrap();
    assert_eq!(
        Value::Object(profile.properties),
        json!({"skus": ["b", "c"]})
    );
}

#[tokio::test]
async fn profiles_are_put_on_the_lists_of_the_request() {
    // spec.
    let desk = Desk::open().await;
    let list = desk.sandbox.create_list("Newsletter");
    let mut body = import_body(&[json!({"external_id": "1"}), json!({"external_id": "2"})]);
    body["data"]["relationships"] = json!({"lists": {"data": [{"type": "list", "id": list}]}});
    let reply = desk.post("/api/profile-bulk-import-jobs", body).await;
    assert_eq!(reply.status, 202);
    assert_eq!(
        reply.body["data"]["relationships"]["lists"]["data"][0]["id"],
        list.as_str()
    );
    assert_eq!(desk.sandbox.state().list(&list).unwrap().profiles, 2);
}

#[tokio::test]
async fn an_unknown_list_refuses_the_request() {
    // live: the pointer is /data.
    let desk = Desk::open().await;
    let mut body = import_body(&[json!({"external_id": "1"})]);
    body["data"]["relationships"] = json!({"lists": {"data": [{"type": "list", "id": "NoSuch"}]}});
    let reply = desk.post("/api/profile-bulk-import-jobs", body).await;
    assert_eq!(
        (reply.status, reply.codes(), reply.pointers()),
        (400, vec!["invalid"], vec!["/data"])
    );
    assert_eq!(desk.sandbox.state().profiles, 0);
}

fn one_number_for_two() -> [Value; 2] {
    [
        json!({"email": "a@shop.example", "phone_number": "+390110000000"}),
        json!({"email": "b@shop.example", "phone_number": "+390110000000"}),
    ]
}

#[tokio::test]
async fn a_conflicting_phone_number_can_be_dropped() {
    // live: seen, as was the 400.
    let desk = Desk::with(
        Sandbox::builder()
            .job_time(std::time::Duration::ZERO)
            .taken_phone_number(OnTakenPhoneNumber::DropNumber),
    )
    .await;
    assert_eq!(desk.import(&one_number_for_two()).await.status, 202);
    let second = desk
        .sandbox
        .profile(Identifier::Email, "b@shop.example")
        .unwrap();
    assert_eq!(
        (second.phone_number(), desk.sandbox.state().jobs.failed_rows),
        (None, 0)
    );
}

#[tokio::test]
async fn a_conflicting_phone_number_can_refuse_the_request() {
    let desk = Desk::with(
        Sandbox::builder()
            .job_time(std::time::Duration::ZERO)
            .taken_phone_number(OnTakenPhoneNumber::Refuse),
    )
    .await;
    let [first, second] = one_number_for_two();
    let pointer =
        |row: usize| format!("/data/attributes/profiles/data/{row}/attributes/phone_number");
    let reply = desk.import(&[first.clone(), second.clone()]).await;
    assert_eq!(
        (reply.status, reply.pointers()),
        (400, vec![pointer(1).as_str()])
    );
    assert_eq!(desk.import(&[first]).await.status, 202);
    assert_eq!(desk.import(&[second]).await.pointers(), [pointer(0)]);
}

#[tokio::test]
async fn rows_that_may_be_of_one_profile_are_no_conflict() {
    let builder = Sandbox::builder().taken_phone_number(OnTakenPhoneNumber::Refuse);
    let desk = Desk::with(builder.limits(false)).await;
    let number = "+390110000000";
    let row = |by: &str, value: &str| json!({by: value, "phone_number": number});
    let title = json!({"phone_number": number, "title": "Countess"});
    for rows in [
        vec![row("email", "a@shop.example"), title.clone()],
        vec![title, row("email", "a@shop.example")],
        vec![
            row("email", "A@shop.example"),
            row("email", "a@shop.example"),
        ],
        vec![row("external_id", "7"), row("email", "b@shop.example")],
        vec![row("external_id", "7"), row("external_id", "8")],
    ] {
        let reply = desk.import(&rows).await;
        assert_eq!(reply.status, 202, "{rows:?}: {:?}", reply.body);
        Reply::to(desk.bare(reqwest::Method::POST, "/_sandbox/reset")).await;
    }
    let [first, second] = one_number_for_two();
    let between = json!({"phone_number": number});
    let reply = desk.import(&[between, first, second]).await;
    assert_eq!(reply.status, 400);
    assert_eq!(
        reply.pointers(),
        ["/data/attributes/profiles/data/2/attributes/phone_number"]
    );
}

#[tokio::test]
async fn consent_is_not_touched() {
    // docs.
    let desk = Desk::open().await;
    let [left, new] = ["ada@shop.example", "grace@shop.example"];
    desk.sandbox
        .suppress(left, SuppressionReason::UserSuppressed);
    let ids = desk.customers(&[left, new]).await;
    let marketing = async |id| desk.subscriptions(id).await["email"]["marketing"].clone();
    assert_eq!(marketing(&ids[0]).await["consent"], "NEVER_SUBSCRIBED");
    assert_eq!(
        marketing(&ids[0]).await["suppression"][0]["reason"],
        "USER_SUPPRESSED"
    );
    assert_eq!(marketing(&ids[1]).await["consent"], "NEVER_SUBSCRIBED");
}

#[tokio::test]
async fn two_rows_of_one_profile_are_both_taken() {
    // chosen: third parties saw one dropped, and the order not kept.
    let desk = Desk::open().await;
    let rows = ["Ada", "Augusta"].map(|name| json!({"external_id": "1", "first_name": name}));
    assert_eq!(desk.import(&rows).await.status, 202);
    let profile = desk.sandbox.profile(Identifier::ExternalId, "1").unwrap();
    assert_eq!(profile.attributes["first_name"], "Augusta");
    assert_eq!(desk.sandbox.state().jobs.completed_rows, 2);
}

#[tokio::test]
async fn a_place_is_a_number_or_text() {
    // docs.
    let desk = Desk::open().await;
    let place = json!({"latitude": "45.07", "longitude": 7.69});
    let rows = [json!({"external_id": "1", "location": place})];
    assert_eq!(desk.import(&rows).await.status, 202);
    let profile = desk.sandbox.profile(Identifier::ExternalId, "1").unwrap();
    assert_eq!(profile.attributes["location"], place);
}
