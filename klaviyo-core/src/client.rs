//! The way in: a client for one account.

use std::sync::Arc;
use std::time::Duration;

use crate::auth::{Authorizer, Credentials};
use crate::clock::{Clock, SystemClock};
use crate::error::Error;
use crate::exchange::Exchange;
use crate::limit::{LimitOptions, Limiter};
use crate::retry::{RetryBudget, RetryOptions};
use crate::secret::Secret;
use crate::transport::{HttpOptions, HttpTransport, Origin, Transport};

/// The environment variable that holds the account's private key.
pub const API_KEY_VARIABLE: &str = "KLAVIYO_API_KEY";

/// How a client is set up.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// A private key, or OAuth tokens.
    pub credentials: Credentials,
    /// Where requests go: `https://host[:port]`, or `http://` to this machine only.
    pub base_url: String,
    /// The API revision that is asked for, `YYYY-MM-DD`. The default is the one that this crate was
    /// generated from.
    pub revision: String,
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Longest time for one attempt, from connecting to the last byte of the answer; a body gets 20 s
    /// a megabyte on top.
    pub attempt_timeout: Duration,
    /// A proxy for all requests, `http://[user:password@]host[:port]`. The default, `None`, takes the
    /// one that the system names (`HTTPS_PROXY` and so on), and none to this machine.
    pub proxy: Option<Secret>,
    /// Certificate authorities in PEM that are trusted beside the system's.
    pub ca_bundle: Option<Vec<u8>>,
    /// How the account's rate limits are used.
    pub limits: LimitOptions,
    /// When a request is sent again.
    pub retry: RetryOptions,
}

impl ClientOptions {
    /// The defaults, with this private key.
    #[must_use]
    pub fn new(api_key: impl Into<String>) -> Self {
        Self::with(Credentials::ApiKey(Secret::new(api_key)))
    }

    /// The defaults, with these credentials.
    #[must_use]
    pub fn with(credentials: Credentials) -> Self {
        ClientOptions {
            credentials,
            base_url: Origin::klaviyo().to_string(),
            revision: klaviyo_gen::REVISION.to_owned(),
            connect_timeout: Duration::from_secs(10),
            attempt_timeout: Duration::from_secs(60),
            proxy: None,
            ca_bundle: None,
            limits: LimitOptions::default(),
            retry: RetryOptions::default(),
        }
    }
}

/// A client for one account. Clones share its limits and connections; so should everything in a
/// process that uses the account, because Klaviyo counts an account's requests together.
#[derive(Debug, Clone)]
pub struct Client {
    exchange: Exchange,
}

impl Client {
    /// A client with these options; nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Configuration`] when an option cannot be used.
    pub fn new(options: ClientOptions) -> Result<Self, Error> {
        let origin = Origin::parse(&options.base_url)?;
        options.limits.check()?;
        let transport = HttpTransport::new(HttpOptions {
            origin,
            revision: options.revision,
            connect_timeout: options.connect_timeout,
            attempt_timeout: options.attempt_timeout,
            proxy: options.proxy,
            ca_bundle: options.ca_bundle,
        })?;
        let clock = Arc::new(SystemClock::new());
        let transport = Arc::new(transport);
        let credentials = Authorizer::new(options.credentials)?;
        let (limits, retry) = (options.limits, options.retry);
        Ok(Self::over(transport, clock, credentials, limits, retry))
    }

    /// A client with the key from `KLAVIYO_API_KEY` and the defaults.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the variable is not set.
    pub fn from_env() -> Result<Self, Error> {
        match std::env::var(API_KEY_VARIABLE) {
            Ok(key) if !key.is_empty() => Self::new(ClientOptions::new(key)),
            _ => Err(Error::Configuration(format!(
                "no API key: set {API_KEY_VARIABLE} to the account's private key"
            ))),
        }
    }

    /// A client over a transport and clock of one's own, for tests.
    #[must_use]
    pub fn over(
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        authorizer: Authorizer,
        limits: LimitOptions,
        retry: RetryOptions,
    ) -> Self {
        let limiter = Arc::new(Limiter::new(limits, Arc::clone(&clock)));
        Client {
            exchange: Exchange {
                transport,
                authorizer: Arc::new(authorizer),
                limiter,
                clock,
                budget: Arc::new(RetryBudget::new(retry.budget)),
                retry,
            },
        }
    }

    pub(crate) fn exchange(&self) -> &Exchange {
        &self.exchange
    }
}
