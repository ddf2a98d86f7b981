//! Bad weather between a client and its sandbox, drawn from a seed and all of it on virtual time: slow
//! ways, answers that come too late, gateways that give up on what is done all the same, jobs that are
//! cancelled, a machine that sleeps for days.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use klaviyo_core::clock::Clock;
use klaviyo_core::transport::{Breakage, Request, Response, Transport, TransportError};
use klaviyo_sandbox::{FaultKind, Sandbox};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::damage::{Damage, named};
use crate::virtual_time::{CountedTransport, VirtualClock};

/// An answer that takes longer is lost to the client, as with its own timeout.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longer than Klaviyo remembers a job.
const LONG_SLEEP: Duration = Duration::from_secs(8 * 86_400);

/// What goes wrong at the sandbox and needs no patience of the wall clock.
#[must_use]
pub fn faults() -> Vec<FaultKind> {
    let throttle = |seconds, as_date| FaultKind::Throttle { seconds, as_date };
    let gateway = |status, empty| FaultKind::GatewayError { status, empty };
    vec![
        throttle(Some(3), false),
        throttle(Some(3), true),
        throttle(None, false),
        FaultKind::ServerError { status: 500 },
        FaultKind::ServerError { status: 503 },
        gateway(502, true),
        gateway(504, true),
        gateway(524, false),
        FaultKind::ResetBeforeReading,
        FaultKind::ResetWhileReading,
        FaultKind::ResetAfterReading,
        FaultKind::AppliedButLost,
        FaultKind::TruncatedAnswer,
    ]
}

/// A way to the sandbox through the weather.
#[derive(Debug)]
pub(crate) struct Weather {
    way: CountedTransport,
    clock: VirtualClock,
    sandbox: Arc<Sandbox>,
    sky: Arc<Mutex<Sky>>,
}

/// Makes the weather of a [`Weather`], and knows what it did.
#[derive(Debug, Clone)]
pub(crate) struct WeatherMaker(Arc<Mutex<Sky>>);

/// What requests meet.
#[derive(Debug, Default)]
enum Sky {
    #[default]
    Calm,
    /// Every answer takes so long, half of it on each way.
    Hazy(Duration),
    /// What is drawn.
    Stormy(Box<Storm>),
}

/// A storm, and what it did.
#[derive(Debug)]
struct Storm {
    random: StdRng,
    /// Misfortunes that come at the first occasion.
    sure: Sure,
    damage: Damage,
}

/// Misfortunes that a storm brings in any case, beside those that are drawn.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sure {
    /// An answer comes too late.
    pub(crate) late_answer: bool,
    /// A job is cancelled.
    pub(crate) cancelled_job: bool,
    /// A gateway gives up on a request that takes effect.
    pub(crate) impatient_gateway: bool,
}

/// What [`Damage::seen`] calls an answer that came too late.
pub(crate) const LATE: &str = "an answer is too late";
/// What it calls a 504 to a request that took effect.
pub(crate) const GIVEN_UP: &str = "a gateway gives up on what was done";

/// What one request meets.
struct Hardship {
    way_there: Duration,
    way_back: Duration,
    cancels_its_job: bool,
    sleeps_long: bool,
}

impl WeatherMaker {
    pub(crate) fn storm(&self, seed: u64, sure: Sure) {
        self.set(Sky::Stormy(Box::new(Storm {
            random: StdRng::seed_from_u64(seed),
            sure,
            damage: Damage::default(),
        })));
    }

    /// What the storm that rages did until now.
    pub(crate) fn damage(&self) -> Damage {
        let mut sky = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let storm = sky.storm().map(|storm| storm.damage.clone());
        storm.unwrap_or_default()
    }

    pub(crate) fn haze(&self, latency: Duration) {
        self.set(Sky::Hazy(latency));
    }

    pub(crate) fn calm(&self) {
        self.set(Sky::Calm);
    }

    fn set(&self, sky: Sky) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = sky;
    }
}

