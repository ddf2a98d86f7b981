//! A mistake of the sandbox's own: whoever asked is told, and it is counted.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt;

use crate::api::Outcome;
use crate::faults::Line;
use crate::inside::Counted;
use crate::problem::{Problem, Refusal};
use crate::service::Service;

/// Answers 500 in the place of a handler that panicked. Without it the connection would be cut, as if
/// a fault had been asked for.
pub(crate) async fn answer_panics(
    State(service): State<Arc<Service>>,
    request: Request,
    next: Next,
) -> Response {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    // What a handler shares with others is behind locks, which are taken over as they are.
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    answered.unwrap_or_else(|_| {
        // The panic itself is in the error output already.
        tracing::error!(%method, path = uri.path(), "a handler panicked");
        let found = service.routes().find(method.as_str(), uri.path());
        let outcome = Outcome::from(Refusal::from(Problem::panicked()));
        service.count(Counted {
            at: service.now(),
            operation: found.ok().map(|(operation, _)| operation),
            caller: None,
            status: outcome.status(),
            rows: 0,
            bytes: 0,
            hash: 0,
        });
        outcome.into_response(None, &Line::default(), || service.next_error_id())
    })
}
