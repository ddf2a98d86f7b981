//! What an error of the typed client says.

use std::sync::Mutex;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use klaviyo_gen::parameters::GetLists;
use klaviyo_gen::{BoxError, Client, Error, Execute, Execution, KEPT_BODY, Operation};

use crate::recorder::{Recorder, ready};

/// Gives one result, whatever is asked.
struct Once(Mutex<Option<Result<Response<Bytes>, BoxError>>>);

impl Execute for Once {
    fn execute<'a>(&'a self, _: &'static Operation, _: Request<Bytes>) -> Execution<'a> {
        let result = self
            .0
            .lock()
            .expect("no test panicked while it held the lock")
            .take();
        Box::pin(async { result.expect("it is asked once") })
    }
}

/// The error of a call that has this result.
fn error(result: Result<Response<Bytes>, BoxError>) -> Error {
    let client = Client::new(Once(Mutex::new(Some(result))));
    ready(client.get_lists(GetLists::default())).expect_err("it is no success")
}

fn response(
    status: u16,
    headers: &[(&'static str, &'static str)],
    body: impl Into<Bytes>,
) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).expect("it is a status");
    for (name, value) in headers {
        response
            .headers_mut()
            .insert(*name, HeaderValue::from_static(value));
    }
    response
}

#[test]
fn a_refusal_keeps_status_headers_and_errors() {
    let body = r#"{"errors":[{
        "id": "1", "code": "throttled", "title": "Throttled", "detail": "Wait.", "status": 429,
        "source": {"pointer": "/data"}, "meta": {"waits": 1}, "links": {}
    }, {"code": null, "source": {"parameter": "filter"}}]}"#;
    let Error::Refused(refusal) = error(Ok(response(429, &[("retry-after", "7")], body))) else {
        panic!("it is refused");
    };
    assert_eq!(refusal.operation.id, "get_lists");
    assert_eq!(refusal.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refusal.headers["retry-after"], "7");
    assert_eq!(refusal.errors[0].code.as_deref(), Some("throttled"));
    assert_eq!(
        refusal.errors[0]
            .source
            .as_ref()
            .and_then(|source| source.pointer.as_deref()),
        Some("/data")
    );
    assert_eq!(
        refusal.errors[0]
            .meta
            .as_ref()
            .map(|meta| meta["waits"].clone()),
        Some(1.into())
    );
    assert_eq!(
        refusal.errors[1]
            .source
            .as_ref()
            .and_then(|source| source.parameter.as_deref()),
        Some("filter")
    );
    assert_eq!(refusal.body, "");
    assert_eq!(
        Error::Refused(refusal).to_string(),
        "get_lists was refused with 429 Too Many Requests: Wait."
    );
}

#[test]
fn a_refusal_without_errors_keeps_the_beginning_of_the_body() {
    for page in [
        "<html>No.</html>".to_owned(),
        "{\"errors\":[]}".to_owned(),
        String::new(),
    ] {
        let Error::Refused(refusal) = error(Ok(response(503, &[], page.clone()))) else {
            panic!("it is refused");
        };
        assert!(refusal.errors.is_empty());
        assert_eq!(refusal.body, page);
    }
    let Error::Refused(refusal) = error(Ok(response(502, &[], vec![b'x'; KEPT_BODY + 1]))) else {
        panic!("it is refused");
    };
    assert_eq!(refusal.body.len(), KEPT_BODY);
}

#[test]
fn an_answer_that_is_no_json_is_unreadable_and_kept() {
    let Error::Unreadable(unreadable) = error(Ok(response(200, &[("x-a", "b")], "<html>"))) else {
        panic!("it is unreadable");
    };
    assert_eq!(unreadable.status, StatusCode::OK);
    assert_eq!(unreadable.headers["x-a"], "b");
    assert_eq!(unreadable.body, "<html>");
}

#[test]
fn the_error_of_the_one_who_sends_arrives_as_it_is() {
    let Error::Execute(source) = error(Err(Box::new(std::fmt::Error))) else {
        panic!("there is no answer");
    };
    assert!(source.downcast_ref::<std::fmt::Error>().is_some());
}

#[test]
fn an_accepted_answer_keeps_headers_and_body() {
    let body = r#"{"data":[],"new":1}"#;
    let mut made = response(200, &[("ratelimit-remaining", "9")], body);
    made.headers_mut()
        .insert("x-a", HeaderValue::from_static("b"));
    let client = Client::new(Once(Mutex::new(Some(Ok(made)))));
    let answer = ready(client.get_lists(GetLists::default())).expect("it is accepted");
    assert_eq!(answer.headers["ratelimit-remaining"], "9");
    assert_eq!(answer.body, body.as_bytes());
    assert!(answer.data.is_empty());
    assert!(answer.into_value().links.is_none());
}

#[test]
fn an_answer_without_a_body_is_its_types_default() {
    let client = Client::new(Recorder::new(StatusCode::OK, ""));
    let answer = ready(client.get_lists(GetLists::default())).expect("it is accepted");
    assert_eq!(answer.into_value(), Default::default());
}
