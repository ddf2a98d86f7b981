//! What is asked of the look inside and is not there: the answer says what is.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::response::Response;
use http::{Method, Uri};

use super::told::refused;
use crate::nearest::did_you_mean;
use crate::problem::Problem;
use crate::service::Service;

/// What can be asked, by its path, with the methods that it takes.
const PATHS: &[(&str, &str)] = &[
    ("/_sandbox/state", "GET"),
    ("/_sandbox/profiles", "GET"),
    ("/_sandbox/events", "GET"),
    ("/_sandbox/requests", "GET"),
    ("/_sandbox/live", "GET"),
    ("/_sandbox/faults", "GET, POST or DELETE"),
    ("/_sandbox/segments", "POST"),
    ("/_sandbox/segments/{id}/profiles", "PUT"),
    ("/_sandbox/suppressions", "POST"),
    ("/_sandbox/snapshot", "GET or PUT"),
    ("/_sandbox/jobs/{id}/cancel", "POST"),
    ("/_sandbox/reset", "POST"),
];

/// Answers 404 with the nearest path, or all.
pub(super) async fn no_such_path(Shared(service): Shared<Arc<Service>>, uri: Uri) -> Response {
    let known: Vec<&str> = PATHS.iter().map(|(path, _)| *path).collect();
    let (path, known_here) = (uri.path(), known.join(", "));
    let hint = did_you_mean(path, &known);
    let detail = format!("There is nothing at {path}{hint}; there are {known_here}.");
    refused(&service, Problem::not_found(detail))
}

/// Answers 405 with the methods that the path takes.
pub(super) async fn wrong_method(
    Shared(service): Shared<Arc<Service>>,
    method: Method,
    uri: Uri,
) -> Response {
    let methods = methods_of(uri.path()).unwrap_or("GET");
    let detail = format!("The path takes {methods}, not {method}.");
    refused(&service, Problem::method_not_allowed(detail))
}

/// The methods of a path; those of the page and its parts stand nowhere and are all GET.
fn methods_of(path: &str) -> Option<&'static str> {
    let fits = |known: &str| {
        let (known, asked) = (known.split('/'), path.split('/'));
        known.clone().count() == asked.clone().count()
            && known
                .zip(asked)
                .all(|(known, asked)| known == "{id}" || known == asked)
    };
    let mut paths = PATHS.iter();
    paths.find(|(known, _)| fits(known)).map(|(_, it)| *it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_an_id_has_its_methods() {
        assert_eq!(methods_of("/_sandbox/jobs/abc/cancel"), Some("POST"));
        assert_eq!(methods_of("/_sandbox/snapshot"), Some("GET or PUT"));
        assert_eq!(methods_of("/_sandbox/jobs/abc"), None);
    }
}
