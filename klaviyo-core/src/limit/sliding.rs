//! A sliding log: how many of the recorded moments lie in the window that ends now.

use std::collections::VecDeque;
use std::time::Duration;

use crate::clock::Moment;

/// At most `most` moments within any window of `length`.
#[derive(Debug)]
pub(super) struct SlidingLog {
    pub(super) length: Duration,
    /// What Klaviyo states for the window, whatever part of it is ours.
    pub(super) stated: usize,
    /// The part of it that we may use.
    pub(super) most: usize,
    moments: VecDeque<Moment>,
}

impl SlidingLog {
    /// A log for a window in which Klaviyo states `stated`, of which we may use `share`.
    pub(super) fn new(length: Duration, stated: usize, share: f64) -> Self {
        SlidingLog {
            length,
            stated,
            most: part(stated, share),
            moments: VecDeque::new(),
        }
    }

    /// The part for somebody who may use no more than `share` of what is stated, nor more than we may.
    pub(super) fn most_within(&self, share: f64) -> usize {
        part(self.stated, share).min(self.most)
    }

    /// Records a moment; they come in any order and are kept sorted.
    pub(super) fn record(&mut self, moment: Moment) {
        let place = self.moments.partition_point(|&earlier| earlier <= moment);
        self.moments.insert(place, moment);
    }

    /// How many moments count at `now`, when a window is `guard` longer than it should be.
    pub(super) fn count(&mut self, now: Moment, guard: Duration) -> usize {
        let reach = self.length + guard;
        while self
            .moments
            .front()
            .is_some_and(|&oldest| now.since(oldest) >= reach)
        {
            self.moments.pop_front();
        }
        self.moments.len()
    }

    /// When the count falls below `below`; `None` when the log alone can never bring that about.
    pub(super) fn falls_below(&self, below: usize, guard: Duration) -> Option<Moment> {
        let excess = (self.moments.len() + 1).checked_sub(below)?;
        let last_to_go = *self.moments.get(excess.checked_sub(1)?)?;
        Some(last_to_go + self.length + guard)
    }
}

/// A part of `most`, and at least one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a part of a limit, which is a u32, is one, too"
)]
pub(super) fn part(most: usize, share: f64) -> usize {
    ((most as f64 * share).floor() as usize).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Moment {
        Moment::at(Duration::from_millis(milliseconds))
    }

    #[test]
    fn a_moment_leaves_the_window_exactly_one_length_later() {
        let mut log = SlidingLog::new(Duration::from_secs(1), 2, 1.0);
        log.record(at(0));
        log.record(at(400));
        assert_eq!(log.falls_below(2, Duration::ZERO), Some(at(1000)));
        assert_eq!(log.falls_below(1, Duration::ZERO), Some(at(1400)));
        assert_eq!(log.count(at(999), Duration::ZERO), 2);
        assert_eq!(log.count(at(1000), Duration::ZERO), 1);
    }

    #[test]
    fn a_guard_lengthens_the_window() {
        let mut log = SlidingLog::new(Duration::from_secs(1), 1, 1.0);
        log.record(at(0));
        assert_eq!(log.count(at(1020), Duration::from_millis(50)), 1);
        assert_eq!(
            log.falls_below(1, Duration::from_millis(50)),
            Some(at(1050))
        );
    }

    #[test]
    fn moments_may_come_out_of_order() {
        let mut log = SlidingLog::new(Duration::from_secs(1), 2, 1.0);
        log.record(at(500));
        log.record(at(100));
        assert_eq!(log.count(at(1100), Duration::ZERO), 1);
    }
}
