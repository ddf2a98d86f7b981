//! One operation's quota: which requests are allowed at which moment. Pure: no clock, no waiting.
//!
//! A request reaches Klaviyo somewhere between its sending and its answer. Stamped at the answer, no
//! latency can break a limit, but every latency is paid for; that suits the steady and the daily
//! limit, where it costs one latency a window. The burst limit, whose window is a second, counts
//! from the sending and adds a guard that grows when a burst is refused, with the spread of the
//! latencies seen, and decays after. `simulation` shows what that comes to.

use std::time::Duration;

use klaviyo_gen::Limits;

use super::signals::Signals;
use super::sliding::SlidingLog;
use crate::clock::Moment;

const BURST: Duration = Duration::from_secs(1);
const STEADY: Duration = Duration::from_secs(60);
/// Nobody has to wait longer for a limit.
pub(crate) const DAILY: Duration = Duration::from_secs(86_400);

/// Covers the jitter of an ordinary connection without costing more than 5 % of the burst pace.
const LEAST_GUARD: Duration = Duration::from_millis(50);
/// Beyond it, a slower pace would cost more than an occasional refusal.
const LARGEST_GUARD: Duration = Duration::from_secs(3);
/// The part of the latencies' spread that the guard jumps to when a burst is refused. In the
/// simulation, answers after 0 to 3 s are refused half as often as with doubling alone.
const JUMP: f64 = 0.75;
/// How much of the guard above its least survives each answer that was not refused.
const GUARD_DECAY: f64 = 0.98;

/// The answer to "may a request be sent now?".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Yes; it is counted already.
    Granted,
    /// Not before this moment; ask again then.
    NotBefore(Moment),
    /// Not before this moment, because Klaviyo said so.
    ClosedUntil(Moment),
    /// Only once a request in flight is answered.
    AfterAnAnswer,
    /// The daily limit is used up until this moment.
    DailyUsedUp(Moment),
}

/// The shortest and the longest latency seen.
#[derive(Debug, Default)]
struct Spread {
    shortest: Option<Duration>,
    longest: Duration,
}

impl Spread {
    fn note(&mut self, latency: Duration) {
        let shortest = self.shortest.map_or(latency, |least| least.min(latency));
        self.shortest = Some(shortest);
        self.longest = self.longest.max(latency);
    }

    fn spread(&self) -> Duration {
        let shortest = self.shortest.unwrap_or(self.longest);
        self.longest.saturating_sub(shortest)
    }
}

/// One operation's quota.
#[derive(Debug)]
pub struct Quota {
    burst: Option<SlidingLog>,
    /// Steady, then daily: the windows that count a request from its answer.
    answered: Vec<SlidingLog>,
    in_flight: usize,
    guard: Duration,
    latencies: Spread,
    closed_until: Moment,
    /// When a burst was last refused.
    refused_at: Option<Moment>,
}

impl Quota {
    /// A quota of which `share` (more than 0, at most 1) of each limit may be used; at least one
    /// request of each window always may.
    #[must_use]
    pub fn new(limits: &Limits, share: f64) -> Self {
        let log = |length, most: Option<u32>| {
            most.map(|most| SlidingLog::new(length, most as usize, share))
        };
        Quota {
            burst: log(BURST, limits.burst),
            answered: [log(STEADY, limits.steady), log(DAILY, limits.daily)]
                .into_iter()
                .flatten()
                .collect(),
            in_flight: 0,
            guard: LEAST_GUARD,
            latencies: Spread::default(),
            closed_until: Moment::ORIGIN,
            refused_at: None,
        }
    }

    /// Asks for one request at `now`, and counts it when it is granted.
    pub fn reserve(&mut self, now: Moment) -> Decision {
        self.reserve_within(1.0, now)
    }

