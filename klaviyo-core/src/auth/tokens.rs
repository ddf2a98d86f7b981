//! An OAuth app's tokens for one account.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::secret::Secret;

/// A token is renewed this long before it expires: longer than any request is under way.
const MARGIN: Duration = Duration::from_secs(120);
/// One that is short-lived is renewed in the last part of its life, or it would always be.
const PART_OF_LIFE: u32 = 10;

/// Called with the tokens of each renewal.
type OnRefresh = Arc<dyn Fn(&Tokens) + Send + Sync>;

/// An OAuth app, and what it holds for one account.
///
/// ```
/// use klaviyo_core::{ClientOptions, Credentials, OAuth};
///
/// let oauth = OAuth::new("app-id", "app-secret", "refresh-token")
///     .on_refresh(|tokens| println!("to be stored; valid until {}", tokens.expires_at));
/// let options = ClientOptions::with(Credentials::OAuth(oauth));
/// ```
#[derive(Clone)]
pub struct OAuth {
    pub(super) client_id: String,
    pub(super) client_secret: Secret,
    pub(super) refresh_token: Secret,
    access_token: Option<(Secret, DateTime<Utc>)>,
    on_refresh: Option<OnRefresh>,
}

/// The tokens for one account after a renewal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// What requests carry.
    pub access_token: Secret,
    /// What gets the next access token. Klaviyo keeps it the same; if it changes, the new one counts.
    pub refresh_token: Secret,
    /// When the access token expires, an hour after the renewal or so.
    pub expires_at: DateTime<Utc>,
    /// How long before that it is renewed.
    margin: Duration,
}

impl OAuth {
    /// An app with its refresh token for an account.
    #[must_use]
    pub fn new(
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
        refresh_token: impl Into<String>,
    ) -> Self {
        OAuth {
            client_id: client_id.into(),
            client_secret: Secret::new(client_secret),
            refresh_token: Secret::new(refresh_token),
            access_token: None,
            on_refresh: None,
        }
    }

    /// Begins with this access token; without one, the first request gets one.
    #[must_use]
    pub fn access_token(mut self, token: impl Into<String>, expires_at: DateTime<Utc>) -> Self {
        self.access_token = Some((Secret::new(token), expires_at));
        self
    }

    /// Calls `store` with the tokens of each renewal, before the first request uses them. It must
    /// not block for long: requests wait for it, so it cannot send any with the same client
    /// ([`Error::Configuration`](crate::Error::Configuration)).
    #[must_use]
    pub fn on_refresh(mut self, store: impl Fn(&Tokens) + Send + Sync + 'static) -> Self {
        self.on_refresh = Some(Arc::new(store));
        self
    }

    pub(super) fn tokens(&self) -> Option<Tokens> {
        let (access_token, expires_at) = self.access_token.clone()?;
        Some(Tokens {
            access_token,
            refresh_token: self.refresh_token.clone(),
            expires_at,
            margin: MARGIN,
        })
    }

    pub(super) fn tell(&self, tokens: &Tokens) {
        if let Some(store) = &self.on_refresh {
            store(tokens);
        }
    }
}

impl fmt::Debug for OAuth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("OAuth")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

impl Tokens {
    /// Tokens that were given at `now` for this long.
    pub(super) fn given(
        access_token: Secret,
        refresh_token: Secret,
        now: DateTime<Utc>,
        lifetime: Duration,
    ) -> Self {
        Tokens {
            access_token,
            refresh_token,
            expires_at: now + lifetime,
            margin: MARGIN.min(lifetime / PART_OF_LIFE),
        }
    }

    pub(super) fn expires_soon(&self, now: DateTime<Utc>) -> bool {
        now + self.margin >= self.expires_at
    }
}
