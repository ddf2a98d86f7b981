//! Virtual time for a client and a sandbox on one runtime.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeZone, Utc};
use futures::future::BoxFuture;
use klaviyo_core::clock::{Clock, Moment};
use klaviyo_core::transport::{HttpTransport, Request, Response, Transport, TransportError};

/// Turns that ready tasks get after whatever happened last before time may jump: a task that was given
/// permission must come to its sending first.
const TURNS: usize = 32;

/// A clock that the sandbox shares; it jumps when nothing is under way.
#[derive(Debug, Clone)]
pub(crate) struct VirtualClock {
    sandbox: klaviyo_sandbox::Clock,
    origin: DateTime<Utc>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    under_way: usize,
    /// How many sleep until each moment.
    sleepers: BTreeMap<Moment, usize>,
    /// Goes up with all that happens.
    happened: u64,
    drawn: u32,
}

impl Default for VirtualClock {
    fn default() -> Self {
        let origin = Utc.with_ymd_and_hms(2026, 11, 1, 0, 0, 0).unwrap();
        VirtualClock {
            sandbox: klaviyo_sandbox::Clock::stopped_at(origin),
            origin,
            state: Arc::default(),
        }
    }
}

impl VirtualClock {
    /// The same time, for the sandbox.
    pub(crate) fn of_the_sandbox(&self) -> klaviyo_sandbox::Clock {
        self.sandbox.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Jumps to `end` if nothing is under way, nothing happened since it was looked, and nobody sleeps
    /// less long.
    fn try_jump(&self, end: Moment, happened: u64) -> bool {
        let mut state = self.state();
        let is_quiet = state.under_way == 0 && state.happened == happened;
        if !is_quiet || state.sleepers.keys().next() != Some(&end) {
            return false;
        }
        self.sandbox.advance(end.since(self.now()));
        state.wake(end);
        true
    }
}

impl State {
    fn sleep(&mut self, end: Moment) {
        self.happened += 1;
        *self.sleepers.entry(end).or_default() += 1;
    }

    fn wake(&mut self, end: Moment) {
        self.happened += 1;
        if let Some(count) = self.sleepers.get_mut(&end) {
            *count -= 1;
            if *count == 0 {
                self.sleepers.remove(&end);
            }
        }
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Moment {
        let elapsed = self.sandbox.now() - self.origin;
        Moment::at(elapsed.to_std().unwrap_or_default())
    }

    fn utc(&self) -> DateTime<Utc> {
        self.sandbox.now()
    }

    fn sleep(&self, length: Duration) -> BoxFuture<'static, ()> {
        let clock = self.clone();
        Box::pin(async move {
            let end = clock.now() + length;
            clock.state().sleep(end);
            let mut sleeper = Sleeper {
                clock,
                end: Some(end),
            };
            loop {
                let happened = sleeper.clock.state().happened;
                for _ in 0..TURNS {
                    tokio::task::yield_now().await;
                }
                if sleeper.clock.try_jump(end, happened) {
                    sleeper.end = None;
                    return;
                }
                // Lets the runtime look at its sockets.
                tokio::task::yield_now().await;
            }
        })
    }

    fn random(&self) -> f64 {
        let mut state = self.state();
        state.drawn = (state.drawn + 1) % 10;
        f64::from(state.drawn) / 10.0
    }
}

/// Takes a sleeper that is dropped before its end out of the queue.
struct Sleeper {
    clock: VirtualClock,
    end: Option<Moment>,
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        if let Some(end) = self.end {
            self.clock.state().wake(end);
        }
    }
}

/// Counts the requests under way.
#[derive(Debug)]
pub(crate) struct CountedTransport {
    http: HttpTransport,
    clock: VirtualClock,
}

impl CountedTransport {
    pub(crate) fn new(http: HttpTransport, clock: VirtualClock) -> Self {
        CountedTransport { http, clock }
    }
}

impl Transport for CountedTransport {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let _under_way = UnderWay::new(&self.clock);
            self.http.send(request).await
        })
    }
}

/// Counts a request until it is answered or dropped.
struct UnderWay<'a>(&'a VirtualClock);

impl<'a> UnderWay<'a> {
    fn new(clock: &'a VirtualClock) -> Self {
        let mut state = clock.state();
        state.happened += 1;
        state.under_way += 1;
        drop(state);
        UnderWay(clock)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.happened += 1;
        state.under_way -= 1;
    }
}