    /// The same for a sender that stays within `share` of each limit: it waits while the requests of
    /// all senders together, not only its own, take that much.
    pub fn reserve_within(&mut self, share: f64, now: Moment) -> Decision {
        if now < self.closed_until {
            return Decision::ClosedUntil(self.closed_until);
        }
        if let Some(refusal) = self.refusal(share, now) {
            return refusal;
        }
        if let Some(burst) = &mut self.burst {
            burst.record(now);
        }
        self.in_flight += 1;
        Decision::Granted
    }

    fn refusal(&mut self, share: f64, now: Moment) -> Option<Decision> {
        let in_flight = self.in_flight;
        for log in &mut self.answered {
            let most = log.most_within(share);
            if log.count(now, Duration::ZERO) + in_flight < most {
                continue;
            }
            return Some(
                match log.falls_below(most.saturating_sub(in_flight), Duration::ZERO) {
                    Some(moment) if log.length == DAILY => Decision::DailyUsedUp(moment),
                    Some(moment) => Decision::NotBefore(moment),
                    None => Decision::AfterAnAnswer,
                },
            );
        }
        let guard = self.guard;
        let burst = self.burst.as_mut()?;
        let most = burst.most_within(share);
        if burst.count(now, guard) < most {
            return None;
        }
        burst.falls_below(most, guard).map(Decision::NotBefore)
    }

    /// A request sent at `sent` was answered at `now`.
    pub fn answered(&mut self, sent: Moment, now: Moment, signals: &Signals) {
        self.in_flight = self.in_flight.saturating_sub(1);
        for log in &mut self.answered {
            log.record(now);
        }
        // What was never answered says how long we waited, not how long the way is.
        if signals.answered {
            self.latencies.note(now.since(sent));
        }
        match signals.retry_after {
            Some(wait) => self.refused(sent, now, wait),
            None => self.heed_remaining(sent, now, signals),
        }
    }

    fn refused(&mut self, sent: Moment, now: Moment, wait: Duration) {
        self.closed_until = self.closed_until.max(now + wait);
        // Whole seconds: a wait of one means that the burst window was full. The others of the same
        // burst, sent before it was known, say nothing new.
        let known = self.refused_at.is_some_and(|refused| sent <= refused);
        if wait <= BURST && !known {
            self.refused_at = Some(now);
            let most = self.latencies.longest.clamp(LEAST_GUARD, LARGEST_GUARD);
            let jump = self.latencies.spread().mul_f64(JUMP);
            let wished = (self.guard * 2).max(jump);
            self.guard = wished.min(most.max(self.guard));
        }
    }

    /// Klaviyo counted more than we did, so somebody else uses the account: the difference is taken
    /// off the window that the header speaks of. Used to slow down, never to speed up. The window of a
    /// burst is over when its answer comes late, so what is said of it then holds up nobody.
    fn heed_remaining(&mut self, sent: Moment, now: Moment, signals: &Signals) {
        let extra = self.guard.saturating_sub(LEAST_GUARD);
        self.guard = LEAST_GUARD + extra.mul_f64(GUARD_DECAY);
        let (Some(limit), Some(remaining)) = (signals.limit, signals.remaining) else {
            return;
        };
        let in_flight = self.in_flight;
        let guard = self.guard;
        let burst = self.burst.as_mut().filter(|_| now.since(sent) <= BURST);
        let burst = burst.map(|log| (log, guard, 0));
        let answered = self.answered.iter_mut();
        let mut logs = burst
            .into_iter()
            .chain(answered.map(|log| (log, Duration::ZERO, in_flight)));
        let Some((log, guard, unlogged)) = logs.find(|(log, _, _)| log.stated == limit) else {
            return;
        };
        let ours = log.count(now, guard) + unlogged;
        // What a share leaves to others is theirs to use.
        let left_to_others = log.stated - log.most;
        let used = limit.saturating_sub(remaining.saturating_add(left_to_others));
        for _ in ours..used {
            log.record(now);
        }
    }

    /// Requests that were granted and are not answered yet.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }
}

#[cfg(test)]
mod tests;
