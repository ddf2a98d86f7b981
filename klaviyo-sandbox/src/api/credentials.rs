//! Whether a request carries the sandbox's key.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use klaviyo_gen::Operation;

use super::query::Query;
use crate::problem::Problem;
use crate::settings::Settings;

/// The schemes under which the key is taken: as a private key, and as an OAuth access token.
const SCHEMES: [&str; 2] = ["Klaviyo-API-Key", "Bearer"];

/// Checks that a request carries the key, and that the key may do what it asks.
pub(super) fn check(
    operation: &Operation,
    headers: &HeaderMap,
    settings: &Settings,
) -> Result<(), Problem> {
    if !operation.authenticated {
        return Ok(());
    }
    check_key(headers, &settings.key)?;
    let Some(granted) = &settings.scopes else {
        return Ok(());
    };
    match operation
        .scopes
        .iter()
        .find(|needed| !granted.iter().any(|scope| scope == **needed))
    {
        Some(missing) => Err(Problem::forbidden(missing)),
        None => Ok(()),
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

fn check_key(headers: &HeaderMap, key: &str) -> Result<(), Problem> {
    let Some(given) = headers.get(AUTHORIZATION) else {
        return Err(Problem::not_authenticated(
            "The request has no Authorization header.",
        ));
    };
    let given = given.to_str().ok().and_then(|given| given.split_once(' '));
    let Some((scheme, secret)) = given else {
        return Err(Problem::authentication_failed(
            "The Authorization header is not a scheme and a secret.",
        ));
    };
    if !SCHEMES
        .iter()
        .any(|known| known.eq_ignore_ascii_case(scheme))
    {
        return Err(Problem::authentication_failed(
            "The scheme is neither Klaviyo-API-Key nor Bearer.",
        ));
    }
    if secret.trim() != key {
        return Err(Problem::authentication_failed(
            "The key is not the sandbox's.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn code(authorization: Option<&'static str>) -> Result<(), &'static str> {
        let mut headers = HeaderMap::new();
        if let Some(authorization) = authorization {
            headers.insert(AUTHORIZATION, HeaderValue::from_static(authorization));
        }
        check_key(&headers, "pk_1").map_err(|problem| problem.code)
    }

    #[test]
    fn the_key_is_taken_under_both_schemes() {
        assert_eq!(code(Some("Klaviyo-API-Key pk_1")), Ok(()));
        assert_eq!(code(Some("bearer pk_1")), Ok(()));
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
