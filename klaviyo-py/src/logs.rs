//! What the engine has to say, in Python's `logging` under `klaviyo_py`.
//!
//! [`Relay`] takes the engine's events (tracing), on whichever thread they come, and never waits: it
//! writes a line and hands it to [`scribe`], a thread that takes the GIL for it. Handlers are the user's,
//! and may do anything; the engine emits in the midst of its work.
//!
//! This is in place of pyo3-log, which takes the GIL where an event comes, on the runtime's threads too,
//! and asks `logging` once for each place. Here the level is asked for at each call of a client, so what
//! `logging` was told last counts; while it wants nothing, an event costs one load of an atomic.
mod line;
mod scribe;

use std::sync::atomic::{AtomicU8, Ordering};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};

use line::Line;
pub(crate) use scribe::flush;

/// The crate whose events are told; what others have to say is no matter of our users.
const SOURCE: &str = "klaviyo_core";

/// How much `logging` wants to hear: an index of [`LEVELS`]. Nothing until it was asked.
static WANTED: AtomicU8 = AtomicU8::new(0);

const LEVELS: [LevelFilter; 5] = [
    LevelFilter::OFF,
    LevelFilter::ERROR,
    LevelFilter::WARN,
    LevelFilter::INFO,
    LevelFilter::DEBUG,
];

fn wanted() -> LevelFilter {
    LEVELS[usize::from(WANTED.load(Ordering::Relaxed))]
}

/// Asks `logging` how much it wants to hear.
pub(crate) fn heed(py: Python<'_>) -> PyResult<()> {
    static LOGGER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let logger = LOGGER.get_or_try_init(py, || {
        // Fails only when it is done already: nobody else has a say in what is linked into this module.
        let _ = tracing::subscriber::set_global_default(Relay);
        let logging = py.import("logging")?;
        let logger = logging.call_method1("getLogger", ("klaviyo_py",))?;
        // Without it, warnings would go to stderr where nobody set `logging` up.
        let silent = logging.call_method0("NullHandler")?;
        logger.call_method1("addHandler", (silent,))?;
        PyResult::Ok(logger.unbind())
    })?;
    let logger = logger.bind(py);
    let level: i64 = logger
        .call_method0(intern!(py, "getEffectiveLevel"))?
        .extract()?;
    let manager = logger.getattr(intern!(py, "manager"))?;
    // Of `logging.disable(...)`: that level, and all below.
    let disabled: i64 = manager.getattr(intern!(py, "disable"))?.extract()?;
    let wanted = match level.max(disabled + 1) {
        ..=10 => 4,
        11..=20 => 3,
        21..=30 => 2,
        31..=40 => 1,
        _ => 0,
    };
    if WANTED.swap(wanted, Ordering::Relaxed) != wanted {
        tracing::callsite::rebuild_interest_cache();
    }
    Ok(())
}

/// Takes the engine's events.
struct Relay;

impl Subscriber for Relay {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.enabled(metadata) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event()
            && metadata.target().starts_with(SOURCE)
            && *metadata.level() <= wanted()
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(wanted())
    }

    fn event(&self, event: &Event<'_>) {
        scribe::write(Line::of(event));
    }

    // No span is enabled: events say themselves what they are about.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// The number that `logging` has for a level.
fn number(level: Level) -> u8 {
    match level {
        Level::ERROR => 40,
        Level::WARN => 30,
        Level::INFO => 20,
        _ => 10,
    }
}
