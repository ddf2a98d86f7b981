//! What a shop's pages and apps send: the company's id in place of a key (docs), 202 without a body.

use klaviyo_sandbox::{Channel, ConsentState, Identifier};
use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, JSON_API, Reply, order};

fn profile(attributes: &Value) -> Value {
    json!({"data": {"type": "profile", "attributes": attributes}})
}

#[tokio::test]
async fn a_request_names_the_company_and_needs_no_key() {
    // docs. What another company gets is chosen.
    let desk = Desk::open().await;
    for query in ["", "?company_id=Unknwn"] {
        let request = desk
            .bare(Method::POST, &format!("/client/profiles{query}"))
            .header("revision", klaviyo_gen::REVISION)
            .header("content-type", JSON_API)
            .body(profile(&json!({"external_id": "7"})).to_string());
        let reply = Reply::to(request).await;
        assert_eq!(
            (reply.status, reply.errors("/source/parameter")),
            (400, vec!["company_id"])
        );
    }
    let reply = desk
        .visit("/client/profiles", profile(&json!({"external_id": "7"})))
        .await;
    assert_eq!((reply.status, &reply.body), (202, &Value::Null));
    assert!(desk.sandbox.profile(Identifier::ExternalId, "7").is_some());
}

#[tokio::test]
async fn a_visitor_may_be_anonymous_and_changes_their_properties() {
    // spec: `patch_properties` beside the attributes.
    let desk = Desk::open().await;
    let mut body =
        profile(&json!({"anonymous_id": "v-1", "properties": {"seen": ["a"], "old": 1}}));
    desk.visit("/client/profiles", &body).await;
    body["data"]["attributes"]["properties"] = json!({});
    body["data"]["meta"] = json!({"patch_properties": {"append": {"seen": "b"}, "unset": "old"}});
    desk.visit("/client/profiles", &body).await;
    let visitor = desk
        .sandbox
        .profile(Identifier::AnonymousId, "v-1")
        .unwrap();
    assert_eq!(
        Value::Object(visitor.properties),
        json!({"seen": ["a", "b"]})
    );
    let nobody = desk.visit("/client/profiles", profile(&json!({}))).await;
    assert_eq!(
        (nobody.status, nobody.pointers()),
        (400, vec!["/data/attributes/"])
    );
}

#[tokio::test]
async fn events_are_taken_one_by_one_and_for_one_visitor() {
    // docs, spec: one profile for the whole bulk request, 1,000 events.
    let desk = Desk::open().await;
    let ada = profile(&json!({"email": "ada@shop.example"}));
    let mut single = order(Some("o-1"), "2026-05-01T00:00:00Z", 9.0);
    single["profile"] = ada.clone();
    let body = json!({"data": {"type": "event", "attributes": single}});
    assert_eq!(desk.visit("/client/events", body).await.status, 202);

    let bulk = |count: usize| -> Value {
        let events: Vec<Value> = (0..count)
            .map(|n| order(Some(&format!("b-{n}")), "2026-05-01T00:00:00Z", 1.0))
            .map(|event| json!({"type": "event", "attributes": event}))
            .collect();
        json!({"data": {"type": "event-bulk-create", "attributes": {"profile": ada, "events": {"data": events}}}})
    };
    assert_eq!(
        desk.visit("/client/event-bulk-create", bulk(1000))
            .await
            .status,
        202
    );
    let reply = desk.visit("/client/event-bulk-create", bulk(1001)).await;
    assert_eq!(
        (reply.status, reply.pointers()),
        (400, vec!["/data/attributes/events/data"])
    );
    let state = desk.sandbox.state();
    assert_eq!((state.profiles, state.events), (1, 1001));

    let mut wrong = bulk(2);
    wrong["data"]["attributes"]["events"]["data"][1]["attributes"]["value"] = "nine".into();
    let reply = desk.visit("/client/event-bulk-create", wrong).await;
    assert_eq!(
        reply.pointers(),
        ["/data/attributes/events/data/1/attributes/value"]
    );
}

