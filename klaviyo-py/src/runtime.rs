//! The runtime on which requests go on by themselves.

use tokio::runtime::{Builder, Runtime};

use crate::process::OnePerProcess;

/// Sending is mostly waiting, and TLS for 50 MB a second, the most that Klaviyo's limits let
/// through, takes a fraction of a core; the second worker keeps a slow answer from holding up timers.
const WORKERS: usize = 2;

/// The runtime of this process; a forked child gets one of its own.
pub(crate) fn runtime() -> std::io::Result<&'static Runtime> {
    static RUNTIME: OnePerProcess<Runtime> = OnePerProcess::new();
    RUNTIME.get(|| {
        Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .thread_name("klaviyo-py")
            .enable_all()
            .build()
    })
}
