//! What each operator of a filter lets through, where the document has it (docs, spec).

use serde_json::{Value, json};

use crate::desk::{Desk, events_body, group, ids, order};
use crate::tags::create_tag;

/// The filter in a URL.
fn encoded(filter: &str) -> String {
    filter.replace('+', "%2B").replace('&', "%26")
}

async fn found(desk: &Desk, path: &str, filter: &str) -> Vec<String> {
    let reply = desk
        .get(&format!("{path}?filter={}", encoded(filter)))
        .await;
    assert_eq!(reply.status, 200, "{filter}: {}", reply.body);
    ids(&reply.body["data"])
}

#[tokio::test]
async fn texts_are_compared_whole_or_in_part() {
    let desk = Desk::open().await;
    let mut named = Vec::new();
    for name in ["Spring", "Spring sale", "Summer \"sale\", the last"] {
        named.push(create_tag(&desk, name, None).await.id().to_owned());
    }
    for (filter, expected) in [
        (r#"equals(name,"Spring")"#, &named[..1]),
        (r#"contains(name,"pring")"#, &named[..2]),
        (r#"contains(name,"\"sale\", ")"#, &named[2..]),
        (r#"starts-with(name,"Spring s")"#, &named[1..2]),
        (r#"ends-with(name,"sale")"#, &named[1..2]),
        (
            r#"starts-with(name,"Spring"),ends-with(name,"sale")"#,
            &named[1..2],
        ),
        (
            r#"and(starts-with(name,"S"),ends-with(name,"last"))"#,
            &named[2..],
        ),
        (r#"equals(name,"Autumn")"#, &[]),
    ] {
        assert_eq!(
            found(&desk, "/api/tags", filter).await,
            expected,
            "{filter}"
        );
    }
}

#[tokio::test]
async fn moments_are_compared_as_moments() {
    let desk = Desk::open().await;
    let times = [
        "2026-01-01T00:00:00Z",
        "2026-02-01T00:00:00Z",
        "2026-03-01T00:00:00Z",
    ];
    let events = times.map(|time| order(None, time, 1.0));
    let body = events_body(&[group(&json!({"external_id": "1"}), &events)]);
    assert_eq!(
        desk.post("/api/event-bulk-create-jobs", body).await.status,
        202
    );
    let all = ids(&desk.get("/api/events?sort=datetime").await.body["data"]);
    for (filter, expected) in [
        ("greater-than(datetime,2026-02-01T00:00:00Z)", &all[2..]),
        (
            "greater-or-equal(datetime,2026-02-01T01:00:00+01:00)",
            &all[1..],
        ),
        ("less-than(datetime,2026-02-01T00:00:00Z)", &all[..1]),
        ("less-or-equal(datetime,2026-02-01T00:00:00Z)", &all[..2]),
        // 2026-02-01T00:00:00Z.
        ("greater-than(timestamp,1769904000)", &all[2..]),
        ("less-or-equal(timestamp,1769904000)", &all[..2]),
        ("has(profile)", &all[..]),
    ] {
        let mut found = found(&desk, "/api/events", filter).await;
        found.sort_by_key(|id| all.iter().position(|it| it == id));
        assert_eq!(found, expected, "{filter}");
    }
}

#[tokio::test]
async fn any_is_one_of_several() {
    let desk = Desk::open().await;
    let emails = ["ada@shop.example", "bob@shop.example", "eve@shop.example"];
    let all = desk.customers(&emails).await;
    let filter = r#"any(email,["eve@shop.example","ADA@shop.example","nobody@shop.example"])"#;
    assert_eq!(
        found(&desk, "/api/profiles", filter).await,
        [&*all[0], &*all[2]]
    );
}

#[tokio::test]
async fn what_is_no_filter_400_with_the_parameter() {
    // docs: texts stand in double quotes, dates do not; the document says which field takes what.
    let desk = Desk::open().await;
    for filter in [
        "",
        "equals",
        "equals(email,ada@shop.example)",
        "equals(email,'ada@shop.example')",
        r#"greater-than(created,"2026-01-01T00:00:00Z")"#,
        "greater-than(created,yesterday)",
        r#"contains(email,"ada")"#,
        r#"equals(title,"Countess")"#,
        r#"or(equals(email,"a@shop.example"),equals(email,"b@shop.example"))"#,
    ] {
        let reply = desk
            .get(&format!("/api/profiles?filter={}", encoded(filter)))
            .await;
        let sources: Vec<&Value> = reply.body["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| &it["source"])
            .collect();
        assert_eq!(
            (reply.status, sources),
            (400, vec![&json!({"parameter": "filter"})]),
            "{filter}"
        );
    }
}
