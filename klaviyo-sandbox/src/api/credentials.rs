//! Whether a request carries the sandbox's key.

use chrono::{DateTime, Utc};
use http::HeaderMap;
use http::header::AUTHORIZATION;

use klaviyo_gen::Operation;

use super::query::Query;
use crate::callers::Caller;
use crate::oauth::Trust;
use crate::problem::Problem;
use crate::service::Service;
use crate::settings::{Settings, UnauthorizedCode};

/// The schemes of a private key and of an OAuth access token.
const KEY: &str = "Klaviyo-API-Key";
const BEARER: &str = "Bearer";

/// Checks that a request carries the key or a live access token, and that it may do what it asks.
/// Says who sends it.
pub(super) fn check(
    operation: &Operation,
    headers: &HeaderMap,
    service: &Service,
    now: DateTime<Utc>,
) -> Result<Caller, Problem> {
    if !operation.authenticated {
        return Ok(Caller::Page);
    }
    let settings = service.settings();
    let trust = |token: &str| service.grants().trust(token, now);
    let caller = caller(headers, &settings.key, trust)
        .map_err(|problem| coded(problem, settings.unauthorized_code))?;
    let Some(granted) = &settings.scopes else {
        return Ok(caller);
    };
    match operation
        .scopes
        .iter()
        .find(|needed| !granted.iter().any(|scope| scope == **needed))
    {
        Some(missing) => {
            let detail = format!("The key does not have the scope {missing}.");
            Err(Problem::forbidden(detail))
        }
        None => Ok(caller),
    }
}

/// Checks the company that a request from a shop's pages names in place of a key.
pub(super) fn check_company(query: &Query, settings: &Settings) -> Result<(), Problem> {
    match query.get("company_id") {
        Some(company) if company != settings.company => Err(Problem::parameter(
            "company_id",
            "The company is not the sandbox's.",
        )),
        _ => Ok(()),
    }
}

/// The problem of credentials that are missing or wrong under the code that was chosen for it.
fn coded(problem: Problem, code: UnauthorizedCode) -> Problem {
    match code {
        UnauthorizedCode::ByCause => problem,
        UnauthorizedCode::AuthenticationFailed => Problem::authentication_failed(&problem.detail),
        UnauthorizedCode::NotAuthenticated => Problem::not_authenticated(&problem.detail),
    }
}

/// Who sends a request, known by the key or by an access token.
fn caller(
    headers: &HeaderMap,
    key: &str,
    trust: impl Fn(&str) -> Trust,
) -> Result<Caller, Problem> {
    let Some(given) = headers.get(AUTHORIZATION) else {
        return Err(Problem::not_authenticated(
            "The request has no Authorization header; send `Authorization: Klaviyo-API-Key` and the key.",
        ));
    };
    let given = given.to_str().ok().and_then(|given| given.split_once(' '));
    let Some((scheme, secret)) = given else {
        return Err(Problem::authentication_failed(
            "The Authorization header is not a scheme and a secret; send `Klaviyo-API-Key` and the key.",
        ));
    };
    let secret = secret.trim();
    let failed = |detail| Err(Problem::authentication_failed(detail));
    let is_bearer = scheme.eq_ignore_ascii_case(BEARER);
    if !is_bearer && !scheme.eq_ignore_ascii_case(KEY) {
        return failed("The scheme is neither Klaviyo-API-Key nor Bearer.");
    }
    if !is_bearer {
        if secret == key {
            return Ok(Caller::Key);
        }
        return failed("The key is not the sandbox's.");
    }
    match trust(secret) {
        Trust::Live => Ok(Caller::App),
        Trust::Expired => failed("The access token has expired."),
        Trust::Unknown => failed("The access token is not one that was given out."),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn code(authorization: Option<&'static str>) -> Result<Caller, &'static str> {
        let mut headers = HeaderMap::new();
        if let Some(authorization) = authorization {
            headers.insert(AUTHORIZATION, HeaderValue::from_static(authorization));
        }
        let trust = |token: &str| match token {
            "at_1" => Trust::Live,
            "at_0" => Trust::Expired,
            _ => Trust::Unknown,
        };
        caller(&headers, "pk_1", trust).map_err(|problem| problem.code)
    }

    #[test]
    fn the_key_is_taken_under_its_scheme_alone() {
        for taken in ["Klaviyo-API-Key pk_1", "klaviyo-api-key pk_1"] {
            assert_eq!(code(Some(taken)), Ok(Caller::Key));
        }
        assert_eq!(code(Some("Bearer pk_1")), Err("authentication_failed"));
    }

    #[test]
    fn a_live_access_token_is_an_apps() {
        assert_eq!(code(Some("Bearer at_1")), Ok(Caller::App));
        for refused in ["Bearer at_0", "Bearer at_2", "Klaviyo-API-Key at_1"] {
            assert_eq!(code(Some(refused)), Err("authentication_failed"));
        }
    }

    #[test]
    fn anything_else_is_not() {
        assert_eq!(code(None), Err("not_authenticated"));
        assert_eq!(
            code(Some("Klaviyo-API-Key pk_2")),
            Err("authentication_failed")
        );
        assert_eq!(code(Some("Basic pk_1")), Err("authentication_failed"));
        assert_eq!(code(Some("pk_1")), Err("authentication_failed"));
    }
}
