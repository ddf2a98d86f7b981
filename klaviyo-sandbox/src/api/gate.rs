//! What the head of a request must pass before anybody reads its body.

use chrono::{DateTime, Utc};
use http::request::Parts;
use klaviyo_gen::Operation;

use super::pour::Encoding;
use super::query::Query;
use super::route::PathValues;
use super::{body, credentials, parameter, revision};
use crate::callers::Caller;
use crate::limits::Quota;
use crate::problem::Refusal;
use crate::service::Service;

/// A request whose head was taken.
pub(super) struct Admitted {
    pub(super) operation: &'static Operation,
    pub(super) caller: Caller,
    pub(super) path: PathValues,
    pub(super) query: Query,
    pub(super) encoding: Encoding,
    pub(super) quota: Option<Quota>,
}

/// A request whose head was refused, as far as it got.
pub(super) struct Turned {
    pub(super) operation: Option<&'static Operation>,
    /// Who sent it, if it came as far as to be believed.
    pub(super) caller: Option<Caller>,
    pub(super) quota: Option<Quota>,
    pub(super) refusal: Refusal,
}

/// Takes or refuses the head of a request: path, key, revision, limits, media type, query.
///
/// The limits count it at this moment, whatever becomes of it afterwards.
pub(super) fn admit(
    service: &Service,
    head: &Parts,
    now: DateTime<Utc>,
) -> Result<Admitted, Turned> {
    let (operation, path) = service
        .routes()
        .find(head.method.as_str(), head.uri.path())
        .map_err(|problem| Turned {
            operation: None,
            caller: None,
            quota: None,
            refusal: problem.into(),
        })?;
    let turned = |refusal| Turned {
        operation: Some(operation),
        caller: None,
        quota: None,
        refusal,
    };
    let caller = credentials::check(operation, &head.headers, service, now)
        .map_err(|problem| turned(problem.into()))?;
    let turned = |refusal| Turned {
        caller: Some(caller),
        ..turned(refusal)
    };
    revision::check(operation, &head.headers, now).map_err(|problem| turned(problem.into()))?;
    // What it asks for says which limits it spends; what is wrong with it is told after them.
    let query = Query::parse(operation, head.uri.query().unwrap_or_default());
    let further = query.as_ref().is_ok_and(Query::asks_for_predictions);
    let quota = service
        .admit(operation, further, caller, now)
        .map_err(|throttled| turned(Refusal::throttled(throttled.retry_after)))?;
    let settings = service.settings();
    let checked = body::check_headers(operation, &head.headers, settings.compressed_body)
        .map_err(Refusal::from)
        .and_then(|encoding| {
            parameter::check_path(operation, &path)?;
            let query = query?;
            credentials::check_company(&query, settings)?;
            Ok((encoding, query))
        });
    match checked {
        Ok((encoding, query)) => Ok(Admitted {
            operation,
            caller,
            path,
            query,
            encoding,
            quota,
        }),
        Err(refusal) => Err(Turned {
            quota,
            ..turned(refusal)
        }),
    }
}
