//! `POST /oauth/token`: a form with the refresh token, and the app's id and secret as `Basic`.
//!
//! It is no operation of the document; its errors are those of OAuth 2.0 (RFC 6749).

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::json;

use super::Granted;
use crate::service::Service;

const FORM: &str = "application/x-www-form-urlencoded";

pub(crate) fn routes() -> Router<Arc<Service>> {
    Router::new().route("/oauth/token", post(token))
}

/// Why no token is given.
enum Denied {
    /// The app's id or secret is wrong.
    Client,
    /// The refresh token is wrong.
    Grant,
    /// The request asks for it in another way than by a refresh token.
    GrantType,
    /// The request is not what it should be.
    Request,
}

async fn token(Shared(service): Shared<Arc<Service>>, headers: HeaderMap, body: Bytes) -> Response {
    match exchange(&service, &headers, &body) {
        Ok(granted) => {
            let lifetime = service.settings().access_token_lifetime;
            Json(json!({
                "access_token": granted.access_token,
                "refresh_token": granted.refresh_token,
                "token_type": "Bearer",
                "expires_in": lifetime.as_secs(),
            }))
            .into_response()
        }
        Err(denied) => {
            service.grants().refuse();
            denied.into_response()
        }
    }
}

fn exchange(service: &Service, headers: &HeaderMap, body: &[u8]) -> Result<Granted, Denied> {
    let settings = service.settings();
    let app = format!("{}:{}", settings.client_id, settings.client_secret);
    if basic(headers).as_deref() != Some(app.as_bytes()) {
        return Err(Denied::Client);
    }
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with(FORM)) {
        return Err(Denied::Request);
    }
    let form = form(body);
    let field = |name: &str| form.get(name).map(String::as_str).ok_or(Denied::Request);
    if field("grant_type")? != "refresh_token" {
        return Err(Denied::GrantType);
    }
    let granted = service.grants().renew(
        field("refresh_token")?,
        settings.on_refresh,
        settings.access_token_lifetime,
        service.now(),
    );
    granted.ok_or(Denied::Grant)
}

/// What stands behind `Basic`, decoded.
fn basic(headers: &HeaderMap) -> Option<Vec<u8>> {
    let (scheme, secret) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let is_basic = scheme.eq_ignore_ascii_case("Basic");
    is_basic
        .then(|| STANDARD.decode(secret.trim()).ok())
        .flatten()
}

fn form(body: &[u8]) -> HashMap<String, String> {
    let text = String::from_utf8_lossy(body);
    let decoded = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
    };
    text.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        let (status, error) = match self {
            Self::Client => (StatusCode::UNAUTHORIZED, "invalid_client"),
            Self::Grant => (StatusCode::BAD_REQUEST, "invalid_grant"),
            Self::GrantType => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
            Self::Request => (StatusCode::BAD_REQUEST, "invalid_request"),
        };
        (status, Json(json!({"error": error}))).into_response()
    }
}
