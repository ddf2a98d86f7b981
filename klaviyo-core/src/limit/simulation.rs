//! The quota against a model of Klaviyo, on made-up time: fixed windows of any alignment, and
//! answers that take their time.
//!
//! What is promised of the limiter is stated in [`tests`], for every set of limits of the table.
mod server;
mod tests;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use klaviyo_gen::Limits;
use rand::Rng;
use rand::rngs::StdRng;
use server::Server;

use super::quota::{Decision, Quota};
use super::signals::Signals;
use crate::clock::Moment;

/// How long the way to Klaviyo and back takes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Latency {
    /// Always the same, of which this part passes before the request is counted.
    Constant { latency: Duration, way_there: f64 },
    /// Anything up to the longest, and counted at any moment of it.
    Uniform { longest: Duration },
}

/// What came of sending some requests as early as the quota allowed.
#[derive(Debug)]
pub(super) struct Course {
    /// From the first sending to the last answer.
    pub(super) makespan: Duration,
    /// Attempts that the server refused (429).
    pub(super) refused: usize,
    /// When each attempt was counted by the server, in order.
    pub(super) arrivals: Vec<Moment>,
}

/// What happens next; the numbers of the request keep the order of events at one moment.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrival {
        sent: Moment,
        back: Duration,
    },
    Answer {
        sent: Moment,
        retry_after: Option<Duration>,
    },
}

/// Sends `requests` as early as the quota allows, refused ones again, until each is answered well.
pub(super) fn simulate(
    limits: &Limits,
    requests: usize,
    latency: Latency,
    random: &mut StdRng,
) -> Course {
    let mut quota = Quota::new(limits, 1.0);
    let mut server = Server::new(limits, random);
    let mut events = BinaryHeap::new();
    let (mut now, mut unsent, mut unanswered) = (Moment::ORIGIN, requests, requests);
    let mut course = Course {
        makespan: Duration::ZERO,
        refused: 0,
        arrivals: Vec::new(),
    };
    while unanswered > 0 {
        let wake = (unsent > 0).then(|| match quota.reserve(now) {
            Decision::Granted => {
                let (there, back) = latency.draw(random);
                events.push(Reverse((now + there, Event::Arrival { sent: now, back })));
                unsent -= 1;
                Some(now)
            }
            Decision::NotBefore(moment)
            | Decision::ClosedUntil(moment)
            | Decision::DailyUsedUp(moment) => Some(moment),
            Decision::AfterAnAnswer => None,
        });
        let wake = wake.flatten();
        let due = events.peek().map(|Reverse((moment, _))| *moment);
        let Some(next) = wake.into_iter().chain(due).min() else {
            unreachable!("a request is neither under way nor ever allowed");
        };
        now = next;
        if due != Some(now) {
            continue;
        }
        match events.pop().map(|Reverse((_, event))| event) {
            Some(Event::Arrival { sent, back }) => {
                let retry_after = server.receive(now);
                course.arrivals.push(now);
                events.push(Reverse((now + back, Event::Answer { sent, retry_after })));
            }
            Some(Event::Answer { sent, retry_after }) => {
                quota.answered(sent, now, &signals(retry_after));
                if retry_after.is_some() {
                    course.refused += 1;
                    unsent += 1;
                } else {
                    unanswered -= 1;
                    course.makespan = now.since(Moment::ORIGIN);
                }
            }
            None => {}
        }
    }
    course
}

fn signals(retry_after: Option<Duration>) -> Signals {
    Signals {
        answered: true,
        retry_after,
        ..Signals::default()
    }
}

impl Latency {
    /// The way there and the way back.
    fn draw(self, random: &mut StdRng) -> (Duration, Duration) {
        let (latency, way_there) = match self {
            Latency::Constant { latency, way_there } => (latency, way_there),
            Latency::Uniform { longest } => (longest.mul_f64(random.random()), random.random()),
        };
        let there = latency.mul_f64(way_there);
        (there, latency - there)
    }
}
