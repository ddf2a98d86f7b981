//! Pages and what may be asked of them (spec, docs).

use serde_json::{Value, json};

use crate::desk::Desk;

#[tokio::test]
async fn pages_lead_through_all_profiles_once() {
    let desk = Desk::open().await;
    let rows: Vec<Value> = (0..45)
        .map(|number| json!({"external_id": number.to_string()}))
        .collect();
    desk.import(&rows).await;
    let mut path = "/api/profiles?fields[profile]=external_id".to_owned();
    let (mut seen, mut pages) = (Vec::new(), 0);
    loop {
        let body = desk.get(&path).await.body;
        seen.extend(
            body["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["attributes"]["external_id"].clone()),
        );
        pages += 1;
        // live: null at the end, though the document says string.
        match body["links"]["next"].as_str() {
            Some(next) => path = next.strip_prefix(desk.sandbox.url()).unwrap().to_owned(),
            None => break,
        }
    }
    assert_eq!(
        (pages, seen),
        (
            3,
            (0..45)
                .map(|number| json!(number.to_string()))
                .collect::<Vec<_>>()
        )
    );
}

#[tokio::test]
async fn over_the_maximum_400() {
    // docs.
    let desk = Desk::open().await;
    for (path, name) in [
        ("/api/profiles?page[size]=101", "page[size]"),
        ("/api/lists?page[size]=11", "page[size]"),
        ("/api/events?page[size]=1001", "page[size]"),
        ("/api/profiles?page[cursor]=nonsense", "page[cursor]"),
        ("/api/profiles?per_page=5", "per_page"),
    ] {
        let reply = desk.get(path).await;
        assert_eq!(
            (reply.status, reply.errors("/source/parameter")),
            (400, vec![name]),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_whole_link_is_a_cursor_too() {
    // docs: the README of Klaviyo's own SDK passes `links.next` on as `page_cursor`.
    let desk = Desk::open().await;
    let rows: Vec<Value> = (0..3)
        .map(|number| json!({"external_id": number.to_string()}))
        .collect();
    desk.import(&rows).await;
    let path = "/api/profiles?page[size]=2";
    let first = desk.get(path).await.body;
    let next = first["links"]["next"].as_str().unwrap();
    let escaped = next.replace('%', "%25").replace('&', "%26");
    let second = desk
        .get(&format!("{path}&page[cursor]={escaped}"))
        .await
        .body;
    assert_eq!(second["data"][0]["attributes"]["external_id"], "2");
    let other = format!("{path}&page[cursor]=https://shop.example/?page=2");
    assert_eq!(desk.get(&other).await.status, 400);
}
