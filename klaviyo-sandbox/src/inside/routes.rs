//! `/_sandbox/…` and the page at `/`: the look inside, over HTTP. It takes no key.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Path, Query, State as Shared};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use bytes::Bytes;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value, json};

use super::elsewhere::{no_such_path, wrong_method};
use super::live::live;
use super::neighbours::only_neighbours;
use super::page;
use super::state::State;
use super::told::{self, Told, refused};
use super::{fields, given};
use crate::account::{Account, Channel, ConsentState, Event, Identifier, Profile};
use crate::beside::beside;
use crate::callers::CallersWindow;
use crate::faults::Fault;
use crate::nearest::did_you_mean;
use crate::problem::Problem;
use crate::service::Service;

/// Profiles or events in one answer, unless `limit` says otherwise.
const DEFAULT_LIMIT: usize = 1000;

type Parameters = Query<HashMap<String, String>>;

/// The page and the routes below `/_sandbox`.
pub(crate) fn routes(service: &Arc<Service>) -> Router<Arc<Service>> {
    page::routes()
        .route("/_sandbox/live", get(live))
        .route("/_sandbox/state", get(state))
        .route("/_sandbox/profiles", get(profiles))
        .route("/_sandbox/events", get(events))
        .route("/_sandbox/requests", get(requests))
        .route(
            "/_sandbox/faults",
            get(faults).post(inject).delete(clear_faults),
        )
        .route("/_sandbox/jobs/{id}/cancel", post(cancel_job))
        .route("/_sandbox/reset", post(reset))
        .merge(given::routes())
        .route("/_sandbox/snapshot", get(snapshot).put(restore))
        // A snapshot is as large as what it holds.
        .layer(DefaultBodyLimit::disable())
        .method_not_allowed_fallback(wrong_method)
        .route("/_sandbox", any(no_such_path))
        .route("/_sandbox/", any(no_such_path))
        .route("/_sandbox/{*path}", any(no_such_path))
        .layer(from_fn_with_state(Arc::clone(service), only_neighbours))
}

async fn state(Shared(service): Shared<Arc<Service>>) -> Json<State> {
    Json(beside(move || service.state()).await)
}

/// All profiles (`offset`, `limit`), or the one with an identifier (`email=…`).
async fn profiles(
    Shared(service): Shared<Arc<Service>>,
    Query(parameters): Parameters,
) -> Response {
    let identifiers = Identifier::ALL.map(Identifier::name);
    let (offset, limit) = match slice(&parameters, &identifiers) {
        Ok(slice) => slice,
        Err(problem) => return refused(&service, problem),
    };
    let by = parameters
        .into_iter()
        .find_map(|(name, value)| Some((Identifier::from_name(&name)?, value)));
    let look = move |account: &mut Account| -> Vec<Value> {
        let json = |profile| profile_json(account, profile);
        match by {
            Some((by, value)) => account
                .profiles
                .find(by, &value)
                .map(json)
                .into_iter()
                .collect(),
            None => account
                .profiles
                .iter()
                .skip(offset)
                .take(limit)
                .map(json)
                .collect(),
        }
    };
    Json(service.look(look).await).into_response()
}

/// The events of a metric (`metric=…`), with `offset` and `limit`.
async fn events(
    Shared(service): Shared<Arc<Service>>,
    Query(mut parameters): Parameters,
) -> Response {
    let (offset, limit) = match slice(&parameters, &["metric"]) {
        Ok(slice) => slice,
        Err(problem) => return refused(&service, problem),
    };
    let Some(metric) = parameters.remove("metric") else {
        let problem = Problem::parameter("metric", "The parameter is required.");
        return refused(&service, problem);
    };
    let look = move |account: &mut Account| account.events_of(&metric, offset, limit);
    let events: Vec<Value> = service.look(look).await.iter().map(event_json).collect();
    Json(events).into_response()
}

/// The latest requests, and how full the windows of each operation are.
async fn requests(Shared(service): Shared<Arc<Service>>) -> Json<Value> {
    let windows: Vec<Value> = service
        .windows()
        .usage(service.now())
        .into_iter()
        .map(|(operation, CallersWindow { caller, usage })| {
            json!({"operation": operation, "caller": caller, "seconds": usage.seconds,
                "used": usage.used, "limit": usage.limit})
        })
        .collect();
    let tally = service.tally();
    let latest: Vec<_> = tally.latest().collect();
    Json(json!({"operations": tally.by_operation(), "windows": windows, "latest": latest}))
}