#[tokio::test]
async fn a_visitor_subscribes_to_a_list() {
    // docs: whoever names no channel means marketing by what they left.
    let desk = Desk::open().await;
    let list = json!({"data": {"type": "list", "attributes": {"name": "News", "opt_in_process": "single_opt_in"}}});
    let list = desk.post("/api/lists", list).await.id().to_owned();
    let body = |list: &str, attributes: Value| {
        json!({"data": {
            "type": "subscription",
            "attributes": {"profile": profile(&attributes), "custom_source": "Footer"},
            "relationships": {"list": {"data": {"type": "list", "id": list}}},
        }})
    };
    let ada = json!({"email": "ada@shop.example", "first_name": "Ada"});
    assert_eq!(
        desk.visit("/client/subscriptions", body(&list, ada))
            .await
            .status,
        202
    );
    let tracked = json!({"email": "bob@shop.example", "subscriptions": {"email": {
        "marketing": {"consent": "SUBSCRIBED"}, "open_tracking": {"consent": "UNSUBSCRIBED"},
    }}});
    desk.visit("/client/subscriptions", body(&list, tracked))
        .await;
    assert_eq!(desk.sandbox.state().list(&list).unwrap().profiles, 2);
    let of = |email| desk.sandbox.profile(Identifier::Email, email).unwrap();
    let (ada, bob) = (of("ada@shop.example"), of("bob@shop.example"));
    assert_eq!(ada.attributes["first_name"], "Ada");
    assert_eq!(
        ada.consent(Channel::EmailMarketing),
        ConsentState::Subscribed
    );
    assert_eq!(
        ada.consent(Channel::SmsMarketing),
        ConsentState::NeverSubscribed
    );
    assert_eq!(
        bob.consent(Channel::EmailOpenTracking),
        ConsentState::Unsubscribed
    );
    let unknown = body("NoList", json!({"email": "eve@shop.example"}));
    let reply = desk.visit("/client/subscriptions", unknown).await;
    assert_eq!(reply.pointers(), ["/data/relationships/list/data/id"]);
}

#[tokio::test]
async fn a_device_is_registered_and_unregistered() {
    // spec.
    let desk = Desk::open().await;
    let ada = profile(&json!({"email": "ada@shop.example"}));
    let device = json!({"token": "t1", "platform": "ios", "vendor": "apns", "profile": ada});
    let body = json!({"data": {"type": "push-token", "attributes": device}});
    assert_eq!(desk.visit("/client/push-tokens", body).await.status, 202);
    let count = |body: Value| body["data"].as_array().unwrap().len();
    assert_eq!(count(desk.get("/api/push-tokens").await.body), 1);
    let body = json!({"data": {"type": "push-token-unregister", "attributes": device}});
    assert_eq!(
        desk.visit("/client/push-token-unregister", body)
            .await
            .status,
        202
    );
    assert_eq!(count(desk.get("/api/push-tokens").await.body), 0);
}

#[tokio::test]
async fn a_wish_for_a_variant_keeps_the_profile() {
    // spec; the one with a key takes the same body.
    let desk = Desk::open().await;
    let body = |channel: &str| {
        json!({"data": {
            "type": "back-in-stock-subscription",
            "attributes": {"channels": [channel], "profile": profile(&json!({"email": "ada@shop.example"}))},
            "relationships": {"variant": {"data": {"type": "catalog-variant", "id": "$custom:::$default:::V1"}}},
        }})
    };
    assert_eq!(
        desk.visit("/client/back-in-stock-subscriptions", body("EMAIL"))
            .await
            .status,
        202
    );
    assert_eq!(
        desk.post("/api/back-in-stock-subscriptions", body("SMS"))
            .await
            .status,
        202
    );
    assert_eq!(desk.sandbox.state().profiles, 1);
    let reply = desk
        .post("/api/back-in-stock-subscriptions", body("FAX"))
        .await;
    assert_eq!(reply.pointers(), ["/data/attributes/channels/0"]);
}
