//! `/_sandbox/segments` and `/_sandbox/suppressions`: what a test gives, because no request can bring
//! it about here: who is in a segment, whose mail bounces, who complains.

use std::sync::Arc;

use axum::extract::{Path, State as Shared};
use axum::response::{IntoResponse, Response};
use axum::routing::{post, put};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::told::{Told, refused};
use crate::account::{Account, SuppressionReason};
use crate::problem::Problem;
use crate::service::Service;

/// The routes by which a test gives something.
pub(super) fn routes() -> Router<Arc<Service>> {
    Router::new()
        .route("/_sandbox/segments", post(create_segment))
        .route("/_sandbox/segments/{id}/profiles", put(set_members))
        .route("/_sandbox/suppressions", post(suppress))
}

/// A segment to be created, with the ids of its members.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewSegment {
    name: String,
    #[serde(default)]
    profiles: Vec<String>,
}

async fn create_segment(
    Shared(service): Shared<Arc<Service>>,
    Told(new): Told<NewSegment>,
) -> Response {
    let now = service.now();
    let create = move |account: &mut Account| {
        let id = account.segments.create(&new.name, now).id.clone();
        let ids = new.profiles.iter().map(String::as_str);
        let profiles = account.set_segment_members(&id, ids, now);
        json!({"id": id, "profiles": profiles})
    };
    (StatusCode::CREATED, Json(service.look(create).await)).into_response()
}

async fn set_members(
    Shared(service): Shared<Arc<Service>>,
    Path(id): Path<String>,
    Told(profiles): Told<Vec<String>>,
) -> Response {
    let now = service.now();
    let set = move |account: &mut Account| {
        account.segments.get(&id)?;
        let ids = profiles.iter().map(String::as_str);
        let profiles = account.set_segment_members(&id, ids, now);
        Some(json!({"id": id, "profiles": profiles}))
    };
    match Arc::clone(&service).look(set).await {
        Some(members) => Json(members).into_response(),
        None => refused(&service, Problem::not_found("There is no such segment.")),
    }
}

/// An address to be suppressed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewSuppression {
    email: String,
    reason: SuppressionReason,
}

async fn suppress(
    Shared(service): Shared<Arc<Service>>,
    Told(new): Told<NewSuppression>,
) -> StatusCode {
    let now = service.now();
    let suppress = move |account: &mut Account| account.suppress(&new.email, new.reason, now);
    service.look(suppress).await;
    StatusCode::CREATED
}
