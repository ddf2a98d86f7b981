//! Lists, page by page.

use futures::StreamExt;
use klaviyo_gen::operations::{DELETE_LIST, GET_LIST_IDS_FOR_PROFILE, GET_PROFILES};
use serde_json::{Value, json};

use super::*;
use crate::clock::FakeClock;
use crate::testing::{Answer, Scripted, answer, client};

fn page(ids: &[u32], next: Value) -> Answer {
    let data: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
    answer(
        200,
        json!({"data": data, "links": {"next": next}}).to_string(),
    )
}

/// Three pages behind a proxy: the links name Klaviyo's own host.
fn three(request: &Request, _: usize) -> Answer {
    let link = |page| {
        json!(format!(
            "https://a.klaviyo.com/api/profiles?page%5Bcursor%5D={page}"
        ))
    };
    match request.target.split_once('=').map(|(_, cursor)| cursor) {
        None | Some("1") => page(&[1, 2], link(2)),
        Some("2") => page(&[], link(3)),
        _ => page(&[3], Value::Null),
    }
}

async fn ids(pages: Pages) -> Vec<u64> {
    let items = pages.items::<Value>();
    let ids = items.map(|item| item.unwrap()["id"].as_u64().unwrap());
    ids.collect().await
}

#[tokio::test]
async fn items_come_from_all_pages_empty_ones_included() {
    let transport = Scripted::new(three);
    let client = client(&transport, &FakeClock::new(1));
    let pages = client.pages(&GET_PROFILES, Call::default()).unwrap();
    assert_eq!(ids(pages).await, [1, 2, 3]);
    assert_eq!(transport.requests().len(), 3);
}

#[tokio::test]
async fn reading_goes_on_from_a_cursor_that_was_kept() {
    let transport = Scripted::new(three);
    let client = client(&transport, &FakeClock::new(1));
    let mut pages = client.pages(&GET_PROFILES, Call::default()).unwrap();
    let first = pages.next().await.unwrap().unwrap();
    let cursor = first.cursor.unwrap();
    let rest = client.pages_from(&GET_PROFILES, &cursor).unwrap();
    assert_eq!(ids(rest).await, [3]);
    let elsewhere = client.pages_from(&GET_LIST_IDS_FOR_PROFILE, &cursor);
    assert!(
        elsewhere
            .unwrap_err()
            .to_string()
            .contains("get_list_ids_for_profile")
    );
}

#[tokio::test]
async fn a_kept_cursor_may_stand_in_the_place_of_klaviyos() {
    let transport = Scripted::new(three);
    let client = client(&transport, &FakeClock::new(1));
    let from = |cursor: &str| Call {
        parameters: vec![("page[cursor]".to_owned(), cursor.to_owned())],
        ..Call::default()
    };
    for cursor in ["/api/profiles?page%5Bcursor%5D=3", "3"] {
        let rest = client.pages(&GET_PROFILES, from(cursor)).unwrap();
        assert_eq!(ids(rest).await, [3]);
    }
    let targets = transport.requests().into_iter().map(|one| one.target);
    let expected = "/api/profiles?page%5Bcursor%5D=3";
    assert_eq!(targets.collect::<Vec<_>>(), [expected, expected]);
    let elsewhere = client.pages(&GET_PROFILES, from("/api/lists?page%5Bcursor%5D=3"));
    assert!(elsewhere.unwrap_err().to_string().contains("get_profiles"));
}

#[tokio::test]
async fn a_failed_page_can_be_asked_for_again() {
    let transport = Scripted::new(|request, before| match before {
        0 => answer(400, ""),
        _ => three(request, before),
    });
    let client = client(&transport, &FakeClock::new(1));
    let mut pages = client.pages(&GET_PROFILES, Call::default()).unwrap();
    assert_eq!(pages.next().await.unwrap_err().status(), Some(400));
    assert_eq!(ids(pages).await, [1, 2, 3]);
}

#[tokio::test]
async fn odd_answers_end_it_and_never_turn_in_a_circle() {
    let odd = [
        (json!({"data": []}), Ok(0)),
        (json!({"data": [], "links": null}), Ok(0)),
        (json!({"data": {}, "links": {"next": 7}}), Err("sequence")),
        (
            json!({"data": [], "links": {"next": "/api/profiles"}}),
            Err("circle"),
        ),
    ];
    for (body, expected) in odd {
        let transport = Scripted::new(move |_, _| answer(200, body.to_string()));
        let client = client(&transport, &FakeClock::new(1));
        let pages = client.pages(&GET_PROFILES, Call::default()).unwrap();
        let items: Result<Vec<Value>, Error> = pages.items().try_collect().await;
        match (items, expected) {
            (Ok(items), Ok(count)) => assert_eq!(items.len(), count),
            (Err(error), Err(words)) => assert!(error.to_string().contains(words), "{error}"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_longer_circle_is_noticed_too() {
    let transport =
        Scripted::new(|_, before| page(&[], json!(format!("/api/profiles?page={}", before % 3))));
    let client = client(&transport, &FakeClock::new(1));
    let pages = client.pages(&GET_PROFILES, Call::default()).unwrap();
    let items: Result<Vec<Value>, Error> = pages.items().try_collect().await;
    assert!(items.unwrap_err().to_string().contains("circle"));
    assert!(transport.requests().len() < 12);
}

#[test]
fn what_changes_something_is_no_list() {
    let transport = Scripted::new(|_, _| panic!("nothing may be sent"));
    let client = client(&transport, &FakeClock::new(1));
    let error = client.pages(&DELETE_LIST, Call::default()).unwrap_err();
    assert!(error.to_string().contains("delete_list"));
}
