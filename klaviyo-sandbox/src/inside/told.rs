//! What the look inside is told, and what it answers when it cannot take that: JSON:API errors, as
//! the API's.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::api::Outcome;
use crate::faults::{FaultError, Line};
use crate::problem::{Problem, Refusal};
use crate::service::Service;

/// A body of JSON, whatever it calls itself: to `curl -d`, for one, every body is a form.
pub(super) struct Told(pub(super) Value);

impl FromRequest<Arc<Service>> for Told {
    type Rejection = Response;

    async fn from_request(request: Request, service: &Arc<Service>) -> Result<Self, Response> {
        let body = Bytes::from_request(request, service).await;
        let body = body.map_err(IntoResponse::into_response)?;
        serde_json::from_slice(&body).map(Self).map_err(|error| {
            let detail = format!("The body is not JSON: {error}.");
            refused(service, Problem::invalid("", detail))
        })
    }
}

/// The answer to what cannot be taken.
pub(super) fn refused(service: &Service, problem: Problem) -> Response {
    let outcome = Outcome::from(Refusal::from(problem));
    outcome.into_response(None, &Line::default(), || service.next_error_id())
}

/// The problem with a fault: where it is, and what is there instead.
pub(super) fn of_fault(error: &FaultError) -> Problem {
    let mut problem = Problem::invalid(&format!("/{}", error.field()), error.to_string());
    if !error.known().is_empty() {
        problem
            .meta
            .insert("known".to_owned(), error.known().into());
    }
    problem
}
