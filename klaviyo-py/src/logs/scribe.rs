//! The thread that gives lines to `logging`, in their order.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::time::Duration;
use std::{io, process, thread};

use pyo3::prelude::*;

use super::line::Line;
use crate::process::OnePerProcess;

/// Lines that may wait for handlers that are slow; beyond them, lines are dropped and counted. Some
/// hundred bytes each.
const MOST_WAITING: usize = 10_000;
/// How long a call that has ended waits for its lines to be written. A handler may itself wait for the
/// one who calls.
const PATIENCE: Duration = Duration::from_millis(250);

enum Letter {
    Line(Line),
    /// Somebody wants to know when the lines before it are written.
    Flush(SyncSender<()>),
}

/// The way to the thread.
struct Desk {
    letters: Sender<Letter>,
    thread: thread::ThreadId,
}

static WAITING: AtomicUsize = AtomicUsize::new(0);
static DROPPED: AtomicU64 = AtomicU64::new(0);
/// Lines that nobody waited for yet.
static UNFLUSHED: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// This thread's own end: nothing that a fork could leave locked is taken for each line.
    static ENDS: RefCell<Option<(u32, Sender<Letter>)>> = const { RefCell::new(None) };
}

/// Has a line written; never waits.
pub(super) fn write(line: Line) {
    if WAITING.fetch_add(1, Ordering::Relaxed) >= MOST_WAITING {
        WAITING.fetch_sub(1, Ordering::Relaxed);
        DROPPED.fetch_add(1, Ordering::Relaxed);
        return;
    }
    UNFLUSHED.fetch_add(1, Ordering::Relaxed);
    // Without a thread there is no log, and nobody to tell.
    let _ = send(Letter::Line(line));
}

/// Waits until the lines that were written until now have been told, but not for long.
pub(crate) fn flush(py: Python<'_>) {
    let is_idle = UNFLUSHED.swap(0, Ordering::Relaxed) == 0;
    // A handler that calls a client is told on the thread itself.
    if is_idle || desk().is_ok_and(|desk| desk.thread == thread::current().id()) {
        return;
    }
    py.detach(|| {
        let (done, told) = sync_channel(1);
        if send(Letter::Flush(done)).is_ok() {
            let _ = told.recv_timeout(PATIENCE);
        }
    });
}

fn send(letter: Letter) -> io::Result<()> {
    ENDS.with_borrow_mut(|end| {
        let here = process::id();
        let (owner, sender) = match end.take() {
            Some(own) if own.0 == here => own,
            _ => (here, desk()?.letters.clone()),
        };
        let (_, sender) = end.insert((owner, sender));
        sender
            .send(letter)
            .map_err(|_| io::ErrorKind::BrokenPipe.into())
    })
}

fn desk() -> io::Result<&'static Desk> {
    static DESK: OnePerProcess<Desk> = OnePerProcess::new();
    DESK.get(|| {
        // A forked child's lines are its own.
        WAITING.store(0, Ordering::Relaxed);
        let (letters, inbox) = channel();
        let thread = thread::Builder::new().name("klaviyo-py-log".to_owned());
        let thread = thread.spawn(move || work_off(&inbox))?;
        Ok(Desk {
            letters,
            thread: thread.thread().id(),
        })
    })
}

fn work_off(inbox: &Receiver<Letter>) {
    while let Ok(first) = inbox.recv() {
        // Without the GIL for good once Python ends.
        let told = Python::try_attach(|py| {
            for letter in std::iter::once(first).chain(inbox.try_iter()) {
                tell(py, letter);
            }
            tell_dropped(py);
        });
        if told.is_none() {
            return;
        }
    }
}

fn tell(py: Python<'_>, letter: Letter) {
    match letter {
        Letter::Line(line) => {
            // What handlers raise, `logging` reports; this is what filters and loggers do.
            if let Err(error) = line.tell(py) {
                error.write_unraisable(py, None);
            }
            let left = |waiting: usize| waiting.checked_sub(1);
            let _ = WAITING.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left);
        }
        // Who asked may have gone.
        Letter::Flush(done) => drop(done.send(())),
    }
}

fn tell_dropped(py: Python<'_>) {
    let dropped = DROPPED.swap(0, Ordering::Relaxed);
    if dropped == 0 {
        return;
    }
    let told = py.import("logging").and_then(|logging| {
        let logger = logging.call_method1("getLogger", ("klaviyo_py",))?;
        let text = "%d lines were dropped: handlers are slower than the engine";
        logger.call_method1("warning", (text, dropped))
    });
    if let Err(error) = told {
        error.write_unraisable(py, None);
    }
}
