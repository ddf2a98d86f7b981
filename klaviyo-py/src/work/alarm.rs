//! Waking an event loop from Rust.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Wake;
use std::thread;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::{Bound, PyResult, intern};

use crate::process::OnePerProcess;

/// Wakes a task of an event loop.
pub(super) struct Alarm {
    event_loop: Py<PyAny>,
    ringer: &'static Sender<Ring>,
    state: Mutex<State>,
}

enum State {
    /// The task has its turn.
    Awake,
    /// It was woken in its turn, and is to have another.
    Rung,
    /// It sleeps until this `asyncio.Future` is done.
    Asleep(Py<PyAny>),
}

impl Alarm {
    /// # Errors
    /// RuntimeError when no event loop runs on this thread.
    pub(super) fn of_running_loop(py: Python<'_>) -> PyResult<Self> {
        static RUNNING: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let running = RUNNING.import(py, "asyncio", "get_running_loop")?;
        Ok(Alarm {
            event_loop: running.call0()?.unbind(),
            ringer: ringer()?,
            state: Mutex::new(State::Awake),
        })
    }

    /// The task has its turn.
    pub(super) fn begin_turn(&self) {
        *self.lock() = State::Awake;
    }

    /// What the task is to yield at the end of its turn.
    pub(super) fn end_turn<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let event_loop = self.event_loop.bind(py);
        let future = event_loop.call_method0(intern!(py, "create_future"))?;
        // Before the future can be done: it yields itself only until then.
        let yielded = future.try_iter()?.next().transpose()?;
        let mut state = self.lock();
        if matches!(*state, State::Rung) {
            // A bare yield asks for another turn, behind those of the others.
            return Ok(py.None().into_bound(py));
        }
        *state = State::Asleep(future.unbind());
        Ok(yielded.unwrap_or_else(|| py.None().into_bound(py)))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let before = std::mem::replace(&mut *self.lock(), State::Rung);
        if let State::Asleep(future) = before {
            let alarm = Arc::clone(self);
            // The ringer is gone only when Python is.
            let _ = self.ringer.send(Ring { alarm, future });
        }
    }
}

/// An alarm that is to be heard.
struct Ring {
    alarm: Arc<Alarm>,
    future: Py<PyAny>,
}

/// The way to the thread that calls into event loops. It has to wait for the GIL for that, which the
/// runtime's threads must not do.
fn ringer() -> io::Result<&'static Sender<Ring>> {
    static RINGER: OnePerProcess<Sender<Ring>> = OnePerProcess::new();
    RINGER.get(|| {
        let (sender, rings) = channel();
        let thread = thread::Builder::new().name("klaviyo-py-alarm".to_owned());
        thread.spawn(move || ring(&rings))?;
        Ok(sender)
    })
}

fn ring(rings: &Receiver<Ring>) {
    while let Ok(first) = rings.recv() {
        let rung = Python::try_attach(|py| {
            for ring in std::iter::once(first).chain(rings.try_iter()) {
                // An event loop that was closed has nobody to wake.
                let _ = ring.ring(py);
            }
        });
        if rung.is_none() {
            return;
        }
    }
}

impl Ring {
    fn ring(self, py: Python<'_>) -> PyResult<()> {
        let event_loop = self.alarm.event_loop.bind(py);
        let bell = Bound::new(py, Bell(self.future))?;
        event_loop
            .call_method1(intern!(py, "call_soon_threadsafe"), (bell,))
            .map(drop)
    }
}

/// Ends the wait for a future, when the event loop calls it.
#[pyclass(frozen, module = "klaviyo_py._klaviyo")]
struct Bell(Py<PyAny>);

#[pymethods]
impl Bell {
    fn __call__(&self, py: Python<'_>) -> PyResult<()> {
        let future = self.0.bind(py);
        // It is when the task was cancelled meanwhile.
        let is_done = future.call_method0(intern!(py, "done"))?.is_truthy()?;
        if !is_done {
            future.call_method1(intern!(py, "set_result"), (py.None(),))?;
        }
        Ok(())
    }
}
