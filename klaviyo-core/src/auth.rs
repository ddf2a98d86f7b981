//! Who sends: a private key, or an OAuth token that is renewed when it has to be.
//!
//! A token is renewed shortly before it expires, and once for a request that is answered 401. Of
//! several requests that find it expired, one renews it and the others wait for that.
mod renewal;
mod tokens;

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;
use http::HeaderValue;
use tokio::sync::Mutex;

use crate::clock::Clock;
use crate::error::Error;
use crate::secret::Secret;
pub(crate) use renewal::{REFRESH, read_answer, refresh_request};
pub use tokens::{OAuth, Tokens};

/// What a client shows Klaviyo to be let in.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// A private key of the account (`pk_…`).
    ApiKey(Secret),
    /// An OAuth access token that somebody else renews.
    AccessToken(Secret),
    /// An OAuth app's tokens for an account, renewed here.
    OAuth(OAuth),
}

/// Gives each request its `Authorization`.
pub struct Authorizer(Kind);

enum Kind {
    Fixed(HeaderValue),
    Renewed(Box<Session>),
}

/// An app's session for an account.
struct Session {
    oauth: OAuth,
    state: Mutex<State>,
}

/// The tokens at hand; the access token is missing until the first renewal, if none was given.
struct State {
    tokens: Option<Tokens>,
    refresh_token: Secret,
    header: Option<HeaderValue>,
}

/// Sends a renewal, as an [`crate::exchange::Exchange`] does.
pub(crate) trait Renew: Sync {
    /// Exchanges a refresh token for new tokens.
    fn renew<'a>(
        &'a self,
        oauth: &'a OAuth,
        refresh_token: &'a Secret,
    ) -> BoxFuture<'a, Result<Tokens, Error>>;
}

impl fmt::Debug for Authorizer {
    /// Without keys and tokens.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self.0 {
            Kind::Fixed(_) => "Authorizer(fixed)",
            Kind::Renewed(_) => "Authorizer(renewed)",
        })
    }
}

impl Authorizer {
    /// Takes credentials.
    ///
    /// # Errors
    /// [`Error::Configuration`] when one of them cannot stand in a header.
    pub fn new(credentials: Credentials) -> Result<Self, Error> {
        Ok(Authorizer(match credentials {
            Credentials::ApiKey(key) => Kind::Fixed(header("Klaviyo-API-Key", &key, "API key")?),
            Credentials::AccessToken(token) => Kind::Fixed(bearer(&token)?),
            Credentials::OAuth(oauth) => {
                let tokens = oauth.tokens();
                let header = tokens.as_ref().map(|tokens| bearer(&tokens.access_token));
                let state = State {
                    header: header.transpose()?,
                    refresh_token: oauth.refresh_token.clone(),
                    tokens,
                };
                let state = Mutex::new(state);
                Kind::Renewed(Box::new(Session { oauth, state }))
            }
        }))
    }

    /// The `Authorization` of a request that is sent now, renewed before if it is about to expire.
    ///
    /// # Errors
    /// When the token has expired and cannot be renewed.
    pub(crate) async fn header(
        &self,
        renew: &dyn Renew,
        clock: &Arc<dyn Clock>,
    ) -> Result<HeaderValue, Error> {
        let Session { oauth, state } = match &self.0 {
            Kind::Fixed(header) => return Ok(header.clone()),
            Kind::Renewed(session) => session.as_ref(),
        };
        let mut state = state.lock().await;
        if let Some(header) = &state.header
            && let Some(tokens) = &state.tokens
            && !tokens.expires_soon(clock.utc())
        {
            return Ok(header.clone());
        }
        state.renew(renew, oauth).await
    }

    /// After a 401 to a request with the header `refused`: gets another one, if there can be one.
    ///
    /// # Errors
    /// When the token cannot be renewed.
    pub(crate) async fn after_refusal(
        &self,
        refused: &HeaderValue,
        renew: &dyn Renew,
    ) -> Result<bool, Error> {
        let Kind::Renewed(session) = &self.0 else {
            return Ok(false);
        };
        let Session { oauth, state } = session.as_ref();
        let mut state = state.lock().await;
        if state.header.as_ref() == Some(refused) {
            state.renew(renew, oauth).await?;
        }
        Ok(true)
    }
}

impl State {
    async fn renew(&mut self, renew: &dyn Renew, oauth: &OAuth) -> Result<HeaderValue, Error> {
        let tokens = renew.renew(oauth, &self.refresh_token).await?;
        let header = bearer(&tokens.access_token)?;
        self.refresh_token = tokens.refresh_token.clone();
        self.header = Some(header.clone());
        // Told before the token is used: whoever stores tokens must not miss one that replaced theirs.
        oauth.tell(&tokens);
        self.tokens = Some(tokens);
        Ok(header)
    }
}

fn bearer(token: &Secret) -> Result<HeaderValue, Error> {
    header("Bearer", token, "access token")
}

fn header(scheme: &str, secret: &Secret, what: &str) -> Result<HeaderValue, Error> {
    let unusable = |_| {
        Error::Configuration(format!(
            "the {what} holds characters that no header can carry"
        ))
    };
    let mut value =
        HeaderValue::from_str(&format!("{scheme} {}", secret.expose())).map_err(unusable)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests;
