//! Actions against a scripted Klaviyo.

use std::sync::Arc;

use serde_json::Value;

use super::*;
use crate::clock::{Clock, FakeClock, Moment};
use crate::testing::{Answer, Scripted, answer, broken, client};
use crate::transport::Breakage;

fn scripted(script: impl Fn(usize) -> Answer + Send + Sync + 'static) -> Arc<Scripted> {
    Scripted::new(move |_, before| script(before))
}

fn body(transport: &Scripted, index: usize) -> Value {
    serde_json::from_slice(&transport.requests()[index].body).unwrap()
}

const PROFILE: &str = r#"{"data":{"type":"profile","id":"P1","attributes":{}}}"#;

#[tokio::test]
async fn an_upsert_says_whether_it_created_and_null_clears() {
    for (status, created) in [(201, true), (200, false)] {
        let transport = scripted(move |_| answer(status, PROFILE));
        let client = client(&transport, &FakeClock::new(1));
        let row = json!({"email": "ada@shop.example", "title": null, "properties.ltv": 12.5});
        let written = client.actions().upsert_profile(&row).await.unwrap();
        let id = "P1".to_owned();
        assert_eq!(written, UpsertedProfile { id, created });
        let attributes = json!({
            "email": "ada@shop.example", "title": null, "properties": {"ltv": 12.5},
        });
        let expected = json!({"data": {"type": "profile", "attributes": attributes}});
        assert_eq!(body(&transport, 0), expected);
    }
}

#[tokio::test]
async fn a_row_is_checked_when_the_action_is_called() {
    let transport = scripted(|_| panic!("nothing may be sent"));
    let client = client(&transport, &FakeClock::new(1));
    let actions = client.actions();
    let long = "x".repeat(101_000);
    for (row, words) in [
        (json!({"first_name": "Ada"}), "identifies"),
        (json!({"email": "no address"}), "email"),
        (json!({"phone_number": "0171"}), "phone_number"),
        (
            json!({"email": "ada@shop.example", "frist_name": "Ada"}),
            "first_name",
        ),
        (
            json!({"email": "ada@shop.example", "properties.notes": long}),
            "100000",
        ),
    ] {
        let error = actions.upsert_profile(&row).await.unwrap_err();
        assert!(matches!(error, Error::Rejected { .. }), "{error:?}");
        assert!(error.to_string().contains(words), "{error}");
    }
    let event = json!({"email": "ada@shop.example"});
    let error = actions.create_event(&event).await.unwrap_err();
    assert!(error.to_string().contains("metric"), "{error}");
    assert!(actions.create_list(" ", None).await.is_err());
}

#[tokio::test]
async fn creating_what_exists_names_it() {
    let conflict = json!({"errors": [{
        "code": "duplicate_profile", "detail": "there is one", "meta": {"duplicate_profile_id": "P7"},
    }]});
    let transport = scripted(move |before| match before {
        0 => answer(201, PROFILE),
        1 => answer(409, conflict.to_string()),
        _ => answer(409, "{}"),
    });
    let client = client(&transport, &FakeClock::new(1));
    let row = json!({"email": "ada@shop.example"});
    let create = || client.actions().create_profile(&row);
    let made = |id: &str, existed| CreatedProfile {
        id: id.to_owned(),
        existed,
    };
    assert_eq!(create().await.unwrap(), made("P1", false));
    assert_eq!(create().await.unwrap(), made("P7", true));
    assert_eq!(create().await.unwrap_err().status(), Some(409));
}

#[tokio::test]
async fn a_client_profile_goes_to_its_company_without_the_key() {
    let transport = scripted(|_| answer(202, ""));
    let client = client(&transport, &FakeClock::new(1));
    let row = json!({"email": "ada@shop.example"});
    let action = client.actions().upsert_client_profile("AbC123", &row);
    action.await.unwrap();
    let nobody = client.actions().upsert_client_profile("", &row).await;
    assert!(nobody.unwrap_err().to_string().contains("company_id"));
    let request = &transport.requests()[0];
    assert_eq!(request.target, "/client/profiles?company_id=AbC123");
    assert!(!request.headers.contains_key("authorization"));
}

