//! Waiting that blocks the thread: the GIL is released, signals are noticed.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use pyo3::prelude::*;

use super::Job;
use super::waiter::{Line, Waiter};
use crate::runtime::runtime;

/// How long Ctrl-C may go unnoticed.
const SIGNAL_CHECK: Duration = Duration::from_millis(50);

/// Polls on this thread until the end.
pub(super) fn wait(py: Python<'_>, mut job: Job) -> PyResult<Bound<'_, PyAny>> {
    let runtime = runtime()?;
    let ended = py.detach(|| {
        let _context = runtime.enter();
        poll_to_the_end(job.future.as_mut(), &job.line)
    });
    job.end(py, ended)
}

/// Waits for a future with the GIL released.
///
/// # Errors
/// What a signal handler raised meanwhile (`KeyboardInterrupt`, as a rule). The future is dropped
/// then; hand over a reference to go on with it.
pub(crate) fn block<F>(py: Python<'_>, future: F) -> PyResult<F::Output>
where
    F: Future + Send,
    F::Output: Send,
{
    let runtime = runtime()?;
    let line = Arc::new(Line::default());
    let mut waiter = Waiter::new(Arc::clone(&line));
    py.detach(|| {
        let _context = runtime.enter();
        poll_to_the_end(pin!(waiter.unless_raised(future)), &line)
    })
}

/// An executor of our own because this one may be nested: rows that are pulled here may come from
/// another call that waits.
fn poll_to_the_end<F: Future + ?Sized>(mut future: Pin<&mut F>, line: &Line) -> F::Output {
    let sleeper = Arc::new(Sleeper::of_this_thread());
    let waker = Waker::from(Arc::clone(&sleeper));
    let mut context = Context::from_waker(&waker);
    let mut heeds_signals = true;
    loop {
        if let Poll::Ready(ended) = future.as_mut().poll(&mut context) {
            return ended;
        }
        sleeper.sleep();
        // The first one ends the work, which is then about to end, whatever signals come.
        if heeds_signals && let Err(error) = Python::attach(|py| py.check_signals()) {
            line.raise(error);
            heeds_signals = false;
        }
    }
}

/// A thread that sleeps until it is woken.
struct Sleeper {
    thread: Thread,
    /// A wake that came for this one must not be lost to another one on the same thread.
    is_woken: AtomicBool,
}

impl Sleeper {
    fn of_this_thread() -> Self {
        Sleeper {
            thread: thread::current(),
            is_woken: AtomicBool::new(false),
        }
    }

    /// Until it is woken, or signals are to be looked for.
    fn sleep(&self) {
        if !self.is_woken.swap(false, Ordering::Acquire) {
            thread::park_timeout(SIGNAL_CHECK);
            self.is_woken.store(false, Ordering::Release);
        }
    }
}

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}
