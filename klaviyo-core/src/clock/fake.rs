//! A clock for tests: its sleeps move the time instead of waiting for it.

use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, TimeZone, Utc};
use futures::future::BoxFuture;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::{Clock, Moment};
use std::sync::Arc;

/// A clock for tests: a sleep moves the time to its end at once, and randomness has a seed.
///
/// Clones share the same time.
#[derive(Debug, Clone)]
pub struct FakeClock(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    elapsed: Duration,
    random: StdRng,
    slept: Vec<Duration>,
}

impl FakeClock {
    /// A clock at its origin, which is 2026-11-01 00:00 UTC.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        FakeClock(Arc::new(Mutex::new(State {
            elapsed: Duration::ZERO,
            random: StdRng::seed_from_u64(seed),
            slept: Vec::new(),
        })))
    }

    /// Moves the time forward.
    pub fn advance(&self, length: Duration) {
        self.with(|state| state.elapsed += length);
    }

    /// Every sleep that was asked for, in order.
    #[must_use]
    pub fn slept(&self) -> Vec<Duration> {
        self.with(|state| state.slept.clone())
    }

    fn with<T>(&self, read: impl FnOnce(&mut State) -> T) -> T {
        read(
            &mut self
                .0
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        )
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Moment {
        Moment::at(self.with(|state| state.elapsed))
    }

    fn utc(&self) -> DateTime<Utc> {
        let origin = Utc.timestamp_opt(1_793_491_200, 0).single();
        origin.unwrap_or_default() + self.with(|state| state.elapsed)
    }

    fn sleep(&self, length: Duration) -> BoxFuture<'static, ()> {
        let clock = self.clone();
        Box::pin(async move {
            // The end is fixed when the sleep begins, so that sleeps side by side overlap.
            let end = clock.with(|state| {
                state.slept.push(length);
                state.elapsed + length
            });
            tokio::task::yield_now().await;
            clock.with(|state| state.elapsed = state.elapsed.max(end));
        })
    }

    fn random(&self) -> f64 {
        self.with(|state| state.random.random())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sleep_moves_the_time_instead_of_waiting() {
        let clock = FakeClock::new(1);
        assert_eq!(clock.utc().to_rfc3339(), "2026-11-01T00:00:00+00:00");
        clock.sleep(Duration::from_secs(3600)).await;
        assert_eq!(clock.now(), Moment::at(Duration::from_secs(3600)));
        assert_eq!(clock.utc().to_rfc3339(), "2026-11-01T01:00:00+00:00");
        assert_eq!(clock.slept(), [Duration::from_secs(3600)]);
    }

    #[test]
    fn the_same_seed_draws_the_same_numbers() {
        let draw = |seed| FakeClock::new(seed).random();
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }
}
