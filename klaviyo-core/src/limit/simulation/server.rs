//! Klaviyo's side: fixed windows, each aligned as chance has it.

use std::time::Duration;

use klaviyo_gen::Limits;
use rand::Rng;
use rand::rngs::StdRng;

use crate::clock::Moment;

/// Counts requests in fixed windows. One that it refuses is counted too: nobody states that it is
/// not, so this is the careful reading.
#[derive(Debug)]
pub(super) struct Server(Vec<Window>);

#[derive(Debug)]
struct Window {
    length: Duration,
    most: u32,
    /// How long before the origin the first window began.
    offset: Duration,
    /// The number of the window that was counted last.
    number: u128,
    count: u32,
}

impl Server {
    pub(super) fn new(limits: &Limits, random: &mut StdRng) -> Self {
        let lengths = [
            (1, limits.burst),
            (60, limits.steady),
            (86_400, limits.daily),
        ];
        let windows = lengths.into_iter().filter_map(|(seconds, most)| {
            let length = Duration::from_secs(seconds);
            Some(Window {
                length,
                most: most?,
                offset: length.mul_f64(random.random()),
                number: 0,
                count: 0,
            })
        });
        Server(windows.collect())
    }

    /// Takes a request, or says after how many whole seconds to come again.
    pub(super) fn receive(&mut self, now: Moment) -> Option<Duration> {
        self.0
            .iter_mut()
            .filter_map(|window| window.receive(now.since(Moment::ORIGIN)))
            .max()
    }
}

impl Window {
    fn receive(&mut self, now: Duration) -> Option<Duration> {
        let age = now + self.offset;
        let number = age.as_nanos() / self.length.as_nanos();
        if number != self.number {
            (self.number, self.count) = (number, 0);
        }
        self.count += 1;
        (self.count > self.most).then(|| {
            let over = Duration::from_nanos_u128(age.as_nanos() % self.length.as_nanos());
            Duration::from_secs((self.length - over).as_secs_f64().ceil() as u64)
        })
    }
}
