//! A client at a sandbox: what every test needs to ask and to look at the answer.

use std::time::Duration;

use chrono::{DateTime, Utc};
use klaviyo_sandbox::{Builder, Clock, Identifier, Sandbox};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use crate::document;

pub(crate) const JSON_API: &str = "application/vnd.api+json";

/// A sandbox and a client that knows its key.
pub(crate) struct Desk {
    pub(crate) sandbox: Sandbox,
    http: Client,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Desk {
    /// A sandbox without rate limits, whose jobs end at once.
    pub(crate) async fn open() -> Self {
        Self::with(Sandbox::builder().limits(false).job_time(Duration::ZERO)).await
    }

    pub(crate) async fn with(builder: Builder) -> Self {
        Self {
            sandbox: builder.start().await.expect("a free port"),
            http: Client::builder().no_proxy().build().expect("a client"),
        }
    }

    /// A request without any header of ours.
    pub(crate) fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.sandbox.url()))
    }

    /// A request as it should be.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path)
            .header(
                "authorization",
                format!("Klaviyo-API-Key {}", self.sandbox.key()),
            )
            .header("revision", klaviyo_gen::REVISION)
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        let reply = Reply::to(self.request(Method::GET, path)).await;
        document::check("GET", path, reply.status, &reply.body);
        reply
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: impl ToString) -> Reply {
        let request = self
            .request(method.clone(), path)
            .header("content-type", JSON_API);
        let reply = Reply::to(request.body(body.to_string())).await;
        document::check(method.as_str(), path, reply.status, &reply.body);
        reply
    }

    pub(crate) async fn post(&self, path: &str, body: impl ToString) -> Reply {
        self.send(Method::POST, path, body).await
    }

    /// What a shop's page sends: no key, but the company's id.
    pub(crate) async fn visit(&self, path: &str, body: impl ToString) -> Reply {
        let path = format!("{path}?company_id={}", self.sandbox.company());
        let request = self
            .bare(Method::POST, &path)
            .header("revision", klaviyo_gen::REVISION)
            .header("content-type", JSON_API);
        let reply = Reply::to(request.body(body.to_string())).await;
        document::check("POST", &path, reply.status, &reply.body);
        reply
    }

    /// Profiles of these addresses; their ids.
    pub(crate) async fn customers(&self, emails: &[&str]) -> Vec<String> {
        let rows: Vec<Value> = emails.iter().map(|email| json!({"email": email})).collect();
        assert_eq!(self.import(&rows).await.status, 202);
        let id = |email: &&str| self.sandbox.profile(Identifier::Email, email).unwrap().id;
        emails.iter().map(id).collect()
    }

    /// A profile's subscriptions.
    pub(crate) async fn subscriptions(&self, id: &str) -> Value {
        let path = format!("/api/profiles/{id}?additional-fields[profile]=subscriptions");
        let mut body = self.get(&path).await.body;
        body["data"]["attributes"]["subscriptions"].take()
    }

    /// Imports profiles given by their attributes.
    pub(crate) async fn import(&self, rows: &[Value]) -> Reply {
        self.post("/api/profile-bulk-import-jobs", import_body(rows))
            .await
    }

    /// Sends events of one profile in bulk.
    pub(crate) async fn send_events(&self, profile: &Value, events: &[Value]) -> Reply {
        let group = group(profile, events);
        self.post("/api/event-bulk-create-jobs", events_body(&[group]))
            .await
    }
}

impl Reply {
    pub(crate) async fn to(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("a whole body");
        let body = if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).expect("JSON")
        };
        Self {
            status,
            headers,
            body,
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Where the errors are.
    pub(crate) fn pointers(&self) -> Vec<&str> {
        self.errors("/source/pointer")
    }

    /// What the errors are called.
    pub(crate) fn codes(&self) -> Vec<&str> {
        self.errors("/code")
    }

    pub(crate) fn errors(&self, part: &str) -> Vec<&str> {
        let errors = self.body["errors"].as_array().expect("errors");
        errors
            .iter()
            .map(|error| {
                error
                    .pointer(part)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
            })
            .collect()
    }

    /// The id of one of the resources in the answer.
    pub(crate) fn id_at(&self, index: usize) -> &str {
        self.body["data"][index]["id"].as_str().expect("an id")
    }

    /// The id of the resource in the answer.
    pub(crate) fn id(&self) -> &str {
        self.body["data"]["id"].as_str().expect("an id")
    }
}

/// The ids of resources, in their order.
pub(crate) fn ids(data: &Value) -> Vec<String> {
    let resources = data.as_array().expect("several resources").iter();
    resources
        .map(|resource| resource["id"].as_str().expect("an id").to_owned())
        .collect()
}

/// The path of a resource, with its id encoded.
pub(crate) fn path_of(collection: &str, id: &str) -> String {
    let id = percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC);
    format!("/api/{collection}/{id}")
}

/// A clock that stands still in November 2026.
pub(crate) fn stopped() -> Clock {
    Clock::stopped_at(moment("2026-11-22T12:00:00Z"))
}

pub(crate) fn moment(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text)
        .expect("a moment")
        .to_utc()
}

pub(crate) fn import_body(rows: &[Value]) -> Value {
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| json!({"type": "profile", "attributes": row}))
        .collect();
    json!({"data": {"type": "profile-bulk-import-job", "attributes": {"profiles": {"data": rows}}}})
}

/// Events of one profile, as the bulk operation groups them.
pub(crate) fn group(profile: &Value, events: &[Value]) -> Value {
    let events: Vec<Value> = events
        .iter()
        .map(|event| json!({"type": "event", "attributes": event}))
        .collect();
    json!({"type": "event-bulk-create", "attributes": {
        "profile": {"data": {"type": "profile", "attributes": profile}},
        "events": {"data": events},
    }})
}

pub(crate) fn events_body(groups: &[Value]) -> Value {
    json!({"data": {"type": "event-bulk-create-job", "attributes": {"events-bulk-create": {"data": groups}}}})
}

/// The attributes of an order.
pub(crate) fn order(unique_id: Option<&str>, time: &str, value: f64) -> Value {
    let mut event = json!({
        "metric": {"data": {"type": "metric", "attributes": {"name": "Placed Order"}}},
        "time": time,
        "value": value,
        "properties": {"quantity": 2},
    });
    if let Some(unique_id) = unique_id {
        event["unique_id"] = unique_id.into();
    }
    event
}
