//! Who may look inside: what runs on this machine and asks by a loopback address.
//!
//! The look inside takes no key. Without this check any page in a browser on this machine could
//! empty the sandbox (a POST from elsewhere needs no leave), or read it by a name of its own that it
//! lets point to 127.0.0.1.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderMap;
use http::header::{HOST, ORIGIN};
use http::uri::Authority;

use super::told::refused;
use crate::problem::Problem;
use crate::service::Service;

/// Refuses, with 403, a request to another host than this machine's, or from another origin.
pub(super) async fn only_neighbours(
    State(service): State<Arc<Service>>,
    request: Request,
    next: Next,
) -> Response {
    match objection(request.headers()) {
        None => next.run(request).await,
        Some(detail) => refused(&service, Problem::forbidden(detail)),
    }
}

/// What speaks against a request. Programs send no `Origin`, and old ones no `Host`.
fn objection(headers: &HeaderMap) -> Option<&'static str> {
    let host = headers.get(HOST);
    if !host.is_none_or(|host| host.to_str().is_ok_and(is_loopback)) {
        return Some("The host must be a loopback address or localhost.");
    }
    let is_own = |origin: &str| {
        let authority = origin.strip_prefix("http://");
        host.is_some_and(|host| authority.is_some_and(|it| it.as_bytes() == host.as_bytes()))
    };
    let is_foreign = headers
        .get(ORIGIN)
        .is_some_and(|origin| !origin.to_str().is_ok_and(is_own));
    is_foreign.then_some("Only the sandbox's own page may ask this.")
}

fn is_loopback(authority: &str) -> bool {
    let Ok(authority) = authority.parse::<Authority>() else {
        return false;
    };
    let host = authority.host();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_has_several_names() {
        for host in ["127.0.0.1:80", "127.1.2.3", "LOCALHOST:8080", "[::1]:8080"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["", "evil.example", "127.0.0.1.evil.example", "10.0.0.1:80"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
