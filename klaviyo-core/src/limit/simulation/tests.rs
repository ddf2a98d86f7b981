use std::collections::BTreeSet;
use std::time::Duration;

use klaviyo_gen::{Limits, OPERATIONS};
use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::{Course, Latency, simulate};
use crate::clock::Moment;
use crate::limit::least_time;

const SECOND: Duration = Duration::from_secs(1);
const MOST_REQUESTS: usize = 2000;

/// Every set of limits that the table knows.
fn all_limits() -> Vec<Limits> {
    let sets: BTreeSet<_> = OPERATIONS
        .iter()
        .map(|operation| {
            let Limits {
                burst,
                steady,
                daily,
            } = operation.limits;
            (burst, steady, daily)
        })
        .collect();
    let limits = |(burst, steady, daily)| Limits {
        burst,
        steady,
        daily,
    };
    sets.into_iter().map(limits).collect()
}

/// The sets without a daily limit: that one refuses and does not pace.
fn paced_limits() -> impl Iterator<Item = Limits> {
    all_limits()
        .into_iter()
        .filter(|limits| limits.daily.is_none())
}

/// As many requests as a day takes, and no more than are worth the time.
fn most_requests(limits: &Limits) -> usize {
    let daily = limits.daily.map_or(MOST_REQUESTS, |daily| daily as usize);
    daily.min(MOST_REQUESTS)
}

fn minutes_begun(limits: &Limits, requests: usize) -> u32 {
    let steady = limits.steady.map_or(requests, |steady| steady as usize);
    u32::try_from(requests.div_ceil(steady)).expect("few minutes")
}

/// Whether any `length`, beginning anywhere, holds more than `most` arrivals.
fn is_exceeded(arrivals: &[Moment], length: Duration, most: Option<u32>) -> bool {
    let Some(most) = most else { return false };
    let mut spans = arrivals.windows(most as usize + 1);
    spans.any(|span| span[span.len() - 1].since(span[0]) < length)
}

fn latencies() -> impl Strategy<Value = Latency> {
    let constant = (0_u64..=3000, 0.0..=1.0).prop_map(|(latency, way_there)| Latency::Constant {
        latency: Duration::from_millis(latency),
        way_there,
    });
    let uniform = (0_u64..=3000).prop_map(|longest| Latency::Uniform {
        longest: Duration::from_millis(longest),
    });
    prop_oneof![constant, uniform]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn steady_and_daily_hold_in_every_window_whatever_the_latency(
        limits in proptest::sample::select(all_limits()),
        part in 0.0..=1.0,
        latency in latencies(),
        seed in any::<u64>(),
    ) {
        let requests = number(part, most_requests(&limits));
        let random = &mut StdRng::seed_from_u64(seed);
        let course = simulate(&limits, requests, latency, random);
        prop_assert!(!is_exceeded(&course.arrivals, 60 * SECOND, limits.steady));
        prop_assert!(!is_exceeded(&course.arrivals, 86_400 * SECOND, limits.daily));
    }

    #[test]
    fn with_a_constant_latency_nothing_is_refused_and_the_pace_is_near_the_best(
        limits in proptest::sample::select(all_limits()),
        part in 0.0..=1.0,
        latency in 0_u64..=3000,
        way_there in 0.0..=1.0,
        seed in any::<u64>(),
    ) {
        let requests = number(part, most_requests(&limits));
        let latency = Duration::from_millis(latency);
        let random = &mut StdRng::seed_from_u64(seed);
        let course = simulate(&limits, requests, Latency::Constant { latency, way_there }, random);
        prop_assert_eq!(course.refused, 0);
        let least = least_time(&limits, requests as u64);
        let most = least.mul_f64(1.05) + latency * minutes_begun(&limits, requests);
        prop_assert!(course.makespan <= most, "{:?} against {least:?}", course.makespan);
    }
}

/// The part of `most` as a number of at least one.
fn number(part: f64, most: usize) -> usize {
    let scaled = (part * most as f64).ceil() as usize;
    scaled.max(1)
}

/// Sums of many courses under one set of limits.
#[derive(Default)]
struct Sums {
    refused: usize,
    attempts: usize,
    makespan: Duration,
    /// What the limits alone would take.
    least: Duration,
    minutes: u32,
}

impl Sums {
    fn of(limits: &Limits, fewest: usize, latency: Latency, courses: u64) -> Self {
        let mut sums = Sums::default();
        for seed in 0..courses {
            let random = &mut StdRng::seed_from_u64(seed);
            let requests = random.random_range(fewest..=most_requests(limits).max(fewest));
            let course: Course = simulate(limits, requests, latency, random);
            sums.refused += course.refused;
            sums.attempts += course.arrivals.len();
            sums.makespan += course.makespan;
            sums.least += least_time(limits, requests as u64);
            sums.minutes += minutes_begun(limits, requests);
        }
        sums
    }

    /// The part of the attempts that was refused.
    fn refused(&self) -> f64 {
        self.refused as f64 / self.attempts as f64
    }
}

#[test]
fn with_the_jitter_of_an_ordinary_connection_hardly_anything_is_refused() {
    let latency = Latency::Uniform {
        longest: SECOND / 10,
    };
    for limits in all_limits() {
        let sums = Sums::of(&limits, 1, latency, 16);
        assert!(sums.refused() <= 0.005, "{limits:?}: {}", sums.refused());
        let most = sums.least.mul_f64(1.08) + SECOND * sums.minutes;
        assert!(sums.makespan <= most, "{limits:?}: {:?}", sums.makespan);
    }
}

#[test]
fn with_answers_after_anything_up_to_three_seconds_few_are_refused() {
    let latency = Latency::Uniform {
        longest: 3 * SECOND,
    };
    for limits in paced_limits() {
        let steady = limits.steady.expect("all operations have one");
        let sums = Sums::of(&limits, 2 * steady as usize, latency, 16);
        println!(
            "{:?}/s {:?}/min: {:.2} % refused, {:.3} times the least time",
            limits.burst,
            limits.steady,
            100.0 * sums.refused(),
            sums.makespan.as_secs_f64() / sums.least.as_secs_f64(),
        );
        assert!(sums.refused() <= 0.05, "{limits:?}: {}", sums.refused());
    }
}
