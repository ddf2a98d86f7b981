//! The one place where Python waits for Rust: the GIL is released, signals are noticed.

use std::pin::pin;
use std::process;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use tokio::runtime::{Builder, Runtime};
use tokio::time::{MissedTickBehavior, interval};

/// How long Ctrl-C may go unnoticed.
const SIGNAL_CHECK: Duration = Duration::from_millis(100);

/// Sending is mostly waiting, and TLS for 50 MB a second, the most that Klaviyo's limits let
/// through, takes a fraction of a core; the second worker keeps a slow answer from holding up timers.
const WORKERS: usize = 2;

/// The process's runtime with the process's id. Leaked on purpose: it lives as long as the process,
/// and a forked child must not take its parent's down.
static RUNTIME: Mutex<Option<(u32, &'static Runtime)>> = Mutex::new(None);

/// The runtime of this process; a forked child gets one of its own.
pub(crate) fn runtime() -> std::io::Result<&'static Runtime> {
    let mut slot = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    match *slot {
        Some((owner, runtime)) if owner == process::id() => Ok(runtime),
        _ => {
            let runtime = Builder::new_multi_thread()
                .worker_threads(WORKERS)
                .thread_name("klaviyo-py")
                .enable_all()
                .build()?;
            let runtime: &'static Runtime = Box::leak(Box::new(runtime));
            *slot = Some((process::id(), runtime));
            Ok(runtime)
        }
    }
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
    py.detach(|| {
        runtime.block_on(async {
            let mut future = pin!(future);
            let mut check = interval(SIGNAL_CHECK);
            check.set_missed_tick_behavior(MissedTickBehavior::Delay);
            // The first tick comes at once, and whoever calls has just held the GIL.
            check.tick().await;
            loop {
                tokio::select! {
                    biased;
                    output = &mut future => return Ok(output),
                    _ = check.tick() => Python::attach(|py| py.check_signals())?,
                }
            }
        })
    })
}

/// Waits for a future that is about to end, whatever signals come.
pub(crate) fn block_uninterrupted<F>(py: Python<'_>, future: F) -> PyResult<F::Output>
where
    F: Future + Send,
    F::Output: Send,
{
    let runtime = runtime()?;
    Ok(py.detach(|| runtime.block_on(future)))
}
