//! Calls somebody every now and then while a run goes on.

use std::fmt;
use std::time::Duration;

use super::{Gauge, Progress};
use crate::clock::Moment;

/// The least between two calls: faster than an eye wants it, and no cost beside a request.
const PAUSE: Duration = Duration::from_millis(100);

/// Who is to be called.
pub(crate) struct Hook<'a>(Box<dyn FnMut(&Progress) + Send + 'a>);

impl<'a> Hook<'a> {
    pub(crate) fn new(call: impl FnMut(&Progress) + Send + 'a) -> Self {
        Hook(Box::new(call))
    }
}

impl fmt::Debug for Hook<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Hook")
    }
}

/// Looks at a run every now and then on behalf of a hook; without one, never.
pub(crate) struct Looks<'a> {
    gauge: Gauge,
    hook: Option<Hook<'a>>,
    due: Moment,
}

impl<'a> Looks<'a> {
    pub(crate) fn new(gauge: Gauge, hook: Option<Hook<'a>>) -> Self {
        let due = gauge.now() + PAUSE;
        Looks { gauge, hook, due }
    }

    /// Looks if it is time to.
    pub(crate) fn if_due(&mut self) {
        if self.hook.is_some() && self.gauge.now() >= self.due {
            self.look();
        }
    }

    /// Looks whenever it is time to, until `work` is done.
    pub(crate) async fn during<F: Future>(&mut self, work: F) -> F::Output {
        if self.hook.is_none() {
            return work.await;
        }
        let mut work = std::pin::pin!(work);
        loop {
            let wait = self.due.since(self.gauge.now());
            let clock = self.gauge.clock();
            tokio::select! {
                biased;
                output = work.as_mut() => return output,
                () = clock.sleep(wait) => self.look(),
            }
        }
    }

    /// Looks for the last time.
    pub(crate) fn at_the_end(mut self) {
        self.look();
    }

    fn look(&mut self) {
        let progress = self.gauge.read();
        if let Some(Hook(call)) = &mut self.hook {
            call(&progress);
        }
        self.due = self.gauge.now() + PAUSE;
    }
}
