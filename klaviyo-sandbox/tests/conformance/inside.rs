//! `/_sandbox/…`: the look inside over HTTP, which takes no key.

use klaviyo_sandbox::{Fault, FaultKind, Sandbox};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::desk::{Desk, Reply, order, stopped};
use crate::snapshot;

async fn look(desk: &Desk, path: &str) -> Reply {
    Reply::to(desk.bare(Method::GET, path)).await
}

/// What a request is answered with.
async fn status_of(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

async fn with_orders() -> Desk {
    let desk = Desk::open().await;
    for (customer, day) in [("1", 1), ("1", 2), ("2", 3)] {
        let time = format!("2026-05-0{day}T00:00:00Z");
        desk.send_events(
            &json!({"external_id": customer}),
            &[order(None, &time, 2.5)],
        )
        .await;
    }
    desk
}

#[tokio::test]
async fn the_state_is_the_same_over_http() {
    let desk = with_orders().await;
    desk.sandbox.create_list("News");
    let state = look(&desk, "/_sandbox/state").await.body;
    assert_eq!(state, serde_json::to_value(desk.sandbox.state()).unwrap());
    assert_eq!(state["metrics"][0]["value"], 7.5);
    assert_eq!(state["metrics"][0]["properties"], json!({"quantity": 6.0}));
    assert_eq!(
        state["requests"]["bulk_create_events"]["statuses"],
        json!({"202": 3}),
    );
    assert_eq!(state["requests"]["bulk_create_events"]["rows"], 3);
}

#[tokio::test]
async fn profiles_and_events_can_be_looked_up() {
    let desk = with_orders().await;
    let found = look(&desk, "/_sandbox/profiles?external_id=2").await.body;
    assert_eq!(
        (found.as_array().unwrap().len(), &found[0]["external_id"]),
        (1, &json!("2"))
    );
    assert_eq!(
        look(&desk, "/_sandbox/profiles?email=nobody@shop.example")
            .await
            .body,
        json!([])
    );
    let second = look(&desk, "/_sandbox/profiles?offset=1&limit=5")
        .await
        .body;
    assert_eq!(second, found);
    let events = look(&desk, "/_sandbox/events?metric=Placed%20Order&limit=2")
        .await
        .body;
    let times: Vec<&Value> = events
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["time"])
        .collect();
    assert_eq!(times, ["2026-05-01T00:00:00Z", "2026-05-02T00:00:00Z"]);
}

