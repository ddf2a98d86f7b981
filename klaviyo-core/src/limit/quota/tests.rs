//! What a quota decides; whole runs against a model of Klaviyo are in `simulation`.

use super::*;

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
fn a_refused_burst_widens_the_guard_by_the_spread_of_the_latencies() {
    let mut quota = Quota::new(&LIMITS, 1.0);
    quota.answered(at(0), at(100), &ANSWERED);
    quota.answered(at(0), at(900), &ANSWERED);
    let refused = Signals {
        retry_after: Some(BURST),
        ..ANSWERED
    };
    quota.answered(at(1000), at(1500), &refused);
    assert_eq!(quota.guard, Duration::from_millis(600));
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
fn absurd_figures_of_a_header_do_no_harm() {
    let mut quota = Quota::new(&LIMITS, 0.5);
    assert_eq!(quota.reserve(at(0)), Decision::Granted);
    let signals = Signals {
        limit: Some(10),
        remaining: Some(usize::MAX),
        ..ANSWERED
    };
    quota.answered(at(0), at(5), &signals);
    assert_eq!(quota.reserve(at(6)), Decision::Granted);
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

#[test]
fn what_a_late_answer_says_of_its_burst_holds_up_nobody() {
    let used_up = Signals {
        limit: Some(10),
        remaining: Some(0),
        ..ANSWERED
    };
    let free_at = |answered| {
        let mut quota = Quota::new(&LIMITS, 1.0);
        assert_eq!(quota.reserve(at(0)), Decision::Granted);
        quota.answered(at(0), at(answered), &used_up);
        quota.reserve(at(answered))
    };
    assert_eq!(free_at(2000), Decision::Granted);
    assert_eq!(free_at(900), Decision::NotBefore(at(1050)));
}
