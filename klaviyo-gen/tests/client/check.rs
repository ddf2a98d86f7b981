//! What must be true of every operation.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use bytes::Bytes;
use http::{Request, StatusCode};
use klaviyo_gen::schema::{self, How, Maker, UNKNOWN_FIELD, definition};
use klaviyo_gen::{Answer, Client, Error, Operation, REVISION};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::document::{Described, assert_valid, described, validator};
use crate::multipart;
use crate::recorder::{Recorder, ready};
use crate::sample::{FILE_CONTENT, Sample};

/// What a call gave back.
pub(crate) struct Outcome(Result<Read, Error>);

/// The value of an answer.
pub(crate) struct Read {
    /// The value as JSON again.
    json: Value,
    /// What of it has no listed text or shape.
    unknown: Option<String>,
}

impl<T: Serialize + Debug> From<Result<Answer<T>, Error>> for Outcome {
    fn from(result: Result<Answer<T>, Error>) -> Self {
        Self(result.map(|answer| {
            // As the client writes bodies: writing to a `Value` would compile every type a second time.
            let text = serde_json::to_vec(&answer.value).expect("an answer can be written");
            let json = serde_json::from_slice(&text).expect("what was written is JSON");
            Read {
                json,
                unknown: unknown(&answer.value),
            }
        }))
    }
}

/// The first text or alternative in a value that its type does not list, and what stands around it.
pub(crate) fn unknown(value: &impl Debug) -> Option<String> {
    let shown = format!("{value:?}");
    let at = shown.find("UnknownValue")?;
    let start = shown[..at].rmatch_indices(',').nth(3);
    let end = shown[at..].match_indices(',').nth(3);
    let start = start.map_or(0, |(index, _)| index);
    let end = end.map_or(shown.len(), |(index, _)| at + index);
    Some(shown[start..end].to_owned())
}

/// Checks requests and answers of an operation that `call` calls.
pub(crate) fn check(operation: &'static Operation, call: impl AsyncFn(Client, Sample) -> Outcome) {
    let call = |recorder: &Recorder, sample: &Sample| {
        ready(call(Client::new(recorder.clone()), sample.clone()))
    };
    check_requests(operation, &call);
    check_answers(operation, &call);
}

type Call<'a> = dyn Fn(&Recorder, &Sample) -> Outcome + 'a;

fn check_requests(operation: &'static Operation, call: &Call<'_>) {
    let document = described(operation);
    let parameters = validator(&format!("parameters.{}", operation.id));
    let body = schema::request(operation).map(|_| validator(&format!("request.{}", operation.id)));
    let recorder = Recorder::new(StatusCode::OK, "{}");
    for (how, sample) in requests(operation) {
        let asked = Value::Object(sample.parameters.clone());
        assert_valid(&asked, &parameters, "set of parameters");
        call(&recorder, &sample)
            .0
            .unwrap_or_else(|error| panic!("{how:?}: {error}"));
        let recorded = recorder.recorded().expect("something was sent");
        assert_eq!(recorded.operation.id, operation.id);
        assert_request(&document, &sample, &recorded.request);
        if let Some(body) = &body {
            let sent: Value =
                serde_json::from_slice(recorded.request.body()).expect("the body is JSON");
            assert_valid(&sent, body, "request body");
            assert_same(&sample.body, &sent, &how, "");
        }
    }
}

/// Samples of every kind of request: with everything, with every alternative, with the least, with nulls,
/// with empty arrays.
fn requests(operation: &Operation) -> Vec<(How, Sample)> {
    let mut requests = Vec::new();
    let mut turn = 0;
    let mut turns = 1;
    while turn < turns {
        let how = How {
            turn,
            ..How::default()
        };
        let (sample, met) = request(operation, how);
        requests.push((how, sample));
        turns = turns.max(met);
        turn += 1;
    }
    for how in [
        How {
            bare: true,
            ..How::default()
        },
        How {
            null: true,
            ..How::default()
        },
        How {
            empty: true,
            ..How::default()
        },
    ] {
        requests.push((how, request(operation, how).0));
    }
    requests
}

