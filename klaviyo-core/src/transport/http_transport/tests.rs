//! Single exchanges over loopback.

use std::io::{Read, Write};
use std::net::TcpListener;

use http::header::AUTHORIZATION;
use httpmock::prelude::*;
use klaviyo_gen::operations::{
    BULK_CREATE_EVENTS, BULK_IMPORT_PROFILES, CREATE_CLIENT_EVENT, GET_PROFILES,
};

use super::*;
use crate::classify::{Ending, classify};

fn transport(base_url: &str) -> HttpTransport {
    with_timeout(base_url, Duration::from_secs(30))
}

fn with_timeout(base_url: &str, attempt_timeout: Duration) -> HttpTransport {
    HttpTransport::new(HttpOptions {
        attempt_timeout,
        ..options(base_url)
    })
    .unwrap()
}

fn options(base_url: &str) -> HttpOptions {
    HttpOptions {
        origin: Origin::parse(base_url).unwrap(),
        revision: "2026-10-15".to_owned(),
        connect_timeout: Duration::from_secs(5),
        attempt_timeout: Duration::from_secs(30),
        proxy: None,
        ca_bundle: None,
    }
}

fn import() -> Request {
    let path = BULK_IMPORT_PROFILES.path.to_owned();
    let mut request = Request::new(&BULK_IMPORT_PROFILES, path, "{}".into());
    let key = HeaderValue::from_static("Klaviyo-API-Key test-key");
    request.headers.insert(AUTHORIZATION, key);
    request
}

#[tokio::test]
async fn a_post_carries_key_revision_and_media_type() {
    let server = MockServer::start_async().await;
    let mock = server
        .mock_async(|when, then| {
            when.method(POST)
                .path("/api/profile-bulk-import-jobs")
                .header("authorization", "Klaviyo-API-Key test-key")
                .header("revision", "2026-10-15")
                .header("accept", "application/vnd.api+json")
                .header("content-type", "application/vnd.api+json")
                .body("{}");
            then.status(202)
                .header("ratelimit-remaining", "9")
                .body("job");
        })
        .await;
    let response = transport(&server.base_url()).send(import()).await.unwrap();
    mock.assert_async().await;
    assert_eq!(
        (response.status, response.body.as_ref()),
        (202, &b"job"[..])
    );
    assert_eq!(response.headers["ratelimit-remaining"], "9");
}

#[tokio::test]
async fn a_429_without_retry_after_asks_for_the_shortest_wait() {
    let server = MockServer::start_async().await;
    server
        .mock_async(|when, then| {
            when.path("/api/profile-bulk-import-jobs");
            then.status(429).body("{}");
        })
        .await;
    let response = transport(&server.base_url()).send(import()).await.unwrap();
    assert!(!response.headers.contains_key("retry-after"));
    let ending = classify(Ok(&response), chrono::DateTime::UNIX_EPOCH);
    assert_eq!(ending, Ending::Throttled(Duration::from_secs(1)));
}

#[tokio::test]
async fn a_get_has_no_body_and_keeps_its_query() {
    let server = MockServer::start_async().await;
    let mock = server
        .mock_async(|when, then| {
            when.method(GET)
                .path("/api/profiles")
                .query_param("page[size]", "100")
                .header_missing("content-type");
            then.status(200);
        })
        .await;
    let request = Request::new(
        &GET_PROFILES,
        "/api/profiles?page%5Bsize%5D=100".to_owned(),
        Bytes::new(),
    );
    transport(&server.base_url()).send(request).await.unwrap();
    mock.assert_async().await;
}

#[tokio::test]
async fn headers_of_the_request_replace_ours() {
    let server = MockServer::start_async().await;
    let mock = server
        .mock_async(|when, then| {
            when.method(POST)
                .path("/client/events")
                .header("content-type", "text/plain");
            then.status(202);
        })
        .await;
    let path = CREATE_CLIENT_EVENT.path.to_owned();
    let mut request = Request::new(&CREATE_CLIENT_EVENT, path, "{}".into());
    let plain = HeaderValue::from_static("text/plain");
    request.headers.insert(CONTENT_TYPE, plain);
    transport(&server.base_url()).send(request).await.unwrap();
    mock.assert_async().await;
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let server = MockServer::start_async().await;
    server
        .mock_async(|when, then| {
            when.path("/api/profile-bulk-import-jobs");
            then.status(307).header("location", "/elsewhere");
        })
        .await;
    let elsewhere = server
        .mock_async(|when, then| {
            when.path("/elsewhere");
            then.status(202);
        })
        .await;
    let response = transport(&server.base_url()).send(import()).await.unwrap();
    assert_eq!(response.status, 307);
    elsewhere.assert_calls_async(0).await;
}

/// What comes of a request to a server that treats its one connection like this.
async fn end(
    request: Request,
    timeout: Duration,
    serve: impl FnOnce(std::net::TcpStream) + Send + 'static,
) -> Result<Response, TransportError> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || serve(listener.accept().unwrap().0));
    let transport = with_timeout(&url, timeout);
    let end = transport.send(request).await;
    drop(transport);
    // Not on this thread: closing the connection is the runtime's work.
    let joined = tokio::task::spawn_blocking(|| server.join()).await;
    joined.unwrap().unwrap();
    end
}