impl Sky {
    /// What the next request meets.
    fn hardship(&mut self) -> Option<Hardship> {
        match self {
            Sky::Calm => None,
            Sky::Hazy(latency) => Some(Hardship {
                way_there: *latency / 2,
                way_back: *latency / 2,
                cancels_its_job: false,
                sleeps_long: false,
            }),
            Sky::Stormy(storm) => {
                let mut hardship = Hardship::draw(&mut storm.random);
                hardship.cancels_its_job |= storm.sure.cancelled_job;
                Some(hardship)
            }
        }
    }

    fn storm(&mut self) -> Option<&mut Storm> {
        match self {
            Sky::Stormy(storm) => Some(storm),
            Sky::Calm | Sky::Hazy(_) => None,
        }
    }
}

impl Hardship {
    fn draw(random: &mut StdRng) -> Self {
        let mut up_to = |most: u64| Duration::from_millis(random.random_range(0..most));
        let (way_there, usual, late) = (up_to(2_000), up_to(2_000), up_to(90_000));
        Hardship {
            way_there,
            way_back: if random.random_bool(0.05) {
                late
            } else {
                usual
            },
            cancels_its_job: random.random_bool(0.1),
            sleeps_long: random.random_bool(0.005),
        }
    }
}

impl Weather {
    pub(crate) fn new(
        way: CountedTransport,
        clock: VirtualClock,
        sandbox: Arc<Sandbox>,
    ) -> (Self, WeatherMaker) {
        let sky = Arc::<Mutex<Sky>>::default();
        let weather = Weather {
            way,
            clock,
            sandbox,
            sky: Arc::clone(&sky),
        };
        (weather, WeatherMaker(sky))
    }

    async fn suffer(
        &self,
        request: Request,
        mut hardship: Hardship,
    ) -> Result<Response, TransportError> {
        let is_bulk = request.operation.is_bulk();
        self.clock.sleep(hardship.way_there).await;
        let answer = self.way.send(request).await?;
        self.rage(|storm| {
            if std::mem::take(&mut storm.sure.late_answer) {
                hardship.way_back = PATIENCE + Duration::from_secs(1);
            }
        });
        if hardship.cancels_its_job
            && let Some(job) = named(&answer)
            && self.sandbox.cancel_job(&job)
        {
            self.rage(|storm| {
                storm.sure.cancelled_job = false;
                storm.damage.cancelled(job);
            });
        }
        if hardship.sleeps_long {
            self.sandbox.clock().advance(LONG_SLEEP);
            self.rage(|storm| storm.damage.forgotten());
        }
        let mut given_up = false;
        if is_bulk && answer.status < 300 {
            self.rage(|storm| {
                given_up = std::mem::take(&mut storm.sure.impatient_gateway);
                if given_up {
                    storm.damage.see(GIVEN_UP);
                }
            });
        }
        let answer = if given_up { gateway_timeout() } else { answer };
        self.clock.sleep(hardship.way_back.min(PATIENCE)).await;
        if hardship.way_back > PATIENCE {
            self.rage(|storm| storm.damage.see(LATE));
            return Err(TransportError {
                breakage: Breakage::Timeout,
                message: "lost in the weather".to_owned(),
            });
        }
        Ok(answer)
    }

    /// Does something with the storm, if there is one.
    fn rage(&self, act: impl FnOnce(&mut Storm)) {
        let mut sky = self.sky.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(storm) = sky.storm() {
            act(storm);
        }
    }
}

/// What a gateway says that waited for an answer no longer.
fn gateway_timeout() -> Response {
    Response {
        status: 504,
        headers: http::HeaderMap::new(),
        body: "<html>Gateway Time-out</html>".into(),
    }
}

impl Transport for Weather {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let mut sky = self.sky.lock().unwrap_or_else(PoisonError::into_inner);
        match sky.hardship() {
            None => self.way.send(request),
            Some(hardship) => Box::pin(async move {
                let end = self.suffer(request.clone(), hardship).await;
                self.rage(|storm| storm.damage.note(&request, end.as_ref()));
                end
            }),
        }
    }
}
