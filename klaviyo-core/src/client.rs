//! The way in: a client for one account.

use std::sync::Arc;
use std::time::Duration;

use crate::auth::{Authorizer, Credentials};
use crate::clock::{Clock, SystemClock};
use crate::error::Error;
use crate::exchange::{Exchange, Overrides};
use crate::jobs::JobRooms;
use crate::limit::{LimitOptions, Limiter};
use crate::retry::{RetryBudget, RetryOptions};
use crate::secret::Secret;
use crate::transport::{HttpOptions, HttpTransport, Origin, Transport, revision};

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
    /// Longest time for one attempt, from connecting to the last byte of the answer. A body gets 20 s
    /// a megabyte on top (50,000 bytes a second), so a request of 5 MB has 100 s more.
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

/// What differs in a client that has the rest in common with another; see [`Client::with_options`].
#[derive(Debug, Clone, Default)]
pub struct ChangedOptions {
    /// The API revision that is asked for, `YYYY-MM-DD`.
    pub revision: Option<String>,
    /// Longest time for one attempt; a body gets 20 s a megabyte on top.
    pub attempt_timeout: Option<Duration>,
    /// The part of each rate limit within which this client stays: it sends only while the requests
    /// of all that have the limits in common take less.
    pub share: Option<f64>,
    /// How often a request that fails for the time being is sent at most.
    pub attempts: Option<u32>,
}

/// A client for one account. Clones share its limits and connections; so should everything in a
/// process that uses the account, because Klaviyo counts an account's requests together.
#[derive(Debug, Clone)]
pub struct Client {
    exchange: Exchange,
    job_rooms: JobRooms,
    /// Where requests go; `None` over a transport of one's own.
    base_url: Option<Arc<str>>,
}

impl Client {
    /// A client with these options; nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Configuration`] when an option cannot be used.
    pub fn new(options: ClientOptions) -> Result<Self, Error> {
        let origin = Origin::parse(&options.base_url)?;
        options.limits.check()?;
        let base_url = Arc::from(origin.to_string());
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
        let client = Self::over(transport, clock, credentials, limits, retry);
        Ok(Client {
            base_url: Some(base_url),
            ..client
        })
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
                overrides: Overrides::default(),
            },
            job_rooms: JobRooms::default(),
            base_url: None,
        }
    }

    /// A client with other options over the same connections, credentials and count of the limits.
    /// It costs next to nothing, so it may be made for a single call.
    ///
    /// ```no_run
    /// # fn example(client: klaviyo_core::Client) -> Result<(), klaviyo_core::Error> {
    /// use klaviyo_core::ChangedOptions;
    ///
    /// let nightly = client.with_options(ChangedOptions {
    ///     share: Some(0.2),
    ///     ..ChangedOptions::default()
    /// })?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Configuration`] when an option cannot be used; a share cannot be more than that of the
    /// client that was set up with [`ClientOptions`].
    pub fn with_options(&self, changed: ChangedOptions) -> Result<Self, Error> {
        let mut exchange = self.exchange.clone();
        if let Some(text) = changed.revision {
            exchange.overrides.revision = Some(revision(&text)?);
        }
        if let Some(timeout) = changed.attempt_timeout {
            exchange.overrides.attempt_timeout = Some(timeout);
        }
        if let Some(share) = changed.share {
            exchange.limiter = Arc::new(exchange.limiter.part(share)?);
        }
        if let Some(attempts) = changed.attempts {
            exchange.retry.attempts = attempts;
        }
        Ok(Client {
            exchange,
            job_rooms: self.job_rooms.clone(),
            base_url: self.base_url.clone(),
        })
    }

    #[cfg(feature = "journal")]
    pub(crate) fn base_url(&self) -> Option<&str> {
        self.base_url.as_deref()
    }

    pub(crate) fn job_rooms(&self) -> &JobRooms {
        &self.job_rooms
    }

    pub(crate) fn exchange(&self) -> &Exchange {
        &self.exchange
    }
}

#[cfg(test)]
mod tests {
    use klaviyo_gen::operations::{CREATE_LIST, GET_PROFILES};

    use super::*;
    use crate::call::Call;
    use crate::clock::FakeClock;
    use crate::testing::{Scripted, answer, client};

    #[tokio::test]
    async fn changed_options_concern_only_the_client_that_has_them() {
        let transport = Scripted::new(|_, _| answer(200, "{}"));
        let first = client(&transport, &FakeClock::new(1));
        let second = first.with_options(ChangedOptions {
            revision: Some("2025-01-15".to_owned()),
            attempt_timeout: Some(Duration::from_secs(5)),
            ..ChangedOptions::default()
        });
        for client in [&first, &second.unwrap()] {
            client.call(&GET_PROFILES, Call::default()).await.unwrap();
        }
        let requests = transport.requests();
        assert_eq!(requests[0].headers.get("revision"), None);
        assert_eq!(requests[0].timeout, None);
        assert_eq!(requests[1].headers["revision"], "2025-01-15");
        assert_eq!(requests[1].timeout, Some(Duration::from_secs(5)));
        assert_eq!(
            requests[1].headers["authorization"],
            requests[0].headers["authorization"]
        );
    }

    #[tokio::test]
    async fn attempts_can_be_changed() {
        let transport = Scripted::new(|_, _| answer(503, ""));
        let first = client(&transport, &FakeClock::new(1));
        let once = ChangedOptions {
            attempts: Some(1),
            ..ChangedOptions::default()
        };
        let once = first.with_options(once).unwrap();
        once.call(&GET_PROFILES, Call::default()).await.unwrap_err();
        assert_eq!(transport.requests().len(), 1);
    }

    #[tokio::test]
    async fn clients_that_differ_in_options_count_the_limits_together() {
        let transport = Scripted::new(|_, _| answer(201, "{}"));
        let clock = FakeClock::new(1);
        let first = client(&transport, &clock);
        let half = ChangedOptions {
            share: Some(0.5),
            ..ChangedOptions::default()
        };
        let second = first.with_options(half).unwrap();
        let create = || Call {
            body: "{}".into(),
            ..Call::default()
        };
        for _ in 0..CREATE_LIST.limits.daily.unwrap() / 2 {
            first.call(&CREATE_LIST, create()).await.unwrap();
        }
        let refused = second.call(&CREATE_LIST, create()).await.unwrap_err();
        assert!(matches!(refused, Error::RateLimit { .. }), "{refused}");
        first.call(&CREATE_LIST, create()).await.unwrap();
    }

    #[test]
    fn options_that_cannot_be_used_are_told() {
        let transport = Scripted::new(|_, _| panic!("nothing may be sent"));
        let client = client(&transport, &FakeClock::new(1));
        let odd = [
            ChangedOptions {
                revision: Some("2025\n".to_owned()),
                ..ChangedOptions::default()
            },
            ChangedOptions {
                share: Some(1.5),
                ..ChangedOptions::default()
            },
        ];
        for (changed, word) in odd.into_iter().zip(["revision", "share"]) {
            let error = client.with_options(changed).unwrap_err();
            assert!(error.to_string().contains(word), "{error}");
        }
    }
}