/// How an import breaks at a server that treats its one connection like this.
async fn breakage(
    timeout: Duration,
    serve: impl FnOnce(std::net::TcpStream) + Send + 'static,
) -> Breakage {
    let error = end(import(), timeout, serve).await.unwrap_err();
    // Neither the key nor the URL, whose query may name customers.
    let secret = ["test-key", "127.0.0.1"]
        .iter()
        .any(|part| error.message.contains(part));
    assert!(!secret, "{error}");
    error.breakage
}

#[tokio::test]
async fn a_refused_connection_certainly_had_no_effect() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let error = transport(&format!("http://{port}"))
        .send(import())
        .await
        .unwrap_err();
    assert_eq!(error.breakage, Breakage::Connect);
}

#[tokio::test]
async fn a_connection_that_breaks_is_told_from_silence() {
    let long = Duration::from_secs(30);
    let closed = breakage(long, drop).await;
    assert_eq!(closed, Breakage::Broken);
    let truncated = breakage(long, break_off).await;
    assert_eq!(truncated, Breakage::Broken);
    let short = Duration::from_millis(20);
    let silent = breakage(short, |mut stream| {
        // Reads until the client goes away, and never answers.
        while stream.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {}
    })
    .await;
    assert_eq!(silent, Breakage::Timeout);
}

/// Accepts a request, and breaks off in the middle of the answer's body.
fn break_off(stream: std::net::TcpStream) {
    break_off_after("202 Accepted", stream);
}

fn break_off_after(status: &str, mut stream: std::net::TcpStream) {
    let _ = stream.read(&mut [0; 4096]).unwrap();
    let head = format!("HTTP/1.1 {status}\r\nretry-after: 7\r\ncontent-length: 100\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(b"{\"er").unwrap();
}

#[tokio::test]
async fn a_refusal_holds_although_its_body_breaks_off() {
    let of = |status| {
        let serve = move |stream| break_off_after(status, stream);
        end(import(), Duration::from_secs(30), serve)
    };
    let ending = |answer: &Response| classify(Ok(answer), chrono::DateTime::UNIX_EPOCH);
    let throttled = of("429 Too Many Requests").await.unwrap();
    assert_eq!(
        ending(&throttled),
        Ending::Throttled(Duration::from_secs(7))
    );
    let refused = of("400 Bad Request").await.unwrap();
    assert_eq!((ending(&refused), refused.body.len()), (Ending::Refused, 0));
    // These leave open what became of the request, so it is an answer that was lost.
    for status in ["408 Request Timeout", "502 Bad Gateway"] {
        assert_eq!(of(status).await.unwrap_err().breakage, Breakage::Broken);
    }
}

#[tokio::test]
async fn an_answer_whose_body_nobody_needs_is_whole_without_it() {
    let path = BULK_CREATE_EVENTS.path.to_owned();
    let events = Request::new(&BULK_CREATE_EVENTS, path, "{}".into());
    let answer = end(events, Duration::from_secs(30), break_off).await;
    assert_eq!(answer.unwrap().status, 202);
}

#[tokio::test]
async fn an_answer_that_does_not_end_is_cut_off_and_its_status_holds() {
    let answer = end(import(), Duration::from_secs(30), |mut stream| {
        let _ = stream.read(&mut [0; 4096]).unwrap();
        stream.write_all(b"HTTP/1.1 202 Accepted\r\n\r\n").unwrap();
        let megabyte = vec![b' '; 1024 * 1024];
        // Until the client has had enough.
        while stream.write_all(&megabyte).is_ok() {}
    });
    let answer = answer.await.unwrap();
    assert_eq!((answer.status, answer.body.len()), (202, LARGEST_ANSWER));
}

#[tokio::test]
async fn a_proxy_that_is_named_is_used_even_on_this_machine() {
    let proxy = MockServer::start_async().await;
    let mock = proxy
        .mock_async(|when, then| {
            when.method(POST);
            then.status(202).body("by proxy");
        })
        .await;
    let options = HttpOptions {
        proxy: Some(Secret::new(proxy.base_url())),
        // Nobody listens there.
        ..options("http://127.0.0.1:9")
    };
    let transport = HttpTransport::new(options).unwrap();
    let response = transport.send(import()).await.unwrap();
    mock.assert_async().await;
    assert_eq!(response.body, "by proxy");
}

#[test]
fn an_unusable_proxy_or_bundle_is_told_without_a_password() {
    let of = |options| HttpTransport::new(options).unwrap_err().to_string();
    let proxy = HttpOptions {
        proxy: Some(Secret::new("ada:password@")),
        ..options("http://127.0.0.1:9")
    };
    let text = of(proxy);
    assert!(
        text.contains("proxy") && !text.contains("password"),
        "{text}"
    );
    for pem in [
        "",
        "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n",
    ] {
        let bundle = HttpOptions {
            ca_bundle: Some(pem.into()),
            ..options("http://127.0.0.1:9")
        };
        assert!(of(bundle).contains("CA bundle"), "{pem}");
    }
}

#[test]
fn the_bundled_certificates_can_be_used() {
    let roots: Vec<reqwest::Certificate> = bundled_roots().collect();
    assert!(roots.len() > 100, "{}", roots.len());
    let client = reqwest::Client::builder().tls_certs_only(roots).build();
    assert!(client.is_ok());
}
