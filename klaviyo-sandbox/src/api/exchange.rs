//! One request and its answer, from the head to what goes back.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::Request;
use klaviyo_gen::{MAX_REQUEST_BYTES, Operation};

use super::answer::Answer;
use super::body::{self, Read};
use super::call::Call;
use super::gate::{self, Admitted};
use super::outcome::Outcome;
use crate::clock::pause;
use crate::faults::{FaultKind, Line};
use crate::limits::Quota;
use crate::operations;
use crate::problem::{Problem, Refusal};
use crate::service::Service;

/// Bodies from this size on are worked on beside the runtime, so that the heads of other requests
/// are still taken, and their limits decided, when they arrive.
const LARGE: usize = 64 * 1024;

/// Answers a request to the API.
pub(crate) async fn pass(service: Arc<Service>, request: Request<Body>) -> Response {
    let now = service.now();
    let line = request
        .extensions()
        .get::<Line>()
        .cloned()
        .unwrap_or_default();
    let (head, body) = request.into_parts();
    // The limits decide now, when the head is here; the body is still to come.
    let exchange = match gate::admit(&service, &head, now) {
        Ok(admitted) => {
            let fault = service.strike(admitted.operation);
            converse(&service, admitted, fault, &head.headers, body, now).await
        }
        Err(turned) => {
            body::drain(body, u64::MAX).await;
            Exchange {
                operation: turned.operation,
                quota: turned.quota,
                bytes: 0,
                outcome: turned.refusal.into(),
            }
        }
    };
    service.count(exchange.operation, &exchange.outcome, exchange.bytes, now);
    exchange
        .outcome
        .into_response(exchange.quota.as_ref(), &line, || service.next_error_id())
}

/// How far a request came.
struct Exchange {
    operation: Option<&'static Operation>,
    quota: Option<Quota>,
    /// Bytes of the body that were read and looked at.
    bytes: u64,
    outcome: Outcome,
}

/// Reads the body and has it handled, unless a fault comes in between.
async fn converse(
    service: &Arc<Service>,
    admitted: Admitted,
    fault: Option<FaultKind>,
    headers: &http::HeaderMap,
    body: Body,
    now: DateTime<Utc>,
) -> Exchange {
    let operation = admitted.operation;
    let quota = admitted.quota.clone();
    let ended = |bytes, outcome| Exchange {
        operation: Some(operation),
        quota,
        bytes,
        outcome,
    };
    match &fault {
        Some(FaultKind::ResetBeforeReading) => return ended(0, Outcome::Cut),
        Some(FaultKind::ResetWhileReading) => {
            body::drain(body, body::announced(headers).unwrap_or_default() / 2).await;
            return ended(0, Outcome::Cut);
        }
        Some(FaultKind::Latency { millis }) => pause(Duration::from_millis(*millis)).await,
        _ => {}
    }
    let most = operation
        .caps
        .map_or(MAX_REQUEST_BYTES, |caps| caps.max_request_bytes);
    let body = match body::read(headers, body, most).await {
        Read::Whole(body) => body,
        Read::TooLarge => return ended(0, Refusal::from(Problem::too_large(most)).into()),
        // Nobody is there to read an answer.
        Read::Broken => return ended(0, Outcome::Cut),
    };
    let bytes = body.len() as u64;
    if let Some(outcome) = fault
        .as_ref()
        .and_then(|fault| Outcome::instead(fault, now))
    {
        return ended(bytes, outcome);
    }
    let handled = handle(service, admitted, body, now).await;
    ended(bytes, Outcome::from(handled).spoilt_by(fault))
}

async fn handle(
    service: &Arc<Service>,
    admitted: Admitted,
    body: Bytes,
    now: DateTime<Utc>,
) -> Result<Answer, Refusal> {
    let large = body.len() >= LARGE;
    let service = Arc::clone(service);
    let work = move || {
        let Admitted {
            operation,
            path,
            query,
            ..
        } = admitted;
        operations::answer(&Call {
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