fn request(operation: &Operation, how: How) -> (Sample, usize) {
    let mut maker = Maker::new(how);
    let body = definition(&format!("request.{}", operation.id));
    let body = body.map_or(Value::Null, |schema| maker.make(schema));
    // There is no way to write null or nothing into a query.
    let mut parameter_maker = Maker::new(How {
        null: false,
        empty: false,
        ..how
    });
    let parameters = definition(&format!("parameters.{}", operation.id)).expect("it is defined");
    let Value::Object(parameters) = parameter_maker.make(parameters) else {
        panic!("parameters are an object");
    };
    (Sample { parameters, body }, maker.turns)
}

fn assert_request(document: &Described, sample: &Sample, request: &Request<Bytes>) {
    assert_eq!(request.method().as_str(), document.method);
    assert_path(document, sample, request.uri().path());
    assert_query(document, sample, request.uri().query());
    assert_headers(document, sample, request);
}

fn assert_path(document: &Described, sample: &Sample, path: &str) {
    let expected: Vec<String> = document
        .path
        .split('/')
        .map(|segment| in_path(segment, sample))
        .collect();
    let found: Vec<String> = path.split('/').map(decoded).collect();
    assert_eq!(found, expected);
}

/// A segment of the document's path, with the value in place of the parameter's name.
fn in_path(segment: &str, sample: &Sample) -> String {
    match segment
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
    {
        Some(name) => on_the_wire(&sample.parameters[name]),
        None => segment.to_owned(),
    }
}

fn assert_query(document: &Described, sample: &Sample, query: Option<&str>) {
    let found: BTreeMap<String, String> = query
        .into_iter()
        .flat_map(|query| query.split('&'))
        .map(|pair| pair.split_once('=').expect("a pair has a name and a value"))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect();
    assert_eq!(found, expected(document, "query", &sample.parameters));
}

fn assert_headers(document: &Described, sample: &Sample, request: &Request<Bytes>) {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in request.headers() {
        let value = String::from_utf8(value.as_bytes().to_vec()).expect("a header is UTF-8");
        headers.insert(name.to_string(), value);
    }
    assert_eq!(
        headers.remove("accept").as_deref(),
        Some("application/vnd.api+json")
    );
    assert_eq!(headers.remove("revision").as_deref(), Some(REVISION));
    let content_type = headers.remove("content-type");
    let content = document.operation["requestBody"]["content"].as_object();
    match content
        .and_then(|content| content.keys().next())
        .map(String::as_str)
    {
        None => {
            assert_eq!(content_type, None);
            assert!(request.body().is_empty());
        }
        Some("multipart/form-data") => {
            assert_form(
                sample,
                &content_type.expect("a form says what it is"),
                request.body(),
            );
        }
        Some(media_type) => assert_eq!(content_type.as_deref(), Some(media_type)),
    }
    let expected = expected(document, "header", &sample.parameters);
    let expected = expected
        .into_iter()
        .map(|(name, value)| (name.to_lowercase(), value))
        .collect();
    assert_eq!(headers, expected);
}

fn assert_form(sample: &Sample, content_type: &str, body: &[u8]) {
    let parts = multipart::parts(content_type, body);
    let fields = sample.body.as_object().expect("a form has fields");
    let names: BTreeSet<&String> = fields.keys().collect();
    assert_eq!(parts.keys().collect::<BTreeSet<_>>(), names);
    for (name, (head, content)) in &parts {
        if head.contains("filename=") {
            assert!(
                head.contains(&format!("filename=\"{name} %221%22.png\"")),
                "{head}"
            );
            assert!(head.contains("Content-Type: image/png"), "{head}");
            assert_eq!(content, FILE_CONTENT);
        } else {
            assert_eq!(content, on_the_wire(&fields[name]).as_bytes());
        }
    }
}

