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
    /// The ends of the sleeps that are not over yet, in order.
    pending: Vec<Duration>,
}

impl FakeClock {
    /// A clock at its origin, which is 2026-11-01 00:00 UTC.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        FakeClock(Arc::new(Mutex::new(State {
            elapsed: Duration::ZERO,
            random: StdRng::seed_from_u64(seed),
            slept: Vec::new(),
            pending: Vec::new(),
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
            let sleep = Sleep::begin(&clock, length);
            loop {
                tokio::task::yield_now().await;
                if sleep.is_next() {
                    return;
                }
            }
        })
    }

    fn random(&self) -> f64 {
        self.with(|state| state.random.random())
    }
}

/// A sleep that is not over yet.
struct Sleep<'a> {
    clock: &'a FakeClock,
    end: Duration,
}

impl<'a> Sleep<'a> {
    fn begin(clock: &'a FakeClock, length: Duration) -> Self {
        let end = clock.with(|state| {
            state.slept.push(length);
            let end = state.elapsed + length;
            let place = state.pending.partition_point(|&earlier| earlier <= end);
            state.pending.insert(place, end);
            end
        });
        Sleep { clock, end }
    }

    /// Whether no other sleep ends earlier; then the time moves to this one's end.
    fn is_next(&self) -> bool {
        self.clock.with(|state| {
            let next = state.pending.first() == Some(&self.end);
            if next {
                state.elapsed = state.elapsed.max(self.end);
            }
            next
        })
    }
}

impl Drop for Sleep<'_> {
    fn drop(&mut self) {
        self.clock.with(|state| {
            if let Ok(place) = state.pending.binary_search(&self.end) {
                state.pending.remove(place);
            }
        });
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

    #[tokio::test]
    async fn sleeps_end_in_their_order() {
        let clock = FakeClock::new(1);
        let order = Mutex::new(Vec::new());
        let nap = |seconds| {
            let sleep = clock.sleep(Duration::from_secs(seconds));
            let order = &order;
            let clock = &clock;
            async move {
                sleep.await;
                order.lock().unwrap().push((seconds, clock.now()));
            }
        };
        futures::join!(nap(30), nap(10), nap(20));
        let at = |seconds| (seconds, Moment::at(Duration::from_secs(seconds)));
        assert_eq!(*order.lock().unwrap(), [at(10), at(20), at(30)]);
    }

    #[test]
    fn the_same_seed_draws_the_same_numbers() {
        let draw = |seed| FakeClock::new(seed).random();
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }
}
