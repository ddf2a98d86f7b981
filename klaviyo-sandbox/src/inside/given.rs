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

use crate::account::{Account, SuppressionReason};
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
struct NewSegment {
    name: String,
    #[serde(default)]
    profiles: Vec<String>,
}

async fn create_segment(
    Shared(service): Shared<Arc<Service>>,
    Json(new): Json<NewSegment>,
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
    Json(profiles): Json<Vec<String>>,
) -> Response {
    let now = service.now();
    let set = move |account: &mut Account| {
        if account.segments.get(&id).is_none() {
            return StatusCode::NOT_FOUND.into_response();
        }
        let ids = profiles.iter().map(String::as_str);
        let profiles = account.set_segment_members(&id, ids, now);
        Json(json!({"id": id, "profiles": profiles})).into_response()
    };
    service.look(set).await
}

/// An address to be suppressed.
#[derive(Deserialize)]
struct NewSuppression {
    email: String,
    reason: SuppressionReason,
}

async fn suppress(
    Shared(service): Shared<Arc<Service>>,
    Json(new): Json<NewSuppression>,
) -> StatusCode {
    let now = service.now();
    let suppress = move |account: &mut Account| account.suppress(&new.email, new.reason, now);
    service.look(suppress).await;
    StatusCode::CREATED
}
