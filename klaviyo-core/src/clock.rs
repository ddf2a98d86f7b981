//! The one place that reads the time or draws a random number.
//!
//! Everything else takes a [`Clock`] (or a [`Moment`]) as an argument, so that tests run on a
//! [`FakeClock`] and never sleep.
mod fake;
mod system;

use std::fmt::Debug;
use std::ops::Add;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;

pub use fake::FakeClock;
pub use system::SystemClock;

/// A point in time on a clock's own monotonic scale.
///
/// Moments of different clocks must not be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(Duration);

impl Moment {
    /// The origin of the clock's scale.
    pub const ORIGIN: Moment = Moment(Duration::ZERO);

    /// The moment `elapsed` after the clock's origin.
    #[must_use]
    pub const fn at(elapsed: Duration) -> Self {
        Moment(elapsed)
    }

    /// How long after `earlier` this moment is; zero when it is not after it.
    #[must_use]
    pub fn since(self, earlier: Moment) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for Moment {
    type Output = Moment;

    fn add(self, length: Duration) -> Moment {
        Moment(self.0.saturating_add(length))
    }
}

/// Hands out the time and randomness.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The present moment on a scale that never goes back.
    fn now(&self) -> Moment;

    /// The present date and time, for comparison with dates in the data.
    fn utc(&self) -> DateTime<Utc>;

    /// Ends after `length`.
    fn sleep(&self, length: Duration) -> BoxFuture<'static, ()>;

    /// A random number, at least 0 and less than 1.
    fn random(&self) -> f64;
}
