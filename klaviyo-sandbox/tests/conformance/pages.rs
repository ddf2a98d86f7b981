//! Pages and what may be asked of them (spec, docs).

use serde_json::{Value, json};

use crate::desk::{Desk, order, path_of};

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
async fn a_page_leads_on_and_back() {
    // live: null at either end, though the document says string.
    let desk = Desk::open().await;
    let rows: Vec<Value> = (0..3)
        .map(|number| json!({"external_id": number.to_string()}))
        .collect();
    desk.import(&rows).await;
    let first = desk.get("/api/profiles?page[size]=2").await.body;
    assert_eq!(first["links"]["prev"], Value::Null);
    let at = |body: &Value, link: &str| {
        let url = body["links"][link].as_str().unwrap().to_owned();
        url.strip_prefix(desk.sandbox.url()).unwrap().to_owned()
    };
    let second = desk.get(&at(&first, "next")).await.body;
    assert_eq!(second["links"]["next"], Value::Null);
    let back = desk.get(&at(&second, "prev")).await.body;
    assert_eq!(back["data"], first["data"]);
}

#[tokio::test]
async fn links_are_urls_whatever_was_asked_for() {
    let desk = Desk::open().await;
    let id = r#"$custom:::$default:::a "b" {c}|d\^`ü/"#;
    let item = crate::catalog::item(id.rsplit(':').next().unwrap());
    let created = crate::catalog::create(&desk, item).await;
    assert_eq!((created.status, created.id()), (201, id));
    let of_item = |part: &str| format!("{}/{part}", path_of("catalog-items", id));
    for path in [
        of_item("variants?page[size]=1"),
        of_item(r#"variants?filter=contains(title,"{\\^`|}")"#),
    ] {
        // Every answer is held against the document, in which links are URIs.
        let reply = desk.get(&path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        let own = reply.body["links"]["self"].as_str().unwrap();
        let again = desk
            .get(own.strip_prefix(desk.sandbox.url()).unwrap())
            .await;
        assert_eq!(again.body, reply.body);
    }
}

#[tokio::test]
async fn a_page_of_events_holds_two_hundred() {
    // docs: 200 unless chosen, 1,000 at most.
    let desk = Desk::open().await;
    let events: Vec<Value> = (0..201)
        .map(|number| order(Some(&number.to_string()), "2026-01-01T00:00:00Z", 1.0))
        .collect();
    let sent = desk
        .send_events(&json!({"external_id": "1"}), &events)
        .await;
    assert_eq!(sent.status, 202);
    for (path, length) in [("/api/events", 200), ("/api/events?page[size]=1000", 201)] {
        let body = desk.get(path).await.body;
        assert_eq!(body["data"].as_array().unwrap().len(), length);
    }
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