/// The sampled parameters of one place, as they should stand in the request.
fn expected(
    document: &Described,
    place: &str,
    sampled: &Map<String, Value>,
) -> BTreeMap<String, String> {
    let found = document
        .parameters(place)
        .filter_map(|name| Some((name, sampled.get(name)?)));
    found
        .map(|(name, value)| (name.to_owned(), on_the_wire(value)))
        .collect()
}

fn on_the_wire(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(on_the_wire).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text)
        .decode_utf8()
        .expect("it is UTF-8")
        .into_owned()
}

fn check_answers(operation: &'static Operation, call: &Call<'_>) {
    let (sample, _) = request(
        operation,
        How {
            bare: true,
            ..How::default()
        },
    );
    for success in operation.success {
        let status = StatusCode::from_u16(success.status).expect("it is a status");
        let name = format!("answer.{}.{}", operation.id, success.status);
        let Some(schema) = definition(&name) else {
            let outcome = call(&Recorder::new(status, ""), &sample).0;
            assert_eq!(
                outcome.expect("an answer without a body is read").json,
                Value::Null
            );
            continue;
        };
        let validator = validator(&name);
        for (how, answer) in answers(schema) {
            let is_beyond = how.unlisted || how.null_unasked || how.sparse;
            if !is_beyond {
                assert_valid(&answer, &validator, &name);
            }
            let recorder = Recorder::new(status, answer.to_string());
            match call(&recorder, &sample).0 {
                Ok(read) => {
                    if let Some(unknown) = read.unknown.filter(|_| !is_beyond) {
                        panic!("{how:?}: not all is known of {answer:#}: {unknown}");
                    }
                    assert_kept(&answer, &read.json, &how, &name);
                }
                Err(error) => panic!("{how:?}: {answer:#}\ncannot be read: {error}"),
            }
        }
    }
}

/// Samples of every kind of answer: what the document promises, and what Klaviyo sends beyond that.
fn answers(schema: &'static Value) -> Vec<(How, Value)> {
    let mut answers = Vec::new();
    let mut turn = 0;
    let mut turns = 1;
    while turn < turns {
        let how = How {
            turn,
            ..How::default()
        };
        let mut maker = Maker::new(how);
        answers.push((how, maker.make(schema)));
        turns = turns.max(maker.turns);
        turn += 1;
    }
    for how in [
        How {
            bare: true,
            ..How::default()
        },
        How {
            sparse: true,
            ..How::default()
        },
        How {
            null: true,
            ..How::default()
        },
        How {
            null_unasked: true,
            ..How::default()
        },
        How {
            empty: true,
            ..How::default()
        },
        How {
            unlisted: true,
            ..How::default()
        },
        How {
            extended: true,
            ..How::default()
        },
    ] {
        answers.push((how, Maker::new(how).make(schema)));
    }
    answers
}

/// Complains when something that was received is not in what was read. Null may stand for nothing.
fn assert_kept(received: &Value, read: &Value, how: &How, at: &str) {
    match (received, read) {
        (Value::Null, _) => {}
        (Value::Object(received), Value::Object(fields)) => {
            for (name, value) in received.iter().filter(|(name, _)| *name != UNKNOWN_FIELD) {
                let found = fields.get(name).unwrap_or(&Value::Null);
                assert_kept(value, found, how, &format!("{at}/{name}"));
            }
        }
        (Value::Array(received), Value::Array(items)) if received.len() == items.len() => {
            for (index, (value, found)) in received.iter().zip(items).enumerate() {
                assert_kept(value, found, how, &format!("{at}/{index}"));
            }
        }
        _ => assert_eq!(received, read, "at {at}, {how:?}"),
    }
}

/// Complains when what was sent is not exactly what was asked for.
fn assert_same(asked: &Value, sent: &Value, how: &How, at: &str) {
    assert_kept(asked, sent, how, at);
    assert_kept(sent, asked, how, at);
    // What is left is a null in the place of nothing, or the reverse.
    assert!(
        asked == sent,
        "{how:?}: asked for\n{asked:#}\nsent\n{sent:#}"
    );
}
