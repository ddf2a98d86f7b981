//! `/_sandbox/segments` and `/_sandbox/suppressions`: what a test gives, because no request can bring
//! it about here: who is in a segment, whose mail bounces, who complains.

use std::sync::Arc;

use axum::extract::{Path, State as Shared};
use axum::response::{IntoResponse, Response};
use axum::routing::{post, put};
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Value, json};

use super::fields;
use super::told::{Told, refused};
use crate::account::{Account, Identifier, SuppressionReason};
use crate::nearest::did_you_mean;
use crate::problem::Problem;
use crate::service::Service;
use crate::validate;

/// The routes by which a test gives something.
pub(super) fn routes() -> Router<Arc<Service>> {
    Router::new()
        .route("/_sandbox/segments", post(create_segment))
        .route("/_sandbox/segments/{id}/profiles", put(set_members))
        .route("/_sandbox/suppressions", post(suppress))
}

/// `{"name": …, "profiles": […]}`, the profiles by their ids.
async fn create_segment(Shared(service): Shared<Arc<Service>>, Told(new): Told) -> Response {
    let now = service.now();
    let create = move |account: &mut Account| {
        let fields = fields::only(new, &["name", "profiles"])?;
        let name = fields::text(&fields, "name")?;
        let members = match fields.get("profiles") {
            Some(ids) => members(account, ids, "/profiles")?,
            None => Vec::new(),
        };
        let id = account.segments.create(name, now).id.clone();
        let ids = members.iter().map(String::as_str);
        let profiles = account.set_segment_members(&id, ids, now);
        Ok(json!({"id": id, "profiles": profiles}))
    };
    match Arc::clone(&service).look(create).await {
        Ok(created) => (StatusCode::CREATED, Json(created)).into_response(),
        Err(problem) => refused(&service, problem),
    }
}

async fn set_members(
    Shared(service): Shared<Arc<Service>>,
    Path(id): Path<String>,
    Told(given): Told,
) -> Response {
    let now = service.now();
    let set = move |account: &mut Account| {
        if account.segments.get(&id).is_none() {
            return Err(Problem::not_found("There is no such segment."));
        }
        let members = members(account, &given, "")?;
        let ids = members.iter().map(String::as_str);
        let profiles = account.set_segment_members(&id, ids, now);
        Ok(json!({"id": id, "profiles": profiles}))
    };
    match Arc::clone(&service).look(set).await {
        Ok(members) => Json(members).into_response(),
        Err(problem) => refused(&service, problem),
    }
}

/// The ids of profiles that stand at a pointer. One that no profile has is a mistake of the test's,
/// which would otherwise look at an empty segment.
fn members(account: &Account, given: &Value, at: &str) -> Result<Vec<String>, Problem> {
    let ids = fields::texts(given, at)?;
    let is_unknown = |id: &String| account.profiles.slot(Identifier::Id, id).is_none();
    match ids.iter().position(is_unknown) {
        None => Ok(ids),
        Some(index) => {
            let detail = format!("No profile has the id {:?}.", ids[index]);
            Err(Problem::invalid(&format!("{at}/{index}"), detail))
        }
    }
}

/// `{"email": …, "reason": …}`.
async fn suppress(Shared(service): Shared<Arc<Service>>, Told(new): Told) -> Response {
    let now = service.now();
    let (email, reason) = match suppression(new) {
        Ok(suppression) => suppression,
        Err(problem) => return refused(&service, problem),
    };
    let suppress = move |account: &mut Account| account.suppress(&email, reason, now);
    service.look(suppress).await;
    StatusCode::CREATED.into_response()
}

/// The address, and why no mail reaches it.
fn suppression(new: Value) -> Result<(String, SuppressionReason), Problem> {
    let fields = fields::only(new, &["email", "reason"])?;
    let email = fields::text(&fields, "email")?;
    validate::email(email).map_err(|detail| Problem::invalid("/email", detail))?;
    let reason = fields::text(&fields, "reason")?;
    let named = SuppressionReason::ALL.into_iter();
    match named.clone().find(|it| it.as_str() == reason) {
        Some(reason) => Ok((email.to_owned(), reason)),
        None => {
            let known: Vec<&str> = named.map(SuppressionReason::as_str).collect();
            let (hint, known) = (did_you_mean(reason, &known), known.join(", "));
            let detail = format!("There is no reason {reason}{hint}; there are {known}.");
            Err(Problem::invalid("/reason", detail))
        }
    }
}