#[tokio::test]
async fn what_cannot_be_looked_up_is_told() {
    let desk = with_orders().await;
    for (path, parameter) in [
        ("/_sandbox/profiles?emial=ada@shop.example", "emial"),
        ("/_sandbox/profiles?limit=few", "limit"),
        ("/_sandbox/events", "metric"),
        (
            "/_sandbox/events?metric=Placed%20Order&email=ada@shop.example",
            "email",
        ),
    ] {
        let reply = look(&desk, path).await;
        assert_eq!(
            (reply.status, reply.errors("/source/parameter")),
            (400, vec![parameter]),
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_is_not_there_is_told_with_what_is() {
    let desk = Desk::open().await;
    for (method, path, status, told) in [
        (Method::GET, "/_sandbox", 404, "there are /_sandbox/state, "),
        (
            Method::GET,
            "/_sandbox/",
            404,
            "there are /_sandbox/state, ",
        ),
        (
            Method::GET,
            "/_sandbox/stat",
            404,
            "did you mean /_sandbox/state?",
        ),
        (
            Method::POST,
            "/_sandbox/jobs/7",
            404,
            "/_sandbox/jobs/{id}/cancel",
        ),
        (
            Method::GET,
            "/_sandbox/reset",
            405,
            "The path takes POST, not GET.",
        ),
        (
            Method::PUT,
            "/_sandbox/jobs/7/cancel",
            405,
            "The path takes POST, not PUT.",
        ),
        (Method::POST, "/", 405, "The path takes GET, not POST."),
    ] {
        let reply = Reply::to(desk.bare(method, path)).await;
        assert_eq!(reply.status, status, "{path}");
        let detail = reply.errors("/detail")[0];
        assert!(detail.contains(told), "{path}: {detail}");
    }
}

#[tokio::test]
async fn requests_are_remembered_without_what_they_carried() {
    let desk = with_orders().await;
    let requests = look(&desk, "/_sandbox/requests").await.body;
    let latest = requests["latest"].as_array().unwrap();
    assert_eq!(latest.len(), 3);
    let names: Vec<&String> = latest[0].as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        ["at", "bytes", "caller", "operation", "rows", "status"]
    );
}

#[tokio::test]
async fn reset_forgets_everything() {
    let desk = snapshot::filled().await;
    let fault = Fault::new(FaultKind::AppliedButLost);
    desk.sandbox.inject(fault).unwrap();
    let reset = Reply::to(desk.bare(Method::POST, "/_sandbox/reset")).await;
    assert_eq!(reset.status, 204);

    let new = snapshot::empty_from(1, &desk).await;
    assert_eq!(desk.sandbox.state(), new.sandbox.state());
    assert_eq!(
        snapshot::file_of(&desk).await,
        snapshot::file_of(&new).await
    );
    for path in ["/_sandbox/requests", "/_sandbox/faults"] {
        assert_eq!(look(&desk, path).await.body, look(&new, path).await.body);
    }
}

#[tokio::test]
async fn reset_empties_the_windows() {
    let desk = Desk::with(Sandbox::builder().clock(stopped())).await;
    desk.get("/api/profiles").await;
    let windows = async || look(&desk, "/_sandbox/requests").await.body["windows"].clone();
    assert_ne!(windows().await, json!([]));
    desk.sandbox.reset();
    assert_eq!(windows().await, json!([]));
}

#[tokio::test]
async fn the_page_takes_nothing_from_elsewhere() {
    let desk = Desk::open().await;
    for (path, kind) in [
        ("/", "text/html"),
        ("/_sandbox/page/script.js", "text/javascript"),
        ("/_sandbox/page/style.css", "text/css"),
        ("/_sandbox/page/icon.svg", "image/svg+xml"),
    ] {
        let answer = desk.bare(Method::GET, path).send().await.unwrap();
        let header = |name| answer.headers()[name].to_str().unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(header("server"), "klaviyo-sandbox");
        assert!(header("content-type").starts_with(kind), "{path}");
        assert!(
            header("content-security-policy").starts_with("default-src 'none'; script-src 'self'")
        );
        let text = answer.text().await.unwrap();
        let outside = text.replace("http://www.w3.org/2000/svg", "");
        assert!(!outside.contains("://"), "{path}");
    }
}

#[tokio::test]
async fn news_come_as_they_happen() {
    let desk = Desk::open().await;
    let mut stream = desk
        .bare(Method::GET, "/_sandbox/live")
        .send()
        .await
        .unwrap();
    let first = news(&mut stream).await;
    assert_eq!(
        (&first["profiles"], &first["failures"]),
        (&json!(0), &json!([]))
    );
    desk.import(&[json!({"external_id": "1"})]).await;
    desk.get("/api/profiles/nobody").await;
    let mut last = first;
    while last["profiles"] != 1 || last["failures"] == json!([]) {
        last = news(&mut stream).await;
    }
    assert_eq!(last["failures"][0]["status"], 404);
    assert_eq!(last["failures"][0]["number"], 1);
}

/// The next server-sent event.
async fn news(stream: &mut reqwest::Response) -> Value {
    let mut text = Vec::new();
    while !text.ends_with(b"\n\n") {
        text.extend(stream.chunk().await.unwrap().unwrap());
    }
    let text = String::from_utf8(text).unwrap();
    serde_json::from_str(text.strip_prefix("data: ").unwrap()).unwrap()
}

#[tokio::test]
async fn pages_from_elsewhere_are_kept_out() {
    let desk = with_orders().await;
    let own = desk.sandbox.url().to_owned();
    for (header, value, status) in [
        ("origin", "http://evil.example", 403),
        ("origin", "null", 403),
        ("host", "evil.example", 403),
        ("host", "localhost:8080", 204),
        ("origin", own.as_str(), 204),
    ] {
        let request = desk.bare(Method::POST, "/_sandbox/reset");
        let answered = status_of(request.header(header, value)).await;
        assert_eq!(answered, status, "{header}: {value}");
        let profiles = if status == 403 { 2 } else { 0 };
        assert_eq!(desk.sandbox.state().profiles, profiles);
    }
    let by_name = desk.bare(Method::GET, "/_sandbox/profiles");
    let refused = Reply::to(by_name.header("host", "evil.example")).await;
    assert_eq!((refused.status, refused.codes()), (403, vec!["forbidden"]));
}

#[tokio::test]
async fn after_a_reset_errors_have_the_same_ids_again() {
    let desk = Desk::with(Sandbox::builder().seed(1)).await;
    let first = desk.get("/api/profiles/nobody").await;
    desk.sandbox.reset();
    let again = desk.get("/api/profiles/nobody").await;
    assert_eq!(first.errors("/id"), again.errors("/id"));
}
