//! The clock of the machine.
#![expect(
    clippy::disallowed_methods,
    reason = "this module is where the system is asked for the time"
)]

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use rand::rngs::OsRng;
use rand::{Rng, TryRngCore};

use super::{Clock, Moment};

/// The clock of the machine; its sleeps need a tokio runtime with time enabled.
#[derive(Debug)]
pub struct SystemClock {
    origin: Instant,
}

impl SystemClock {
    /// A clock whose scale begins now.
    #[must_use]
    pub fn new() -> Self {
        SystemClock {
            origin: Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        Moment::at(self.origin.elapsed())
    }

    fn utc(&self) -> DateTime<Utc> {
        std::time::SystemTime::now().into()
    }

    fn sleep(&self, length: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(length))
    }

    fn random(&self) -> f64 {
        // From the system each time: a forked process goes on with a copy of any generator in memory,
        // and would draw the same run ids as its parent.
        OsRng.unwrap_err().random()
    }
}
