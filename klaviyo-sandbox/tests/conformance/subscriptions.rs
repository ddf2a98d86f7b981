//! Subscribing and unsubscribing in bulk, and what a profile shows of it.

use std::time::Duration;

use klaviyo_sandbox::{
    Channel, Confirmation, ConsentState, Identifier, Sandbox, SuppressionReason,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, Reply, stopped};

const SUBSCRIBE: &str = "/api/profile-subscription-bulk-create-jobs";
const UNSUBSCRIBE: &str = "/api/profile-subscription-bulk-delete-jobs";

/// A profile that agrees to e-mail marketing, as a request names it.
pub(crate) fn agrees(email: &str) -> Value {
    json!({"email": email, "subscriptions": {"email": {"marketing": {"consent": "SUBSCRIBED"}}}})
}

fn leaves(email: &str) -> Value {
    json!({"email": email, "subscriptions": {"email": {"marketing": {"consent": "UNSUBSCRIBED"}}}})
}

fn job(kind: &str, rows: &[Value], list: Option<&str>, more: &Value) -> Value {
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| json!({"type": "profile", "attributes": row}))
        .collect();
    let mut body = json!({"data": {"type": kind, "attributes": {"profiles": {"data": rows}}}});
    for (name, value) in more.as_object().into_iter().flatten() {
        body["data"]["attributes"][name] = value.clone();
    }
    if let Some(list) = list {
        body["data"]["relationships"] = json!({"list": {"data": {"type": "list", "id": list}}});
    }
    body
}

pub(crate) async fn subscribe(
    desk: &Desk,
    rows: &[Value],
    list: Option<&str>,
    more: Value,
) -> Reply {
    let kind = "profile-subscription-bulk-create-job";
    desk.post(SUBSCRIBE, job(kind, rows, list, &more)).await
}

async fn unsubscribe(desk: &Desk, rows: &[Value], list: Option<&str>) -> Reply {
    let kind = "profile-subscription-bulk-delete-job";
    desk.post(UNSUBSCRIBE, job(kind, rows, list, &Value::Null))
        .await
}

/// A list that asks nobody to confirm.
async fn single_opt_in_list(desk: &Desk) -> String {
    let body = json!({"data": {"type": "list", "attributes": {"name": "News", "opt_in_process": "single_opt_in"}}});
    desk.post("/api/lists", body).await.id().to_owned()
}

