//! Requests made from the schemas.

use std::fmt;

use klaviyo_gen::schema::{self, How, Maker};
use klaviyo_gen::{Filter, Kind, MediaType, Operation, Parameter, Place};
use reqwest::{Method, Url};
use serde_json::Value;

use super::amended::{amend, name_profiles};
use super::arranged::Arranged;
use crate::desk::{Desk, JSON_API, Reply};

/// Which query parameters a request has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Query {
    /// Those without which it is refused.
    Required,
    /// Those that leave nothing out of the answer, or add to it.
    Whole,
    /// All but the cursor, which nobody can make up.
    Everything,
}

/// A request to an operation.
pub(crate) struct Request {
    method: Method,
    pub(crate) path: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = String::from_utf8_lossy(&self.body);
        write!(f, "{} {} {body}", self.method, self.path)
    }
}

impl Query {
    fn has(self, parameter: &Parameter) -> bool {
        let name = parameter.name;
        let narrows = name == "filter" || name.starts_with("fields[");
        match self {
            _ if parameter.required => true,
            Self::Required => false,
            Self::Whole => !narrows && name != "page[cursor]",
            Self::Everything => name != "page[cursor]",
        }
    }
}

impl Request {
    /// Whether it asks for a whole collection, or a whole part of one.
    pub(crate) fn is_for_a_collection(&self) -> bool {
        let (_, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        self.method == Method::GET && !query.contains("filter=")
    }

    pub(crate) async fn send(&self, desk: &Desk) -> Reply {
        let mut request = desk.request(self.method.clone(), &self.path);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        Reply::to(request.body(self.body.clone())).await
    }
}

/// A request to an operation, about what was arranged.
pub(crate) async fn request(
    operation: &'static Operation,
    query: Query,
    arranged: &mut Arranged<'_>,
) -> Request {
    let parameters = schema::definition(&schema::parameters(operation)).expect("it is defined");
    let values = Maker::new(How::PLAIN).make(parameters);
    let mut request = Request {
        method: operation.method.as_str().parse().expect("a method"),
        path: path(operation, &values, arranged).await,
        headers: Vec::new(),
        body: Vec::new(),
    };
    let mut pairs = Vec::new();
    for parameter in operation.parameters {
        if !query.has(parameter) {
            continue;
        }
        let value = match parameter.name {
            "company_id" => arranged.company().to_owned(),
            _ => value(operation, parameter, &values[parameter.name]),
        };
        match parameter.place {
            Place::Path => {}
            Place::Query => pairs.push((parameter.name, value)),
            Place::Header => request.headers.push((parameter.name, value)),
        }
    }
    if !pairs.is_empty() {
        let base = "http://127.0.0.1/";
        let url = Url::parse_with_params(base, pairs).expect("a query");
        request.path += &format!("?{}", url.query().unwrap_or_default());
    }
    match operation.body {
        Some(MediaType::JsonApi) => {
            let body = body(operation, &request.path, arranged).await;
            request.headers.push(("content-type", JSON_API.to_owned()));
            request.body = body.to_string().into_bytes();
        }
        Some(MediaType::Multipart) => {
            let form = "multipart/form-data; boundary=form";
            request.headers.push(("content-type", form.to_owned()));
            request.body = PICTURE.to_vec();
        }
        None => {}
    }
    request
}

/// The only form that an operation takes.
const PICTURE: &[u8] = b"--form\r\n\
    Content-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\
    Content-Type: image/png\r\n\r\n\
    \x89PNG\r\n\
    --form--\r\n";

/// The path, with ids of what was arranged.
async fn path(operation: &Operation, values: &Value, arranged: &mut Arranged<'_>) -> String {
    let mut path = String::new();
    let mut collection = "";
    for segment in operation.path.split('/').skip(1) {
        path.push('/');
        let name = segment
            .strip_prefix('{')
            .and_then(|it| it.strip_suffix('}'));
        match name {
            Some(name) if values[name] == "id" || name != "id" => {
                path += &match arranged.id_in(collection).await {
                    Some(id) => id.replace('=', "%3D"),
                    None => text(&values[name]),
                };
            }
            Some(name) => path += &text(&values[name]),
            None => {
                path += segment;
                collection = segment;
            }
        }
    }
    path
}

/// A parameter's value as it stands in the request.
fn value(operation: &Operation, parameter: &Parameter, made: &Value) -> String {
    match operation.filters.first() {
        Some(first) if parameter.name == "filter" => filter(first),
        _ => text(made),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// A condition on a field.
fn filter(filter: &Filter) -> String {
    let operator = filter.operators[0];
    if operator == "has" {
        return format!("has({})", filter.field);
    }
    let value = match filter.value.kind {
        Kind::String {
            format: Some("date-time"),
            ..
        } => "2026-10-15T08:30:00Z".to_owned(),
        Kind::String { values, .. } => format!("\"{}\"", values.first().unwrap_or(&"text")),
        Kind::Integer | Kind::Number => "7".to_owned(),
        _ => "true".to_owned(),
    };
    match operator {
        "any" | "contains-any" | "contains-all" => {
            format!("{operator}({},[{value}])", filter.field)
        }
        _ => format!("{operator}({},{value})", filter.field),
    }
}

/// A body whose linkages lead to what was arranged.
async fn body(operation: &'static Operation, path: &str, arranged: &mut Arranged<'_>) -> Value {
    let reference = schema::request(operation).expect("it takes a body");
    let definition = schema::definition(&reference).expect("it is defined");
    let mut body = Maker::new(How::PLAIN).make(definition);
    amend(operation.id, &mut body);
    if operation.id == "merge_profiles" {
        name_profiles(&mut body, arranged.two_profiles());
    }
    if operation.method == klaviyo_gen::Method::Patch && body["data"]["id"] == "id" {
        let id = path.rsplit('/').next().expect("a path has an end");
        body["data"]["id"] = id.split('?').next().into();
    }
    if operation.path.contains("-schemas/{id}/relationships/") {
        arranged.name_relationship(&mut body).await;
    }
    let mut linkages = Vec::new();
    find_linkages(&mut body, &mut linkages);
    for linkage in linkages {
        let kind = linkage["type"].as_str().expect("a type").to_owned();
        if let Some(id) = arranged.id_of(&kind).await {
            linkage["id"] = id.into();
        }
    }
    let bare = How {
        bare: true,
        ..How::PLAIN
    };
    leave_out_circles(&mut body, &Maker::new(bare).make(definition), arranged);
    body
}

/// What is made for one another's sake is made without one another, if that is allowed.
fn leave_out_circles(body: &mut Value, least: &Value, arranged: &Arranged<'_>) {
    let relationships = body.pointer_mut("/data/relationships");
    let Some(relationships) = relationships.and_then(Value::as_object_mut) else {
        return;
    };
    let required = &least["data"]["relationships"];
    relationships.retain(|name, relationship| {
        let data = &relationship["data"];
        let first = data.get(0).unwrap_or(data);
        let is_lacking = |kind| first["id"] == "id" && arranged.lacks(kind);
        required.get(name).is_some() || !first["type"].as_str().is_some_and(is_lacking)
    });
}

/// The resources in a body that are named by an id which was made up.
fn find_linkages<'a>(value: &'a mut Value, found: &mut Vec<&'a mut Value>) {
    if value["type"].is_string() && value["id"] == "id" {
        found.push(value);
        return;
    }
    match value {
        Value::Object(fields) => fields.values_mut().for_each(|it| find_linkages(it, found)),
        Value::Array(elements) => elements.iter_mut().for_each(|it| find_linkages(it, found)),
        _ => {}
    }
}
