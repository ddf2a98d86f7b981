//! How long the rest of a run will take. Pure: what was counted and the time are arguments.

use std::time::Duration;

use klaviyo_gen::Limits;

use crate::limit::{DAILY, least_time};

/// What is left of a run, and how it went until now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rest {
    /// Rows that are yet to be sent.
    pub(super) rows: u64,
    pub(super) sent_rows: u64,
    pub(super) sent_batches: u64,
    /// Rows that a batch holds, as long as none was sent.
    pub(super) rows_in_a_batch: u64,
    /// Batches and jobs whose end is waited for.
    pub(super) open: u64,
    /// Since the start of the run.
    pub(super) elapsed: Duration,
    /// Since the last batch was sent.
    pub(super) since_last_sent: Duration,
    /// How long a job takes, where jobs are waited for and some have ended.
    pub(super) job: Option<Duration>,
    /// Whether a daily limit that is used up is waited for; else it ends the run.
    pub(super) waits_for_daily: bool,
}

impl Rest {
    /// How long it will take; `None` when what is waited for takes longer than it usually does, or when
    /// a daily limit will end the run before.
    pub(super) fn eta(&self, limits: &Limits) -> Option<Duration> {
        if self.rows > 0 {
            let requests = self.sent_batches.saturating_add(self.batches());
            let is_too_much = limits.daily.is_some_and(|daily| requests > daily.into());
            if is_too_much && !self.waits_for_daily {
                return None;
            }
            return Some(self.sending(limits) + self.job.unwrap_or_default());
        }
        if self.open == 0 {
            return Some(Duration::ZERO);
        }
        self.job?.checked_sub(self.since_last_sent)
    }

    /// How long the sending takes: as long as the limits want it, and for each batch what was lost
    /// beyond that for each one before it (a slow source, slow answers, repeats).
    fn sending(&self, limits: &Limits) -> Duration {
        let (sent, left) = (self.sent_batches, self.batches());
        let in_all = least_days(limits, sent.saturating_add(left));
        // Until then, the limits themselves may have held up the next one.
        let next = least_days(limits, sent + 1);
        let lost = self.elapsed.saturating_sub(next);
        let share = if sent == 0 { 0.0 } else { ratio(left, sent) };
        let by_limits = in_all.saturating_sub(self.elapsed.min(next));
        by_limits + Duration::try_from_secs_f64(lost.as_secs_f64() * share).unwrap_or(Duration::MAX)
    }

    /// How many batches the rows make, if they are as large as those before them.
    fn batches(&self) -> u64 {
        let (rows, batches) = if self.sent_rows == 0 {
            (self.rows_in_a_batch.max(1), 1)
        } else {
            (self.sent_rows, self.sent_batches.max(1))
        };
        let left = (u128::from(self.rows) * u128::from(batches)).div_ceil(u128::from(rows));
        u64::try_from(left).unwrap_or(u64::MAX)
    }
}

/// As [`least_time`], with a day for each time that requests use up a daily limit.
fn least_days(limits: &Limits, requests: u64) -> Duration {
    let daily = limits.daily.map_or(u64::MAX, |daily| daily.max(1).into());
    let days = requests.saturating_sub(1) / daily;
    let that_day = least_time(limits, requests - days * daily);
    let days = u32::try_from(days).unwrap_or(u32::MAX);
    DAILY.saturating_mul(days).saturating_add(that_day)
}

#[expect(clippy::cast_precision_loss, reason = "an estimate is not exact")]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

#[cfg(test)]
mod tests {
    use klaviyo_gen::operations::BULK_IMPORT_PROFILES;

    use super::*;

    /// 10 requests a second, 150 a minute.
    const LIMITS: Limits = BULK_IMPORT_PROFILES.limits;

