//! The only place that asks the system for the time or for randomness.
//!
//! Everything else takes the moment as an argument, so windows, jobs and expiry dates are tested
//! with made-up times, and a whole sandbox can run on a clock that its test moves by hand.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// The time that a sandbox goes by. Clones share one time.
#[derive(Debug, Clone)]
pub struct Clock {
    origin: DateTime<Utc>,
    /// When the clock was started; `None` for one that only moves when told to.
    running_since: Option<Instant>,
    skipped: Arc<Mutex<Duration>>,
}

impl Clock {
    /// The system's time, and monotonic: a correction of the system's clock does not reach it.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "this is the clock module")]
    pub fn system() -> Self {
        Self {
            origin: SystemTime::now().into(),
            running_since: Some(Instant::now()),
            skipped: Arc::default(),
        }
    }

    /// A clock that shows `moment` and stands still until [`Clock::advance`] moves it.
    #[must_use]
    pub fn stopped_at(moment: DateTime<Utc>) -> Self {
        Self {
            origin: moment,
            running_since: None,
            skipped: Arc::default(),
        }
    }

    /// The moment that the clock shows.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let elapsed = self
            .running_since
            .map_or(Duration::ZERO, |start| start.elapsed());
        let skipped = *self.skipped.lock().unwrap_or_else(PoisonError::into_inner);
        after(self.origin, elapsed.saturating_add(skipped))
    }

    /// Moves the clock on by `by`, whether it runs or stands still.
    pub fn advance(&self, by: Duration) {
        let mut skipped = self.skipped.lock().unwrap_or_else(PoisonError::into_inner);
        *skipped = skipped.saturating_add(by);
    }
}

/// Waits in real time, whatever clock the sandbox goes by.
#[allow(clippy::disallowed_methods, reason = "this is the clock module")]
pub(crate) async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// The moment that comes so long after another. One that lies too far ahead is the end of the year
/// 9999, the last that RFC 3339 can say: what takes longer never ends.
pub(crate) fn after(moment: DateTime<Utc>, duration: Duration) -> DateTime<Utc> {
    let sum = moment.checked_add_signed(delta(duration));
    sum.map_or(LAST, |sum| sum.min(LAST))
}

/// The end of the year 9999.
#[allow(clippy::unwrap_used, reason = "the compiler sees that it is a date")]
const LAST: DateTime<Utc> = NaiveDate::from_ymd_opt(9999, 12, 31)
    .unwrap()
    .and_hms_opt(23, 59, 59)
    .unwrap()
    .and_utc();

/// A duration as chrono counts it; one that is too long (292 million years) is cut.
fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

/// A number that nobody can foresee, for a sandbox that was given no seed.
pub(crate) fn random_seed() -> u64 {
    rand::random()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_clock_moves_only_when_told() {
        let clock = Clock::stopped_at(DateTime::UNIX_EPOCH);
        let same = clock.clone();
        assert_eq!(clock.now(), DateTime::UNIX_EPOCH);
        clock.advance(Duration::from_millis(1500));
        assert_eq!(same.now().timestamp_millis(), 1500);
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(same.now(), LAST);
    }

    #[test]
    fn what_never_ends_ends_in_the_last_year() {
        let start = DateTime::UNIX_EPOCH;
        assert_eq!(after(start, Duration::from_secs(1)).timestamp(), 1);
        for duration in [Duration::from_secs(10_000_000_000_000), Duration::MAX] {
            assert_eq!(after(start, duration), LAST);
            assert_eq!(after(LAST, duration), LAST);
        }
    }
}
