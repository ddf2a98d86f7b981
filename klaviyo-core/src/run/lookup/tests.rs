//! List membership by address, against a Klaviyo that answers from memory.

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::bulk::BulkError;
use crate::clock::FakeClock;
use crate::outcome::Outcome;
use crate::report::Report;
use crate::testing::{Scripted, answer, client};

/// The addresses that a lookup asks for.
fn asked(request: &Request) -> Vec<String> {
    let url = reqwest::Url::parse(&format!("http://localhost{}", request.target)).unwrap();
    let (_, filter) = url
        .query_pairs()
        .find(|(name, _)| name == "filter")
        .unwrap();
    let list = filter.strip_prefix("any(email,").unwrap();
    serde_json::from_str(list.strip_suffix(')').unwrap()).unwrap()
}

/// A Klaviyo in which every address but those with `nobody` has a profile of the same name.
fn klaviyo() -> Arc<Scripted> {
    Scripted::new(|request, _| {
        if request.operation.id != "get_profiles" {
            return answer(204, "");
        }
        assert!(
            request.target.len() <= MOST_BYTES,
            "{}",
            request.target.len()
        );
        let addresses = asked(request);
        assert!(addresses.len() <= MOST_ADDRESSES);
        let held = addresses
            .iter()
            .filter(|address| !address.starts_with("nobody"));
        let data: Vec<Value> = held
            .map(|address| {
                let lower = address.to_lowercase();
                json!({"type": "profile", "id": format!("id of {lower}"), "attributes": {"email": lower}})
            })
            .collect();
        answer(200, json!({"data": data}).to_string())
    })
}

async fn add(klaviyo: &Arc<Scripted>, rows: Vec<Value>) -> Report {
    let client = client(klaviyo, &FakeClock::new(1));
    let call = client.bulk().add_profiles_to_list("XyZ", rows);
    call.run().await.unwrap()
}

fn requests_of(klaviyo: &Scripted, id: &str) -> Vec<Request> {
    let mut requests = klaviyo.requests();
    requests.retain(|request| request.operation.id == id);
    requests
}

fn members(request: &Request) -> Vec<String> {
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let members = body["data"].as_array().unwrap().iter();
    let ids = members.map(|member| {
        assert_eq!(member["type"], "profile");
        member["id"].as_str().unwrap().to_owned()
    });
    ids.collect()
}