    fn seconds(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    /// Batches of 1,000 rows, so many sent after so long, and so many left.
    fn rest(sent: u64, elapsed: f64, left: u64) -> Rest {
        Rest {
            rows: left * 1000,
            sent_rows: sent * 1000,
            sent_batches: sent,
            rows_in_a_batch: 1000,
            open: 0,
            elapsed: seconds(elapsed),
            since_last_sent: Duration::ZERO,
            job: None,
            waits_for_daily: false,
        }
    }

    fn eta(rest: Rest) -> f64 {
        rest.eta(&LIMITS).unwrap().as_secs_f64()
    }

    #[test]
    fn before_anything_is_sent_full_batches_at_the_pace_of_the_limits_are_expected() {
        assert_eq!(eta(rest(0, 0.0, 451)), 180.0);
        let smaller = Rest {
            rows_in_a_batch: 100,
            ..rest(0, 0.0, 15)
        };
        assert_eq!(eta(smaller), 14.0);
    }

    #[test]
    fn a_run_at_the_limits_sees_its_end_however_uneven_they_are() {
        // 300 batches: 150 within 15 s, then nothing for 45 s, then the others; 74 s in all.
        for (sent, elapsed) in [(10, 0.9), (75, 7.4), (150, 15.0), (150, 59.0), (160, 61.0)] {
            let eta = eta(rest(sent, elapsed, 300 - sent));
            let off = (elapsed + eta - 74.0).abs();
            // The least time comes in whole seconds.
            assert!(off <= 2.0, "after {elapsed} s: {eta} s more");
        }
    }

    #[test]
    fn a_run_slower_than_the_limits_goes_on_at_its_pace() {
        // One batch every ten seconds.
        for (sent, left) in [(1_u32, 9_u32), (60, 60), (400, 100)] {
            let eta = eta(rest(sent.into(), f64::from(sent) * 10.0, left.into()));
            let expected = f64::from(left) * 10.0;
            let off = (eta - expected).abs() / expected;
            assert!(off <= 0.05, "{sent} sent, {left} left: {eta} s");
        }
    }

    #[test]
    fn batches_are_expected_to_be_as_large_as_those_before() {
        let small = Rest {
            sent_rows: 1500,
            ..rest(10, 1.0, 9)
        };
        // 9,000 rows at 150 a batch.
        assert_eq!(small.batches(), 60);
    }

    #[test]
    fn jobs_end_as_long_after_the_last_batch_as_they_usually_take() {
        let job = Some(seconds(20.0));
        let sending = rest(10, 1.0, 10);
        let with_jobs = Rest { job, ..sending };
        assert_eq!(eta(with_jobs), eta(sending) + 20.0);
        let all_sent = |since| Rest {
            job,
            open: 3,
            since_last_sent: seconds(since),
            ..rest(20, 30.0, 0)
        };
        assert_eq!(eta(all_sent(5.0)), 15.0);
        assert_eq!(all_sent(25.0).eta(&LIMITS), None, "later than usual");
    }

    #[test]
    fn a_daily_limit_takes_days_or_ends_the_run() {
        let limits = Limits {
            daily: Some(100),
            ..LIMITS
        };
        let patient = |sent, elapsed, left| Rest {
            waits_for_daily: true,
            ..rest(sent, elapsed, left)
        };
        let eta = |rest: Rest| rest.eta(&limits).map(|eta| eta.as_secs_f64());
        assert_eq!(eta(rest(0, 0.0, 100)), Some(9.0));
        assert_eq!(eta(rest(0, 0.0, 101)), None);
        assert_eq!(eta(patient(0, 0.0, 101)), Some(86_400.0));
        assert_eq!(eta(patient(0, 0.0, 250)), Some(2.0 * 86_400.0 + 4.0));
        // The first day's are sent; the night is no loss of time that goes on.
        assert_eq!(eta(patient(100, 10.0, 50)), Some(86_400.0 + 4.0 - 10.0));
    }

    #[test]
    fn answers_that_are_still_waited_for_have_no_time() {
        let waits = Rest {
            open: 1,
            ..rest(20, 30.0, 0)
        };
        assert_eq!(waits.eta(&LIMITS), None);
        assert_eq!(eta(rest(20, 30.0, 0)), 0.0);
    }
}
