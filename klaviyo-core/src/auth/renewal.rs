//! The request that renews an access token, and its answer.
//!
//! It is no operation of the document: `POST /oauth/token`, a form, with the app's id and secret as
//! `Basic` credentials.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use klaviyo_gen::{Limits, MediaType, Method, Operation, Repeat, Success};
use serde::Deserialize;

use super::{OAuth, Tokens, header};
use crate::error::Error;
use crate::secret::Secret;
use crate::target::encoded;
use crate::transport::Request;

/// Renewing a token, in the words of the table.
pub(crate) static REFRESH: Operation = Operation {
    id: "oauth_token",
    aliases: &[],
    tag: "OAuth",
    method: Method::Post,
    path: "/oauth/token",
    parameters: &[],
    // There is a body; its real media type stands in the request.
    body: Some(MediaType::JsonApi),
    form: &[],
    success: &[Success {
        status: 200,
        body: true,
    }],
    limits: Limits {
        burst: None,
        steady: None,
        daily: None,
    },
    scopes: &[],
    filters: &[],
    caps: None,
    repeat: Repeat {
        safe: true,
        why: "The refresh token is kept on refresh.",
    },
    authenticated: false,
    listed: None,
    since: None,
};

/// How long a token is taken to last when the answer does not say: a Klaviyo token lasts about an hour.
const USUAL_LIFETIME: Duration = Duration::from_secs(3600);

/// The request that exchanges `refresh_token` for new tokens.
///
/// # Errors
/// [`Error::Configuration`] when the app's credentials cannot stand in a header.
pub(crate) fn refresh_request(oauth: &OAuth, refresh_token: &Secret) -> Result<Request, Error> {
    let basic = format!("{}:{}", oauth.client_id, oauth.client_secret.expose());
    let basic = Secret::new(STANDARD.encode(basic));
    let form = format!(
        "grant_type=refresh_token&refresh_token={}",
        encoded(refresh_token.expose())
    );
    let mut request = Request::new(&REFRESH, REFRESH.path.to_owned(), form.into());
    let authorization = header("Basic", &basic, "app's credentials")?;
    request.headers.insert(AUTHORIZATION, authorization);
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers.insert(CONTENT_TYPE, form);
    Ok(request)
}

/// Reads the new tokens out of the answer that came at `now`. A refresh token that is not there
/// stays what it was.
///
/// # Errors
/// [`Error::UnreadableAnswer`]; it holds nothing of the answer.
pub(crate) fn read_answer(
    body: &[u8],
    refresh_token: &Secret,
    now: DateTime<Utc>,
) -> Result<Tokens, Error> {
    #[derive(Deserialize)]
    struct Answer {
        access_token: String,
        refresh_token: Option<String>,
        expires_in: Option<u32>,
    }
    let answer: Answer = serde_json::from_slice(body).map_err(|_| Error::UnreadableAnswer {
        operation: REFRESH.id,
        detail: "it holds no access token".to_owned(),
    })?;
    let lifetime = answer.expires_in.map_or(USUAL_LIFETIME, |seconds| {
        Duration::from_secs(seconds.into())
    });
    let access_token = Secret::new(answer.access_token);
    let refresh_token = answer
        .refresh_token
        .map_or_else(|| refresh_token.clone(), Secret::new);
    Ok(Tokens::given(access_token, refresh_token, now, lifetime))
}
