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
use super::body;
use super::call::Call;
use super::gate::{self, Admitted};
use super::outcome::Outcome;
use super::pour::{self, Unread};
use super::sink::{self, Sunk};
use crate::beside::beside;
use crate::callers::Caller;
use crate::clock::pause;
use crate::faults::{FaultKind, Line};
use crate::inside::Counted;
use crate::limits::Quota;
use crate::operations::{self, SunkHandler};
use crate::problem::{Problem, Refusal};
use crate::service::Service;

/// Bodies from this size on are worked on beside the runtime, and so is what must wait for the
/// account: the heads of other requests are still taken, and their limits decided, when they arrive.
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
            // A task of its own: who hangs up meanwhile does not undo it, and it is counted.
            let admitted = take_in(Arc::clone(&service), admitted, head.headers, body, now);
            passed_on(tokio::spawn(admitted).await).await
        }
        Err(turned) => {
            pour::drain(body, u64::MAX).await;
            let exchange = Exchange {
                operation: turned.operation,
                caller: turned.caller,
                quota: turned.quota,
                bytes: 0,
                hash: 0,
                outcome: turned.refusal.into(),
            };
            service.count(exchange.counted(now));
            exchange
        }
    };
    if exchange.outcome.is_withheld() {
        // Dropped when the client leaves, or when the sandbox stops.
        return std::future::pending().await;
    }
    exchange
        .outcome
        .into_response(exchange.quota.as_ref(), &line, || service.next_error_id())
}

/// Takes in a request that was admitted, to its end, and counts it.
async fn take_in(
    service: Arc<Service>,
    admitted: Admitted,
    headers: http::HeaderMap,
    body: Body,
    now: DateTime<Utc>,
) -> Exchange {
    let strike = service.strike(admitted.operation);
    let fault = strike.as_ref().map(|strike| strike.kind.clone());
    let exchange = converse(&service, admitted, fault, &headers, body, now).await;
    if let Some(strike) = strike
        && !exchange.outcome.shows(&strike.kind)
    {
        service.faults().take_back(&strike);
    }
    service.count(exchange.counted(now));
    exchange
}

/// What came of a task, or its panic.
async fn passed_on<T>(ended: Result<T, tokio::task::JoinError>) -> T {
    match ended.map_err(tokio::task::JoinError::try_into_panic) {
        Ok(done) => done,
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        // The runtime is shutting down: nobody is there to answer.
        Err(Err(_)) => std::future::pending().await,
    }
}

/// How far a request came.
struct Exchange {
    operation: Option<&'static Operation>,
    caller: Option<Caller>,
    quota: Option<Quota>,
    /// Bytes of the body that were read and looked at.
    bytes: u64,
    /// What the sink made of the body; 0 without it.
    hash: u64,
    outcome: Outcome,
}

impl Exchange {
    fn counted(&self, at: DateTime<Utc>) -> Counted {
        Counted {
            at,
            operation: self.operation,
            caller: self.caller,
            status: self.outcome.status(),
            rows: self.outcome.rows(),
            bytes: self.bytes,
            hash: self.hash,
        }
    }
}

/// A body that was read.
enum Taken {
    Whole(Bytes),
    Sunk(Sunk, SunkHandler),
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
    let (caller, quota) = (admitted.caller, admitted.quota.clone());
    let ended = |(bytes, hash), outcome| Exchange {
        operation: Some(operation),
        caller: Some(caller),
        quota,
        bytes,
        hash,
        outcome,
    };
    match &fault {
        Some(FaultKind::ResetBeforeReading) => return ended(NOTHING, Outcome::Cut),
        Some(FaultKind::ResetWhileReading) => {
            body::drain_in_part(headers, body).await;
            return ended(NOTHING, Outcome::Cut);
        }
        Some(FaultKind::Latency { millis }) => pause(Duration::from_millis(*millis)).await,
        _ => {}
    }
    let taken = match take(service, &admitted, headers, body).await {
        Ok(taken) => taken,
        Err(Unread::TooLarge) => {
            let outcome =
                Outcome::oversized(most_bytes(operation), service.settings().oversized_body);
            return ended(NOTHING, outcome);
        }
        Err(Unread::Garbled) => {
            let problem = Problem::invalid("/data", "The body is not gzip, as it says it is.");
            return ended(NOTHING, Refusal::from(problem).into());
        }
        // Nobody is there to read an answer.
        Err(Unread::Broken) => return ended(NOTHING, Outcome::Cut),
    };
    let measures = taken.measures();
    if let Some(outcome) = fault
        .as_ref()
        .and_then(|fault| Outcome::instead(fault, now))
    {
        return ended(measures, outcome);
    }
    let handled = handle(service, admitted, taken, now).await;
    ended(measures, Outcome::from(handled).spoilt_by(fault))
}

/// The length and the hash of no body.
const NOTHING: (u64, u64) = (0, 0);

impl Taken {
    /// The length and the hash.
    fn measures(&self) -> (u64, u64) {
        match self {
            Self::Whole(body) => (body.len() as u64, 0),
            Self::Sunk(sunk, _) => (sunk.bytes, sunk.hash),
        }
    }
}

fn most_bytes(operation: &Operation) -> u64 {
    operation
        .caps
        .map_or(MAX_REQUEST_BYTES, |caps| caps.max_request_bytes)
}

/// Reads a body, or lets it down the sink.
async fn take(
    service: &Service,
    admitted: &Admitted,
    headers: &http::HeaderMap,
    body: Body,
) -> Result<Taken, Unread> {
    let Admitted {
        operation,
        encoding,
        ..
    } = *admitted;
    let most = most_bytes(operation);
    match operations::sunk(operation).filter(|_| service.settings().sink) {
        Some(handler) => {
            let sunk = sink::swallow(operation, encoding, body, most).await?;
            Ok(Taken::Sunk(sunk, handler))
        }
        None => {
            let whole = body::read(headers, encoding, body, most).await?;
            Ok(Taken::Whole(whole))
        }
    }
}

async fn handle(
    service: &Arc<Service>,
    admitted: Admitted,
    taken: Taken,
    now: DateTime<Utc>,
) -> Result<Answer, Refusal> {
    let large = matches!(&taken, Taken::Whole(body) if body.len() >= LARGE);
    let must_wait = !service.is_at_hand(now);
    let service = Arc::clone(service);
    let work = move || {
        let Admitted {
            operation,
            path,
            query,
            ..
        } = admitted;
        let call = |body| Call {
            operation,
            path,
            query,
            body,
            now,
            service: &service,
        };
        match taken {
            Taken::Whole(body) => operations::answer(&call(body)),
            Taken::Sunk(sunk, handler) => Ok(handler(&call(Bytes::new()), sunk.rows)),
        }
    };
    if large || must_wait {
        beside(work).await
    } else {
        work()
    }
}
