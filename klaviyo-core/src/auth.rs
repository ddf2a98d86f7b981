//! Who sends: a private key, or an OAuth token that is renewed when it has to be.
//!
//! A token is renewed shortly before it expires, and once for a request that is answered 401. Of
//! several requests that find it expired, one renews it and the others wait for that.
mod renewal;
mod tokens;

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::sync::{Arc, PoisonError};
use std::thread::{self, ThreadId};

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
    /// How many renewals have ended, well or not.
    renewals: AtomicU64,
    /// The thread on which the owner is being told of new tokens, while all requests wait.
    telling: std::sync::Mutex<Option<ThreadId>>,
}

/// The tokens at hand; the access token is missing until the first renewal, if none was given.
struct State {
    tokens: Option<Tokens>,
    refresh_token: Secret,
    header: Option<HeaderValue>,
    /// Why the last renewal failed, if it did.
    failure: Option<Error>,
}

/// Sends a renewal, as an [`crate::exchange::Exchange`] does.
pub(crate) trait Renew: Sync {
    /// Exchanges a refresh token for new tokens.
    fn renew<'a>(
        &'a self,
        oauth: &'a OAuth,
        refresh_token: &'a Secret,
    ) -> BoxFuture<'a, Result<Tokens, Error>>;

    /// Whether it failed because its sender was stopped; then others try for themselves.
    fn is_stopped(&self) -> bool;
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
                    failure: None,
                };
                Kind::Renewed(Box::new(Session {
                    oauth,
                    state: Mutex::new(state),
                    renewals: AtomicU64::new(0),
                    telling: std::sync::Mutex::default(),
                }))
            }
        }))
    }

    /// The private key, if that is what requests are let in by.
    #[cfg(feature = "journal")]
    pub(crate) fn api_key(&self) -> Option<&[u8]> {
        match &self.0 {
            Kind::Fixed(header) => header.as_bytes().strip_prefix(b"Klaviyo-API-Key "),
            Kind::Renewed(_) => None,
        }
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
        let session = match &self.0 {
            Kind::Fixed(header) => return Ok(header.clone()),
            Kind::Renewed(session) => session.as_ref(),
        };
        session.check_not_telling()?;
        let before = session.renewals.load(Acquire);
        let mut state = session.state.lock().await;
        if let Some(header) = &state.header
            && let Some(tokens) = &state.tokens
            && !tokens.expires_soon(clock.utc())
        {
            return Ok(header.clone());
        }
        session.renew(&mut state, before, renew).await
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
        let before = session.renewals.load(Acquire);
        let mut state = session.state.lock().await;
        if state.header.as_ref() == Some(refused) {
            session.renew(&mut state, before, renew).await?;
        }
        Ok(true)
    }
}

impl Session {
    fn tell(&self, tokens: &Tokens) {
        let _telling = Telling::begin(&self.telling);
        self.oauth.tell(tokens);
    }

    /// # Errors
    /// When the owner, while being told of new tokens, sends a request that would wait for that.
    fn check_not_telling(&self) -> Result<(), Error> {
        let telling = *self.telling.lock().unwrap_or_else(PoisonError::into_inner);
        if telling == Some(thread::current().id()) {
            let message =
                "a function that stores new tokens cannot send with the client that waits for it";
            return Err(Error::Configuration(message.to_owned()));
        }
        Ok(())
    }

    /// Renews the token; whoever waited while a renewal failed gets its error, and makes none of its
    /// own. `before` is how many had ended when the waiting began.
    async fn renew(
        &self,
        state: &mut State,
        before: u64,
        renew: &dyn Renew,
    ) -> Result<HeaderValue, Error> {
        if let Some(error) = &state.failure
            && self.renewals.load(Acquire) != before
        {
            return Err(error.clone());
        }
        let renewed = renew.renew(&self.oauth, &state.refresh_token).await;
        self.renewals.fetch_add(1, Release);
        let renewed = renewed.and_then(|tokens| Ok((bearer(&tokens.access_token)?, tokens)));
        let (header, tokens) = match renewed {
            Ok(renewed) => renewed,
            Err(error) => {
                state.failure = (!renew.is_stopped()).then(|| error.clone());
                return Err(error);
            }
        };
        state.failure = None;
        state.refresh_token = tokens.refresh_token.clone();
        state.header = Some(header.clone());
        // Told before the token is used: whoever stores tokens must not miss one that replaced theirs.
        self.tell(&tokens);
        state.tokens = Some(tokens);
        Ok(header)
    }
}

/// While the owner is told; also if that panics.
struct Telling<'a>(&'a std::sync::Mutex<Option<ThreadId>>);

impl<'a> Telling<'a> {
    fn begin(by: &'a std::sync::Mutex<Option<ThreadId>>) -> Self {
        *by.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread::current().id());
        Telling(by)
    }
}

impl Drop for Telling<'_> {
    fn drop(&mut self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
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
