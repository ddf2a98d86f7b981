//! The quota against a model of Klaviyo's fixed windows, on made-up time.

use super::*;
use crate::limit::least_time;
use proptest::prelude::*;

const ANSWERED: Signals = Signals {
    answered: true,
    retry_after: None,
    limit: None,
    remaining: None,
};

const LIMITS: Limits = Limits {
    burst: Some(10),
    steady: Some(150),
    daily: None,
};

fn at(milliseconds: u64) -> Moment {
    Moment::at(Duration::from_millis(milliseconds))
}

/// Sends `requests` as early as the quota allows, each answered `latency` after its sending, and
/// gives the moments of sending.
fn send_all(limits: &Limits, requests: usize, latency: Duration) -> Vec<Moment> {
    let mut quota = Quota::new(limits, 1.0);
    let mut now = Moment::ORIGIN;
    let mut sent: Vec<Moment> = Vec::new();
    let mut answered = 0;
    while sent.len() < requests {
        while answered < sent.len() && sent[answered] + latency <= now {
            let from = sent[answered];
            quota.answered(from, from + latency, &ANSWERED);
            answered += 1;
        }
        let next_answer = sent.get(answered).map(|&from| from + latency);
        now = match quota.reserve(now) {
            Decision::Granted => {
                sent.push(now);
                now
            }
            Decision::NotBefore(moment) | Decision::ClosedUntil(moment) => {
                next_answer.map_or(moment, |answer| answer.min(moment))
            }
            Decision::AfterAnAnswer => next_answer.expect("something is in flight"),
            Decision::DailyUsedUp(_) => unreachable!("no daily limit here"),
        };
    }
    sent
}

/// The most arrivals that any fixed window of `length`, aligned anywhere, holds.
fn fullest_window(arrivals: &[Moment], length: Duration) -> usize {
    (0..arrivals.len())
        .map(|first| {
            arrivals[first..]
                .iter()
                .take_while(|arrival| arrival.since(arrivals[first]) < length)
                .count()
        })
        .max()
        .unwrap_or(0)
}

proptest! {
    #[test]
    fn no_window_of_any_alignment_is_exceeded(
        burst in 1_u32..40,
        steady in 1_u32..200,
        requests in 1_usize..600,
        latency in 0_u64..3000,
    ) {
        let limits = Limits { burst: Some(burst), steady: Some(steady), daily: None };
        let latency = Duration::from_millis(latency);
        // With a constant latency the arrivals are the sendings, shifted.
        let sent = send_all(&limits, requests, latency);
        prop_assert!(fullest_window(&sent, BURST) <= burst as usize);
        prop_assert!(fullest_window(&sent, STEADY) <= steady as usize);
    }

    #[test]
    fn the_makespan_is_near_the_least_possible(requests in 1_usize..1000, latency in 0_u64..3000) {
        let latency = Duration::from_millis(latency);
        let sent = send_all(&LIMITS, requests, latency);
        let makespan = sent.last().expect("one at least").since(Moment::ORIGIN);
        let least = least_time(&LIMITS, requests as u64);
        let minutes = u32::try_from(requests.div_ceil(150)).expect("small");
        prop_assert!(
            makespan <= least.mul_f64(1.05) + latency * minutes + Duration::from_millis(1),
            "{makespan:?} against {least:?}",
        );
    }
}

#[test]
fn a_refusal_says_when_it_will_succeed() {
    let mut quota = Quota::new(&LIMITS, 1.0);
    for _ in 0..10 {
        assert_eq!(quota.reserve(at(0)), Decision::Granted);
    }
    assert_eq!(quota.reserve(at(100)), Decision::NotBefore(at(1050)));
    assert_eq!(quota.reserve(at(1050)), Decision::Granted);
}

#[test]
fn steady_counts_from_the_answer() {
    let limits = Limits {
        burst: None,
        steady: Some(1),
        daily: None,
    };
    let mut quota = Quota::new(&limits, 1.0);
    assert_eq!(quota.reserve(at(0)), Decision::Granted);
    assert_eq!(quota.reserve(at(100)), Decision::AfterAnAnswer);
    quota.answered(at(0), at(2000), &ANSWERED);
    assert_eq!(quota.reserve(at(2000)), Decision::NotBefore(at(62_000)));
}

#[test]
fn retry_after_closes_the_operation() {
    let mut quota = Quota::new(&LIMITS, 1.0);
    assert_eq!(quota.reserve(at(0)), Decision::Granted);
    let signals = Signals {
        retry_after: Some(Duration::from_secs(17)),
        ..ANSWERED
    };
    quota.answered(at(0), at(10), &signals);
    assert_eq!(quota.reserve(at(11)), Decision::ClosedUntil(at(17_010)));
}

#[test]
fn a_refused_burst_widens_the_guard_once_up_to_the_latency_and_it_decays() {
    let mut quota = Quota::new(&LIMITS, 1.0);
    let refused = Signals {
        retry_after: Some(BURST),
        ..ANSWERED
    };
    for _ in 0..10 {
        quota.answered(at(0), at(150), &refused);
    }
    assert_eq!(quota.guard, Duration::from_millis(100));
    quota.answered(at(1200), at(1350), &refused);
    assert_eq!(quota.guard, Duration::from_millis(150));
    quota.answered(at(2500), at(2650), &ANSWERED);
    assert!(quota.guard < Duration::from_millis(150));
}

#[test]
fn a_timeout_does_not_count_as_latency() {
    let mut quota = Quota::new(&LIMITS, 1.0);
    quota.answered(at(0), at(60_000), &Signals::default());
    let refused = Signals {
        retry_after: Some(BURST),
        ..ANSWERED
    };
    quota.answered(at(60_001), at(60_002), &refused);
    assert_eq!(quota.guard, LEAST_GUARD);
}

#[test]
fn somebody_elses_requests_are_taken_off_the_window() {
    let mut quota = Quota::new(&LIMITS, 1.0);
    assert_eq!(quota.reserve(at(0)), Decision::Granted);
    let signals = Signals {
        limit: Some(10),
        remaining: Some(2),
        ..ANSWERED
    };
    quota.answered(at(0), at(5), &signals);
    for _ in 0..2 {
        assert_eq!(quota.reserve(at(6)), Decision::Granted);
    }
    assert!(matches!(quota.reserve(at(6)), Decision::NotBefore(_)));
}

#[test]
fn a_share_leaves_room_but_never_none() {
    let mut quota = Quota::new(&LIMITS, 0.25);
    assert_eq!(quota.reserve(at(0)), Decision::Granted);
    assert_eq!(quota.reserve(at(0)), Decision::Granted);
    assert!(matches!(quota.reserve(at(0)), Decision::NotBefore(_)));
    let one = Limits {
        burst: Some(1),
        ..LIMITS
    };
    assert_eq!(Quota::new(&one, 0.01).reserve(at(0)), Decision::Granted);
}
