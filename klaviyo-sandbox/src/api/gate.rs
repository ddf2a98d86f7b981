//! What every request passes before its handler, and what every answer gets after it.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use chrono::{DateTime, Utc};
use http::header::{CONTENT_TYPE, HeaderName, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderValue, Request, StatusCode};
use klaviyo_gen::{MAX_REQUEST_BYTES, MediaType, Operation};

use super::answer::Answer;
use super::body::{self, Read};
use super::call::Call;
use super::query::Query;
use super::route::PathValues;
use super::{credentials, revision};
use crate::limits::Quota;
use crate::operations;
use crate::problem::{Problem, Refusal};
use crate::service::Service;

/// Bodies from this size on are worked on beside the runtime, so that the heads of other requests
/// are still taken, and their limits decided, when they arrive.
const LARGE: usize = 64 * 1024;

/// A request whose head was taken.
struct Admitted {
    operation: &'static Operation,
    path: PathValues,
    query: Query,
    quota: Option<Quota>,
}

/// A request whose head was refused, as far as it got.
struct Turned {
    operation: Option<&'static Operation>,
    quota: Option<Quota>,
    refusal: Refusal,
}

/// Answers a request to the API.
pub(crate) async fn pass(service: Arc<Service>, request: Request<Body>) -> Response {
    let now = service.now();
    let (head, body) = request.into_parts();
    // The limits decide now, when the head is here; the body is still to come.
    let admitted = admit(&service, &head, now);
    let most = match &admitted {
        Ok(admitted) => most_bytes(admitted.operation),
        Err(_) => MAX_REQUEST_BYTES,
    };
    let read = body::read(&head.headers, body, most, admitted.is_ok()).await;
    let (operation, quota, length, outcome) = match (admitted, read) {
        (Err(turned), _) => (turned.operation, turned.quota, 0, Err(turned.refusal)),
        (Ok(admitted), Read::Whole(body)) => {
            let (operation, quota, length) =
                (admitted.operation, admitted.quota.clone(), body.len());
            let outcome = handle(&service, admitted, body, now).await;
            (Some(operation), quota, length, outcome)
        }
        (Ok(admitted), Read::TooLarge) => {
            let refusal = Refusal::from(Problem::too_large(most));
            (Some(admitted.operation), admitted.quota, 0, Err(refusal))
        }
        // Nobody is there to read this answer; it is counted all the same.
        (Ok(admitted), Read::Broken) => {
            let refusal = Refusal::from(Problem::invalid("/data", "The body broke off."));
            (Some(admitted.operation), admitted.quota, 0, Err(refusal))
        }
    };
    service.count(operation, &outcome, length as u64, now);
    respond(&service, quota.as_ref(), outcome)
}

fn admit(service: &Service, head: &Parts, now: DateTime<Utc>) -> Result<Admitted, Turned> {
    let (operation, path) = service
        .routes()
        .find(head.method.as_str(), head.uri.path())
        .map_err(|problem| Turned {
            operation: None,
            quota: None,
            refusal: problem.into(),
        })?;
    let turned = |refusal| Turned {
        operation: Some(operation),
        quota: None,
        refusal,
    };
    if operation.authenticated {
        credentials::check(&head.headers, &service.settings().key)
            .map_err(|problem| turned(problem.into()))?;
    }
    revision::check(&head.headers, now).map_err(|problem| turned(problem.into()))?;
    let quota = service
        .admit(operation, now)
        .map_err(|throttled| turned(Refusal::throttled(throttled.retry_after)))?;
    let checked = body::check_headers(operation, &head.headers)
        .map_err(Refusal::from)
        .and_then(|()| Query::parse(operation, head.uri.query().unwrap_or_default()));
    match checked {
        Ok(query) => Ok(Admitted {
            operation,
            path,
            query,
            quota,
        }),
        Err(refusal) => Err(Turned {
            quota,
            ..turned(refusal)
        }),
    }
}

fn most_bytes(operation: &Operation) -> u64 {
    operation
        .caps
        .map_or(MAX_REQUEST_BYTES, |caps| caps.max_request_bytes)
}

async fn handle(
    service: &Arc<Service>,
    admitted: Admitted,
    body: bytes::Bytes,
    now: DateTime<Utc>,
) -> Result<Answer, Refusal> {
    let handler = operations::handler(admitted.operation.id)
        .ok_or_else(|| Problem::not_modelled(admitted.operation.id))?;
    let large = body.len() >= LARGE;
    let service = Arc::clone(service);
    let work = move || {
        let Admitted {
            operation,
            path,
            query,
            ..
        } = admitted;
        handler(&Call {
            operation,
            path,
            query,
            body,
            now,
            service: &service,
        })
    };
    if !large {
        return work();
    }
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

fn respond(service: &Service, quota: Option<&Quota>, outcome: Result<Answer, Refusal>) -> Response {
    let (status, body, retry_after) = match outcome {
        Ok(answer) => (answer.status, answer.body, None),
        Err(refusal) => {
            let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
            (
                status,
                Some(refusal.to_json(|| service.next_error_id())),
                refusal.retry_after,
            )
        }
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if let Some(quota) = quota {
        for (name, value) in [
            ("ratelimit-limit", quota.limit.clone()),
            ("ratelimit-remaining", quota.remaining.to_string()),
            ("ratelimit-reset", quota.reset.to_string()),
        ] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
    if let Some(seconds) = retry_after {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    if let Some(body) = body {
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static(MediaType::JsonApi.as_str()),
        );
        *response.body_mut() = Body::from(body.to_string());
    }
    response
}