fn reasons(subscriptions: &Value) -> Vec<&str> {
    let suppressions = subscriptions["email"]["marketing"]["suppression"].as_array();
    suppressions
        .unwrap()
        .iter()
        .map(|one| one["reason"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn who_subscribes_is_created_and_put_on_the_list() {
    // docs: a profile that is not there is created; accepted without a body.
    let desk = Desk::open().await;
    let list = single_opt_in_list(&desk).await;
    let more = json!({"custom_source": "Fair"});
    let reply = subscribe(&desk, &[agrees("ada@shop.example")], Some(&list), more).await;
    assert_eq!((reply.status, &reply.body), (202, &Value::Null));
    assert_eq!(desk.sandbox.state().list(&list).unwrap().profiles, 1);
    let ada = desk
        .sandbox
        .profile(Identifier::Email, "ada@shop.example")
        .unwrap();
    let marketing = &desk.subscriptions(&ada.id).await["email"]["marketing"];
    assert_eq!(
        (
            &marketing["consent"],
            &marketing["can_receive_email_marketing"],
            &marketing["custom_method_detail"],
            &marketing["double_optin"]
        ),
        (
            &json!("SUBSCRIBED"),
            &json!(true),
            &json!("Fair"),
            &json!(false)
        )
    );
}

#[tokio::test]
async fn nothing_is_shown_of_subscriptions_unless_asked_for() {
    // spec.
    let desk = Desk::open().await;
    let [ada] = desk
        .customers(&["ada@shop.example"])
        .await
        .try_into()
        .unwrap();
    let plain = desk.get(&format!("/api/profiles/{ada}")).await.body;
    assert_eq!(plain["data"]["attributes"].get("subscriptions"), None);
    let shown = desk.subscriptions(&ada).await;
    assert_eq!(shown["email"]["marketing"]["consent"], "NEVER_SUBSCRIBED");
    assert_eq!(
        shown["email"]["marketing"]["can_receive_email_marketing"],
        true
    );
    assert_eq!(
        shown["sms"]["marketing"]["can_receive_sms_marketing"],
        false
    );
    let asked = desk
        .get("/api/profiles?additional-fields[profile]=subscriptions,predictive_analytics&fields[profile]=subscriptions.email.marketing.consent,predictive_analytics.total_clv")
        .await;
    assert_eq!(
        asked.body["data"][0]["attributes"],
        json!({
            "subscriptions": {"email": {"marketing": {"consent": "NEVER_SUBSCRIBED"}}},
            "predictive_analytics": {"total_clv": null},
        })
    );
}

#[tokio::test]
async fn a_double_opt_in_awaits_its_owner() {
    // docs: the owner of the address has to confirm, unless the import is a historical one. That
    // nobody does, or everybody, is a setting.
    for (confirmation, state) in [
        (Confirmation::Awaited, ConsentState::NeverSubscribed),
        (Confirmation::Given, ConsentState::Subscribed),
    ] {
        let builder = Sandbox::builder().limits(false).job_time(Duration::ZERO);
        let desk = Desk::with(builder.confirmation(confirmation)).await;
        desk.customers(&["ada@shop.example"]).await;
        let list = desk.sandbox.create_list("News");
        subscribe(
            &desk,
            &[agrees("ada@shop.example")],
            Some(&list),
            Value::Null,
        )
        .await;
        let ada = desk
            .sandbox
            .profile(Identifier::Email, "ada@shop.example")
            .unwrap();
        assert_eq!(ada.consent(Channel::EmailMarketing), state);
    }
}

#[tokio::test]
async fn a_historical_import_says_when_consent_was_given() {
    // docs.
    let desk = Desk::with(
        Sandbox::builder()
            .limits(false)
            .job_time(Duration::ZERO)
            .clock(stopped()),
    )
    .await;
    let at =
        "/data/attributes/profiles/data/0/attributes/subscriptions/email/marketing/consented_at";
    let row = |moment: Option<&str>| {
        let mut row = agrees("ada@shop.example");
        if let Some(moment) = moment {
            row["subscriptions"]["email"]["marketing"]["consented_at"] = moment.into();
        }
        row
    };
    let past = Some("2025-03-01T10:00:00Z");
    for (moment, historical) in [
        (None, true),
        (Some("2026-11-22T12:00:01Z"), true),
        (past, false),
    ] {
        let more = json!({"historical_import": historical});
        let reply = subscribe(&desk, &[row(moment)], None, more).await;
        assert_eq!((reply.status, reply.pointers()), (400, vec![at]));
    }
    // It needs no confirmation, and creates profiles without a list, too.
    let more = json!({"historical_import": true});
    assert_eq!(subscribe(&desk, &[row(past)], None, more).await.status, 202);
    let ada = desk
        .get(r#"/api/profiles?filter=equals(email,"ada@shop.example")"#)
        .await;
    let id = ada.body["data"][0]["id"].as_str().unwrap().to_owned();
    let marketing = &desk.subscriptions(&id).await["email"]["marketing"];
    assert_eq!(marketing["consent_timestamp"], "2025-03-01T10:00:00+00:00");
    assert_eq!(marketing["last_updated"], "2026-11-22T12:00:00+00:00");
}

#[tokio::test]
async fn without_a_list_nobody_new_is_created() {
    // live.
    let builder = Sandbox::builder().limits(false).job_time(Duration::ZERO);
    let desk = Desk::with(builder.confirmation(Confirmation::Given)).await;
    let [ada] = desk
        .customers(&["ada@shop.example"])
        .await
        .try_into()
        .unwrap();
    let rows = [agrees("ada@shop.example"), agrees("new@shop.example")];
    assert_eq!(subscribe(&desk, &rows, None, Value::Null).await.status, 202);
    assert_eq!(desk.sandbox.state().profiles, 1);
    let shown = desk.subscriptions(&ada).await;
    assert_eq!(shown["email"]["marketing"]["consent"], "SUBSCRIBED");
}

#[tokio::test]
async fn unsubscribing_without_a_list_is_global_and_suppresses() {
    // docs; somebody unknown is created and unsubscribed.
    let desk = Desk::open().await;
    let list = single_opt_in_list(&desk).await;
    subscribe(
        &desk,
        &[agrees("ada@shop.example")],
        Some(&list),
        Value::Null,
    )
    .await;
    let rows = [leaves("ada@shop.example"), leaves("new@shop.example")];
    assert_eq!(unsubscribe(&desk, &rows, None).await.status, 202);
    assert_eq!(desk.sandbox.profiles().len(), 2);
    for profile in desk.sandbox.profiles() {
        assert_eq!(
            profile.consent(Channel::EmailMarketing),
            ConsentState::Unsubscribed
        );
        let shown = desk.subscriptions(&profile.id).await;
        assert_eq!(reasons(&shown), ["UNSUBSCRIBE"]);
        assert_eq!(
            shown["email"]["marketing"]["can_receive_email_marketing"],
            false
        );
    }
}

#[tokio::test]
async fn leaving_a_list_leaves_that_list_alone() {
    // docs: off the list; but whoever is not on it is unsubscribed globally.
    let desk = Desk::open().await;
    let list = single_opt_in_list(&desk).await;
    subscribe(
        &desk,
        &[agrees("ada@shop.example")],
        Some(&list),
        Value::Null,
    )
    .await;
    let [bob] = desk
        .customers(&["bob@shop.example"])
        .await
        .try_into()
        .unwrap();
    let rows = [leaves("ada@shop.example"), leaves("bob@shop.example")];
    unsubscribe(&desk, &rows, Some(&list)).await;
    assert_eq!(desk.sandbox.state().list(&list).unwrap().profiles, 0);
    let found = desk
        .get(&format!(
            r#"/api/profiles?filter=equals(subscriptions.email.marketing.list_suppressions.list_id,"{list}")"#
        ))
        .await;
    assert_eq!(found.body["data"].as_array().unwrap().len(), 1);
    let ada = found.body["data"][0]["id"].as_str().unwrap();
    let shown = desk.subscriptions(ada).await;
    assert_eq!(shown["email"]["marketing"]["consent"], "SUBSCRIBED");
    assert_eq!(reasons(&shown), Vec::<&str>::new());
    assert_eq!(
        shown["email"]["marketing"]["list_suppressions"][0]["list_id"],
        *list
    );
    assert_eq!(reasons(&desk.subscriptions(&bob).await), ["UNSUBSCRIBE"]);
}

#[tokio::test]
async fn subscribing_takes_suppressions_away() {
    // docs: those of people who left and those that the account's owner made.
    let desk = Desk::open().await;
    let list = single_opt_in_list(&desk).await;
    unsubscribe(&desk, &[leaves("ada@shop.example")], None).await;
    let suppress = json!({"data": {"type": "profile-suppression-bulk-create-job", "attributes": {"profiles": {"data": [
        {"type": "profile", "attributes": {"email": "ada@shop.example"}},
    ]}}}});
    desk.post("/api/profile-suppression-bulk-create-jobs", suppress)
        .await;
    let reasons = |desk: &Desk| -> Vec<SuppressionReason> {
        let ada = desk.sandbox.profile(Identifier::Email, "ada@shop.example");
        let suppressions = ada.unwrap().suppressions().to_vec();
        suppressions.into_iter().map(|one| one.reason).collect()
    };
    assert_eq!(
        reasons(&desk),
        [
            SuppressionReason::Unsubscribe,
            SuppressionReason::UserSuppressed
        ]
    );
    subscribe(
        &desk,
        &[agrees("ada@shop.example")],
        Some(&list),
        Value::Null,
    )
    .await;
    assert_eq!(reasons(&desk), []);
}

#[tokio::test]
async fn a_channel_needs_what_it_reaches_people_by() {
    // docs: an address or a number. What is asked for must be named; the rest is chosen.
    let desk = Desk::open().await;
    let at = |field: &str| format!("/data/attributes/profiles/data/0/attributes/{field}");
    let sms = json!({"sms": {"marketing": {"consent": "SUBSCRIBED"}}});
    for (row, pointer) in [
        (
            json!({"email": "ada@shop.example", "subscriptions": sms}),
            at("phone_number"),
        ),
        (
            json!({"email": "ada@shop.example", "subscriptions": {}}),
            at("subscriptions"),
        ),
        (
            json!({"email": "nonsense", "subscriptions": agrees("")["subscriptions"]}),
            at("email"),
        ),
        (
            json!({"email": "ada@shop.example", "subscriptions": {"fax": {}}}),
            at("subscriptions/fax"),
        ),
    ] {
        let reply = subscribe(&desk, &[row], None, Value::Null).await;
        assert_eq!(
            (reply.status, reply.pointers()),
            (400, vec![pointer.as_str()])
        );
    }
    let list = single_opt_in_list(&desk).await;
    let row = json!({"phone_number": "+390110000000", "subscriptions": sms});
    subscribe(&desk, &[row], Some(&list), Value::Null).await;
    let profile = desk
        .sandbox
        .profile(Identifier::PhoneNumber, "+390110000000")
        .unwrap();
    let shown = desk.subscriptions(&profile.id).await;
    assert_eq!(shown["sms"]["marketing"]["can_receive_sms_marketing"], true);
    assert_eq!(shown["email"]["marketing"]["consent"], "NEVER_SUBSCRIBED");
}

#[tokio::test]
async fn caps_and_lists_are_checked() {
    // docs: 1,000 to subscribe, 100 to unsubscribe. An unknown list is answered as in the import.
    let desk = Desk::open().await;
    let many = |count: usize, row: fn(&str) -> Value| -> Vec<Value> {
        (0..count)
            .map(|n| row(&format!("c{n}@shop.example")))
            .collect()
    };
    let items = vec!["/data/attributes/profiles/data"];
    assert_eq!(
        subscribe(&desk, &many(1000, agrees), None, Value::Null)
            .await
            .status,
        202
    );
    let reply = subscribe(&desk, &many(1001, agrees), None, Value::Null).await;
    assert_eq!((reply.status, reply.pointers()), (400, items.clone()));
    assert_eq!(
        unsubscribe(&desk, &many(100, leaves), None).await.status,
        202
    );
    let reply = unsubscribe(&desk, &many(101, leaves), None).await;
    assert_eq!((reply.status, reply.pointers()), (400, items));
    for reply in [
        subscribe(&desk, &many(1, agrees), Some("NoList"), Value::Null).await,
        unsubscribe(&desk, &many(1, leaves), Some("NoList")).await,
    ] {
        assert_eq!((reply.status, reply.pointers()), (400, vec!["/data"]));
    }
}

#[tokio::test]
async fn it_takes_its_time() {
    // docs: accepted, done later.
    let clock = stopped();
    let desk = Desk::with(Sandbox::builder().limits(false).clock(clock.clone())).await;
    let list = single_opt_in_list(&desk).await;
    subscribe(
        &desk,
        &[agrees("ada@shop.example")],
        Some(&list),
        Value::Null,
    )
    .await;
    assert_eq!(desk.sandbox.state().profiles, 0);
    clock.advance(Duration::from_secs(1));
    assert_eq!(desk.sandbox.state().list(&list).unwrap().profiles, 1);
}

#[tokio::test]
async fn the_look_inside_shows_consents() {
    let desk = Desk::open().await;
    unsubscribe(&desk, &[leaves("ada@shop.example")], None).await;
    let look = desk.bare(Method::GET, "/_sandbox/profiles?email=ada@shop.example");
    let profile = &Reply::to(look).await.body[0];
    assert_eq!(
        profile["consents"],
        json!({"email.marketing": "UNSUBSCRIBED"})
    );
    assert_eq!(profile["suppressions"], json!(["UNSUBSCRIBE"]));
}
