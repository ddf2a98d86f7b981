//! `/_sandbox/segments`: who is in a segment is given from outside.

use std::sync::Arc;

use axum::extract::{Path, State as Shared};
use axum::response::{IntoResponse, Response};
use axum::routing::{post, put};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use crate::service::Service;

/// The routes below `/_sandbox/segments`.
pub(super) fn routes() -> Router<Arc<Service>> {
    Router::new()
        .route("/_sandbox/segments", post(create))
        .route("/_sandbox/segments/{id}/profiles", put(set_members))
}

/// A segment to be created, with the ids of its members.
#[derive(Deserialize)]
struct NewSegment {
    name: String,
    #[serde(default)]
    profiles: Vec<String>,
}

async fn create(Shared(service): Shared<Arc<Service>>, Json(new): Json<NewSegment>) -> Response {
    let now = service.now();
    let body = service.with_account(|account| {
        let id = account.segments.create(&new.name, now).id.clone();
        let ids = new.profiles.iter().map(String::as_str);
        let profiles = account.set_segment_members(&id, ids, now);
        json!({"id": id, "profiles": profiles})
    });
    (StatusCode::CREATED, Json(body)).into_response()
}

async fn set_members(
    Shared(service): Shared<Arc<Service>>,
    Path(id): Path<String>,
    Json(profiles): Json<Vec<String>>,
) -> Response {
    let now = service.now();
    service.with_account(|account| {
        if account.segments.get(&id).is_none() {
            return StatusCode::NOT_FOUND.into_response();
        }
        let ids = profiles.iter().map(String::as_str);
        let profiles = account.set_segment_members(&id, ids, now);
        Json(json!({"id": id, "profiles": profiles})).into_response()
    })
}