#[tokio::test]
async fn addresses_become_members_in_their_order_and_missing_ones_are_rejected() {
    let klaviyo = klaviyo();
    let address = |row: usize| match row % 500 {
        7 => format!("nobody-{row}@shop.example"),
        _ => format!("Customer-{row}@Shop.Example"),
    };
    let rows = (0..2500)
        .map(|row| json!({"email": address(row)}))
        .collect();
    let report = add(&klaviyo, rows).await;
    assert_eq!(report.counts.rejected, 5);
    assert_eq!(report.counts.total(), 2500);
    let failures: Vec<_> = report.failures.iter().map(Result::unwrap).collect();
    assert!(failures.iter().all(|failure| {
        failure.code == "unknown_profile" && failure.row % 500 == 7 && failure.pointer == "email"
    }));
    assert_eq!(
        failures[0].item.as_deref(),
        Some("{\"email\":\"nobody-7@shop.example\"}")
    );
    let sent: Vec<String> = requests_of(&klaviyo, "add_profiles_to_list")
        .iter()
        .inspect(|request| assert_eq!(request.target, "/api/lists/XyZ/relationships/profiles"))
        .flat_map(members)
        .collect();
    let expected: Vec<String> = (0..2500)
        .filter(|row| row % 500 != 7)
        .map(|row| format!("id of {}", address(row).to_lowercase()))
        .collect();
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn long_addresses_make_smaller_lookups() {
    let klaviyo = klaviyo();
    let address = |row: usize| format!("{}ü{row:03}@shop.example", "x".repeat(80));
    let rows = (0..300).map(|row| json!({"email": address(row)})).collect();
    let report = add(&klaviyo, rows).await;
    assert_eq!(report.counts.rejected, 0);
    assert!(requests_of(&klaviyo, "get_profiles").len() > 3);
}

#[tokio::test]
async fn ids_are_not_looked_up_and_not_mixed_with_addresses() {
    let klaviyo = klaviyo();
    let rows = vec![
        json!({"id": "01H"}),
        json!({"email": "ada@shop.example"}),
        json!({"profile_id": "01J"}),
        json!({"id": "01K", "email": "ada@shop.example"}),
        json!({"type": "profile", "id": "01L"}),
    ];
    let report = add(&klaviyo, rows).await;
    let failures = report.failures.iter().map(Result::unwrap);
    let told: Vec<(u64, String)> = failures.map(|one| (one.row, one.code)).collect();
    let mixed = || "mixed_identifiers".to_owned();
    assert_eq!(told, [(1, mixed()), (3, mixed())]);
    let requests = klaviyo.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(members(&requests[0]), ["01H", "01J", "01L"]);
}

#[tokio::test]
async fn a_key_that_may_not_read_profiles_stops_the_run() {
    let klaviyo = Scripted::new(|_, _| answer(403, ""));
    let client = client(&klaviyo, &FakeClock::new(1));
    let rows = (0..150).map(|row| json!({"email": format!("{row}@shop.example")}));
    let call = client.bulk().remove_profiles_from_list("XyZ", rows);
    let Err(BulkError::Stopped(stopped)) = call.run().await else {
        panic!("it must stop");
    };
    assert_eq!(stopped.error.status(), Some(403));
    assert_eq!(stopped.report.counts.rejected, 150);
    let first = stopped.report.failures.iter().next().unwrap().unwrap();
    assert_eq!(
        (first.code.as_str(), first.outcome),
        ("not_sent", Outcome::Rejected)
    );
}

#[tokio::test]
async fn rows_that_wait_when_a_run_is_cancelled_were_not_sent() {
    let klaviyo = klaviyo();
    let client = client(&klaviyo, &FakeClock::new(1));
    let options = crate::bulk::AddProfilesToListOptions {
        list_id: "XyZ".to_owned(),
        ..Default::default()
    };
    let mut run = client.bulk().start(&options).await.unwrap();
    for row in 0..150 {
        run.push(&json!({"email": format!("{row}@shop.example")}));
    }
    let report = run.cancel().await;
    assert_eq!((report.counts.rejected, report.counts.total()), (150, 150));
    assert!(klaviyo.requests().is_empty());
}

#[tokio::test]
async fn addresses_are_asked_for_in_lower_case_and_on_all_pages() {
    let klaviyo = Scripted::new(|request, _| {
        if request.operation.id != "get_profiles" {
            return answer(204, "");
        }
        let second = request.target.contains("cursor");
        if !second {
            assert_eq!(asked(request), ["ada@shop.example", "bob@shop.example"]);
        }
        let (id, email) = if second { ("B", "bob") } else { ("A", "ada") };
        let email = format!("{email}@shop.example");
        let next = (!second).then_some("/api/profiles?page%5Bcursor%5D=2");
        let data = json!([{"id": id, "attributes": {"email": email}}]);
        answer(
            200,
            json!({"data": data, "links": {"next": next}}).to_string(),
        )
    });
    let rows = ["Ada@Shop.example", "BOB@shop.example"];
    let rows = rows.map(|email| json!({"email": email})).to_vec();
    let report = add(&klaviyo, rows).await;
    assert_eq!(report.counts.completed, 2);
}

#[tokio::test]
async fn what_did_not_get_through_is_taken_again_whatever_its_form() {
    let missing = json!({"email": "nobody@shop.example"});
    let refused = json!({"type": "profile", "id": "01H"});
    let known = json!({"email": "ada@shop.example"});
    for rows in [
        vec![missing.clone(), refused.clone(), known.clone()],
        vec![refused, known, missing],
    ] {
        let report = add(&klaviyo(), rows).await;
        assert_eq!(report.counts.completed, 2);
        assert_eq!(report.reasons["unknown_profile"], 1);
    }
}