/// The faults that wait for requests, and what they did so far.
async fn faults(Shared(service): Shared<Arc<Service>>) -> Json<Value> {
    Json(json!(service.faults().faults()))
}

/// Takes a fault; 400 says why it could never strike.
async fn inject(Shared(service): Shared<Arc<Service>>, Told(fault): Told) -> Response {
    let fields = match fields::object(fault) {
        Ok(fields) => fields,
        Err(problem) => return refused(&service, problem),
    };
    match Fault::try_from(fields).and_then(|fault| service.faults().add(fault)) {
        Ok(()) => StatusCode::CREATED.into_response(),
        Err(error) => refused(&service, told::of_fault(&error)),
    }
}

async fn clear_faults(Shared(service): Shared<Arc<Service>>) -> StatusCode {
    service.faults().clear();
    StatusCode::NO_CONTENT
}

/// Cancels a job; 404 when there is none with this id that has not ended.
async fn cancel_job(Shared(service): Shared<Arc<Service>>, Path(id): Path<String>) -> Response {
    let cancel = move |account: &mut Account| account.cancel_job(&id);
    if Arc::clone(&service).look(cancel).await {
        StatusCode::NO_CONTENT.into_response()
    } else {
        let problem = Problem::not_found("There is no such job that has not ended.");
        refused(&service, problem)
    }
}

async fn reset(Shared(service): Shared<Arc<Service>>) -> StatusCode {
    beside(move || service.reset()).await;
    StatusCode::NO_CONTENT
}

/// All that the account holds, as a file. Beside the runtime: it may be much.
async fn snapshot(Shared(service): Shared<Arc<Service>>) -> Response {
    let file = beside(move || service.snapshot()).await;
    ([(CONTENT_TYPE, "application/json")], file).into_response()
}

/// Puts what a file holds in the place of what the account holds.
async fn restore(Shared(service): Shared<Arc<Service>>, file: Bytes) -> Response {
    let restoring = Arc::clone(&service);
    match beside(move || restoring.restore(&file)).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => refused(&service, Problem::invalid("", error.to_string())),
    }
}

/// `offset` and `limit`; beside `others` there is no parameter.
fn slice(parameters: &HashMap<String, String>, others: &[&str]) -> Result<(usize, usize), Problem> {
    let known = [others, &["offset", "limit"]].concat();
    if let Some(unknown) = parameters
        .keys()
        .find(|name| !known.contains(&name.as_str()))
    {
        let (hint, known) = (did_you_mean(unknown, &known), known.join(", "));
        let detail = format!("There is no such parameter{hint}; there are {known}.");
        return Err(Problem::parameter(unknown, detail));
    }
    let number = |name, default| match parameters.get(name).map(|text| text.parse()) {
        None => Ok(default),
        Some(Ok(number)) => Ok(number),
        Some(Err(_)) => Err(Problem::parameter(name, "The parameter is a whole number.")),
    };
    Ok((number("offset", 0)?, number("limit", DEFAULT_LIMIT)?))
}

fn profile_json(account: &Account, profile: &Profile) -> Value {
    let slot = account.profiles.slot(Identifier::Id, &profile.id);
    let lists: Vec<&str> = slot
        .into_iter()
        .flat_map(|slot| account.lists.of(slot))
        .map(|list| list.id.as_str())
        .collect();
    let suppressions: Vec<&str> = profile
        .suppressions()
        .iter()
        .map(|suppression| suppression.reason.as_str())
        .collect();
    json!({
        "id": profile.id,
        "email": profile.email(),
        "phone_number": profile.phone_number(),
        "external_id": profile.external_id(),
        "attributes": profile.attributes,
        "properties": profile.properties,
        "lists": lists,
        "consents": consents(profile),
        "suppressions": suppressions,
        "created": profile.created,
        "updated": profile.updated,
        "last_event": profile.last_event,
    })
}

/// What the profile said about each channel that it said something about.
fn consents(profile: &Profile) -> Map<String, Value> {
    Channel::ALL
        .into_iter()
        .map(|channel| (channel, profile.consent(channel)))
        .filter(|(_, state)| *state != ConsentState::NeverSubscribed)
        .map(|(channel, state)| (channel.names().join("."), state.as_str().into()))
        .collect()
}

fn event_json(event: &Event) -> Value {
    json!({
        "id": event.id,
        "profile_id": event.profile_id,
        "metric": event.metric,
        "unique_id": event.unique_id,
        "time": event.time,
        "value": event.value,
        "value_currency": event.value_currency,
        "properties": event.properties,
    })
}
