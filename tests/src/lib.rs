//! What the tests that cross crates share: a client and a sandbox that go by the same virtual time.
//!
//! Time stands still while anything is under way, and jumps to the next sleeper's end when nothing
//! is. So a run under Klaviyo's real limits takes no time, and its makespan is exact.
mod arrange;
mod damage;
mod virtual_time;
mod weather;

use std::sync::Arc;
use std::time::Duration;

pub use damage::Damage;
use klaviyo_core::auth::{Authorizer, Credentials};
use klaviyo_core::client::Client;
use klaviyo_core::clock::Clock;
use klaviyo_core::limit::LimitOptions;
use klaviyo_core::retry::RetryOptions;
use klaviyo_core::transport::{HttpOptions, HttpTransport, Origin, Transport};
use klaviyo_core::{Error, Secret};
use klaviyo_sandbox::{Builder, Fault, FaultKind, Sandbox};
use virtual_time::{CountedTransport, VirtualClock};
pub use weather::faults;
use weather::{GIVEN_UP, LATE, Sure, Weather, WeatherMaker};

/// Storms with seeds in a row that together bring every kind of misfortune, whatever is drawn.
pub const STORMS: u64 = 5;

/// A sandbox and a client for it, both on virtual time.
#[derive(Debug)]
pub struct World {
    /// The Klaviyo of this world.
    pub sandbox: Arc<Sandbox>,
    /// A client with the sandbox's key.
    pub client: Client,
    weather: WeatherMaker,
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
        let sandbox = Arc::new(sandbox);
        let key = key.unwrap_or(sandbox.key());
        let way = transport(sandbox.url()).expect("the sandbox's address is loopback");
        let way = CountedTransport::new(way, time.clone());
        let (way, weather) = Weather::new(way, time.clone(), Arc::clone(&sandbox));
        let client = over(Arc::new(way), Arc::new(time), key).expect("a header can carry the key");
        World {
            sandbox,
            client,
            weather,
        }
    }

    /// From now on much goes wrong, as drawn from the seed: every kind of fault at the sandbox, and
    /// what the weather brings on the way. Each seed has its share of misfortunes that come for sure.
    ///
    /// # Panics
    /// When a fault could never strike.
    pub fn storm(&self, seed: u64) {
        let turn = seed % STORMS;
        self.weather.storm(
            seed,
            Sure {
                late_answer: turn == 0,
                cancelled_job: turn == 1,
                impatient_gateway: turn == 2,
            },
        );
        for (number, kind) in (0..).zip(faults()) {
            if number % STORMS == turn {
                let sure = Fault::new(kind).times(1);
                self.sandbox.inject(sure).expect("a fault that can strike");
            }
        }
        let challenge = FaultKind::GatewayError {
            status: 403,
            empty: false,
        };
        let rare = Fault::new(challenge).chance(0.004);
        let faults = faults().into_iter();
        let faults = faults.map(|kind| Fault::new(kind).chance(0.035));
        for fault in faults.chain([rare]) {
            self.sandbox.inject(fault).expect("a fault that can strike");
        }
    }

    /// What the storm did until now.
    #[must_use]
    pub fn damage(&self) -> Damage {
        let mut damage = self.weather.damage();
        for kind in faults() {
            if self.sandbox.struck(&kind) > 0 {
                damage.see(format!("{kind:?}"));
            }
        }
        damage
    }

    /// What [`STORMS`] storms of runs bring, by its names in [`Damage::seen`].
    #[must_use]
    pub fn misfortunes() -> Vec<String> {
        let faults = faults().into_iter().map(|kind| format!("{kind:?}"));
        faults.chain([LATE, GIVEN_UP].map(str::to_owned)).collect()
    }

    /// From now on every answer takes so long.
    pub fn haze(&self, latency: Duration) {
        self.weather.haze(latency);
    }

    /// Nothing goes wrong any more, and what the sandbox has begun comes to its end.
    pub fn calm(&self) {
        self.weather.calm();
        self.sandbox.clear_faults();
        self.sandbox.clock().advance(Duration::from_secs(3600));
    }
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
