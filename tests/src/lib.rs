//! What the tests that cross crates share: a client and a sandbox that go by the same virtual time.
//!
//! Time stands still while anything is under way, and jumps to the next sleeper's end when nothing
//! is. So a run under Klaviyo's real limits takes no time, and its makespan is exact.
mod virtual_time;

use std::sync::Arc;
use std::time::Duration;

use klaviyo_core::auth::{Authorizer, Credentials};
use klaviyo_core::client::Client;
use klaviyo_core::clock::Clock;
use klaviyo_core::limit::LimitOptions;
use klaviyo_core::retry::RetryOptions;
use klaviyo_core::transport::{HttpOptions, HttpTransport, Origin, Transport};
use klaviyo_core::{Error, Secret};
use klaviyo_sandbox::{Builder, Sandbox};
use virtual_time::{CountedTransport, VirtualClock};

/// A sandbox and a client for it, both on virtual time.
#[derive(Debug)]
pub struct World {
    /// The Klaviyo of this world.
    pub sandbox: Sandbox,
    /// A client with the sandbox's key.
    pub client: Client,
}

impl World {
    /// A world with Klaviyo's real limits and jobs that take a second.
    pub async fn new() -> Self {
        Self::with(Sandbox::builder(), None).await
    }

    /// A world with a sandbox of these settings, and a client with this key instead of the right one.
    ///
    /// # Panics
    /// When the sandbox cannot be started.
    pub async fn with(builder: Builder, key: Option<&str>) -> Self {
        let time = VirtualClock::default();
        let sandbox = builder
            .clock(time.of_the_sandbox())
            .start()
            .await
            .expect("a free port");
        let key = key.unwrap_or(sandbox.key());
        let client = client(&sandbox, key, time).expect("the sandbox's address is loopback");
        World { sandbox, client }
    }
}

fn client(sandbox: &Sandbox, key: &str, time: VirtualClock) -> Result<Client, Error> {
    let transport = CountedTransport::new(transport(sandbox.url())?, time.clone());
    over(Arc::new(transport), Arc::new(time), key)
}

/// HTTP to the Klaviyo at `url`.
///
/// # Errors
/// When the address cannot be used.
pub fn transport(url: &str) -> Result<HttpTransport, Error> {
    HttpTransport::new(HttpOptions {
        origin: Origin::parse(url)?,
        revision: klaviyo_gen::REVISION.to_owned(),
        connect_timeout: Duration::from_secs(10),
        attempt_timeout: Duration::from_secs(60),
        proxy: None,
        ca_bundle: None,
    })
}

/// A client over this transport that goes by this clock.
///
/// # Errors
/// When the key cannot be used.
pub fn over(
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    key: &str,
) -> Result<Client, Error> {
    Ok(Client::over(
        transport,
        clock,
        Authorizer::new(Credentials::ApiKey(Secret::new(key)))?,
        LimitOptions::default(),
        RetryOptions::default(),
    ))
}