#[tokio::test]
async fn an_event_keeps_its_unique_id_when_the_answer_was_lost() {
    let transport = scripted(|before| match before {
        0 => broken(Breakage::Broken),
        _ => answer(202, ""),
    });
    let client = client(&transport, &FakeClock::new(1));
    let row = json!({
        "email": "ada@shop.example", "metric": "Placed Order", "value": 9.5,
        "properties.sku": "A-1", "profile.first_name": "Ada",
    });
    client.actions().create_event(&row).await.unwrap();
    let (first, second) = (body(&transport, 0), body(&transport, 1));
    assert_eq!(first, second);
    let attributes = &first["data"]["attributes"];
    assert!(
        attributes["unique_id"]
            .as_str()
            .is_some_and(|id| id.ends_with("-0"))
    );
    assert_eq!(
        attributes["metric"]["data"]["attributes"]["name"],
        "Placed Order"
    );
    assert_eq!(attributes["properties"], json!({"sku": "A-1"}));
    let profile = &attributes["profile"]["data"]["attributes"];
    assert_eq!(
        *profile,
        json!({"email": "ada@shop.example", "first_name": "Ada"})
    );
}

#[tokio::test]
async fn a_list_gives_its_id() {
    let transport = scripted(|_| answer(201, r#"{"data":{"type":"list","id":"L1"}}"#));
    let client = client(&transport, &FakeClock::new(1));
    let actions = client.actions();
    let list = actions.create_list("Newsletter", Some(OptIn::SingleOptIn));
    assert_eq!(list.await.unwrap(), "L1");
    let attributes = json!({"name": "Newsletter", "opt_in_process": "single_opt_in"});
    assert_eq!(body(&transport, 0)["data"]["attributes"], attributes);
}

/// Answers with these statuses of the job, then with a count of 42.
fn estimating(statuses: &'static [&'static str]) -> Arc<Scripted> {
    Scripted::new(move |request, before| {
        let attributes = match request.operation.id {
            "get_campaign_recipient_estimation_job" => {
                let index = (before - 1).min(statuses.len() - 1);
                json!({"status": statuses[index]})
            }
            _ => json!({"estimated_recipient_count": 42}),
        };
        let status = if request.body.is_empty() { 200 } else { 202 };
        answer(
            status,
            json!({"data": {"attributes": attributes}}).to_string(),
        )
    })
}

#[tokio::test]
async fn recipients_are_counted_by_a_job() {
    let transport = estimating(&["queued", "processing", "complete"]);
    let clock = FakeClock::new(1);
    let client = client(&transport, &clock);
    let hour = Duration::from_secs(3600);
    let count = client.actions().estimate_recipients("C1", hour).await;
    assert_eq!(count.unwrap(), 42);
    let targets: Vec<String> = transport.requests().into_iter().map(|r| r.target).collect();
    assert_eq!(targets[0], "/api/campaign-recipient-estimation-jobs");
    assert_eq!(targets[1], "/api/campaign-recipient-estimation-jobs/C1");
    assert_eq!(targets[4], "/api/campaign-recipient-estimations/C1");
    assert_eq!(clock.now(), Moment::at(Duration::from_millis(1250)));
}

#[tokio::test]
async fn counting_that_does_not_end_is_an_error_that_says_so() {
    for (statuses, seconds) in [(&["processing"][..], 60), (&["cancelled"][..], 0)] {
        let transport = estimating(statuses);
        let clock = FakeClock::new(1);
        let client = client(&transport, &clock);
        let deadline = Duration::from_secs(60);
        let error = client
            .actions()
            .estimate_recipients("C1", deadline)
            .await
            .unwrap_err();
        assert!(error.to_string().contains(statuses[0]), "{error}");
        assert!(clock.now().since(Moment::ORIGIN) <= Duration::from_secs(seconds));
    }
}
