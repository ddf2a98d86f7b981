//! When to look at a run, and who is told.

use std::fmt;
use std::time::Duration;

use super::{Gauge, Progress};
use crate::clock::Moment;

/// The least between two looks: faster than an eye wants it, and no cost beside a request.
const PAUSE: Duration = Duration::from_millis(100);

/// Looks at a run, ten times a second at most, by the run's clock.
#[derive(Debug)]
pub struct Looks {
    gauge: Gauge,
    due: Moment,
}

impl Looks {
    /// Looks at the run of that gauge; the first is due in a moment.
    #[must_use]
    pub fn new(gauge: Gauge) -> Self {
        let due = gauge.now() + PAUSE;
        Looks { gauge, due }
    }

    /// Whether it is time for a look.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.gauge.now() >= self.due
    }

    /// Looks now.
    pub fn look(&mut self) -> Progress {
        self.due = self.gauge.now() + PAUSE;
        self.gauge.read()
    }

    /// Looks when it is time to. Cancel-safe.
    pub async fn next(&mut self) -> Progress {
        let wait = self.due.since(self.gauge.now());
        self.gauge.clock().sleep(wait).await;
        self.look()
    }
}

/// Who is told how far a run has come.
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

/// Tells a hook every now and then; without one, nobody.
pub(crate) struct Telling<'a>(Option<(Looks, Hook<'a>)>);

impl<'a> Telling<'a> {
    pub(crate) fn new(gauge: Gauge, hook: Option<Hook<'a>>) -> Self {
        Telling(hook.map(|hook| (Looks::new(gauge), hook)))
    }

    /// Tells, if it is time to.
    pub(crate) fn if_due(&mut self) {
        if let Telling(Some((looks, Hook(call)))) = self
            && looks.is_due()
        {
            call(&looks.look());
        }
    }

    /// Tells whenever it is time to, until `work` is done.
    pub(crate) async fn during<F: Future>(&mut self, work: F) -> F::Output {
        let Telling(Some((looks, Hook(call)))) = self else {
            return work.await;
        };
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                biased;
                output = work.as_mut() => return output,
                progress = looks.next() => call(&progress),
            }
        }
    }

    /// Tells for the last time.
    pub(crate) fn at_the_end(self) {
        if let Telling(Some((mut looks, Hook(mut call)))) = self {
            call(&looks.look());
        }
    }
}
