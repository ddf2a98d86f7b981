//! A run that somebody may want to watch: Python is told how far it has come, on the thread that waits
//! for it.

use std::pin::pin;

use klaviyo_core::progress::Looks;
use klaviyo_core::report::Outcomes;
use klaviyo_core::run::Canceller;
use klaviyo_core::source::Source;
use klaviyo_core::{Progress, Report, Run, RunError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyType};
use serde::Serialize;

use crate::ending::Halt;
use crate::report::set_figures;
use crate::source::{Rows, Sink};
use crate::work::Place;

/// Who wants to watch a run, if anybody does.
pub(crate) struct Watching {
    callback: Option<Py<PyAny>>,
    /// How many rows there will be, as far as that is known.
    total: Option<u64>,
}

impl Watching {
    /// As `progress=` says. How many rows there are is only asked for if somebody wants to know: it may
    /// be a query.
    pub(crate) fn of(
        common: &Bound<'_, PyDict>,
        rows: &Rows,
        given: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let callback = common.get_item("progress")?;
        let callback = callback.filter(|callback| !callback.is_none());
        Ok(Watching {
            total: callback.as_ref().and_then(|_| rows.total(given)),
            callback: callback.map(Bound::unbind),
        })
    }

    /// Where the run is to be waited for: a callback is called on the thread that waits.
    pub(crate) fn place(&self, rows: &Rows) -> Place {
        self.in_place(rows.place())
    }

    /// The same for work that needs no place of its own.
    pub(crate) fn in_place(&self, place: Place) -> Place {
        match place {
            Place::Anywhere if self.callback.is_some() => Place::Caller,
            place => place,
        }
    }
}

/// A run, and who watches it.
pub(crate) struct Watched {
    run: Run,
    watch: Watch,
}

/// Who is told how far a run has come; nobody, as a rule.
struct Watch(Option<Watcher>);

struct Watcher {
    looks: Looks,
    callback: Py<PyAny>,
    /// What the callback raised; it is not called again.
    raised: Option<PyErr>,
}

/// What a run came to, and what its callback raised.
pub(crate) type Closed = (Result<Report, RunError>, Option<Halt>);

impl Watched {
    pub(crate) fn new(run: Run, watching: Watching) -> Self {
        let Watching { callback, total } = watching;
        if let Some(total) = total {
            run.set_total(total);
        }
        let watcher = callback.map(|callback| Watcher {
            looks: Looks::new(run.gauge()),
            callback,
            raised: None,
        });
        Watched {
            run,
            watch: Watch(watcher),
        }
    }

    pub(crate) fn outcomes(&mut self) -> Outcomes {
        self.run.outcomes()
    }

    pub(crate) fn canceller(&self) -> Canceller {
        self.run.canceller()
    }

    /// Why no more rows are to be read, if that is the callback's doing.
    pub(crate) fn take_raised(&mut self) -> Option<Halt> {
        self.watch.take_raised()
    }

    /// As [`Run::finish`].
    pub(crate) async fn finish(self) -> Closed {
        let canceller = self.canceller();
        self.watch.until(self.run.finish(), &canceller).await
    }

    /// As [`Run::break_off`].
    pub(crate) async fn break_off(self) -> Closed {
        let canceller = self.canceller();
        self.watch.until(self.run.break_off(), &canceller).await
    }

    /// As [`Run::cancel`].
    pub(crate) async fn cancel(self) -> Closed {
        let canceller = self.canceller();
        let ending = async { Ok(self.run.cancel().await) };
        self.watch.until(ending, &canceller).await
    }
}

impl Sink for Watched {
    fn push<R: Serialize + ?Sized>(&mut self, row: &R) {
        self.run.push(row);
    }

    fn push_from(&mut self, source: &(dyn Source + Send)) {
        self.run.push_from(source);
    }

    fn has_enough(&self) -> bool {
        self.run.has_ready() || self.watch.is_due()
    }

    async fn hand_over(&mut self) {
        let Watched { run, watch } = self;
        let mut handing = pin!(run.hand_over());
        loop {
            tokio::select! {
                biased;
                () = handing.as_mut() => break,
                () = watch.next() => {}
            }
            if watch.has_raised() {
                return;
            }
        }
        watch.if_due();
    }

    fn has_stopped(&self) -> bool {
        self.run.has_stopped() || self.watch.has_raised()
    }
}

impl Watch {
    fn is_due(&self) -> bool {
        let Watch(watcher) = self;
        watcher
            .as_ref()
            .is_some_and(|watcher| watcher.looks.is_due())
    }

    fn has_raised(&self) -> bool {
        let Watch(watcher) = self;
        watcher
            .as_ref()
            .is_some_and(|watcher| watcher.raised.is_some())
    }

    fn if_due(&mut self) {
        if let Watch(Some(watcher)) = self
            && watcher.looks.is_due()
        {
            let progress = watcher.looks.look();
            watcher.tell(&progress);
        }
    }

    /// Looks when it is time to; never, if nobody watches.
    async fn next(&mut self) {
        match self {
            Watch(Some(watcher)) => {
                let progress = watcher.looks.next().await;
                watcher.tell(&progress);
            }
            Watch(None) => std::future::pending().await,
        }
    }

    fn take_raised(&mut self) -> Option<Halt> {
        let Watch(watcher) = self;
        let raised = watcher.as_mut()?.raised.take()?;
        *watcher = None;
        Some(Python::attach(|py| Halt::of(py, raised)))
    }

    /// Watches until the end, and once there. What the callback raises on the way leaves the rows that
    /// were read to their ends, as what a source raises does; an interrupt does not.
    async fn until(
        mut self,
        ending: impl Future<Output = Result<Report, RunError>>,
        canceller: &Canceller,
    ) -> Closed {
        let mut ending = pin!(ending);
        let mut halt = None;
        let result = loop {
            tokio::select! {
                biased;
                result = ending.as_mut() => break result,
                () = self.next() => {}
            }
            if let Some(raised) = self.take_raised() {
                if matches!(raised, Halt::Interrupt(_)) {
                    canceller.cancel();
                }
                halt = Some(raised);
            }
        };
        if let Watch(Some(watcher)) = &mut self {
            let progress = watcher.looks.look();
            watcher.tell(&progress);
        }
        (result, halt.or_else(|| self.take_raised()))
    }
}

impl Watcher {
    fn tell(&mut self, progress: &Progress) {
        if self.raised.is_some() {
            return;
        }
        let told = Python::attach(|py| {
            let progress = to_python(py, progress)?;
            self.callback.call1(py, (progress,)).map(drop)
        });
        self.raised = told.err();
    }
}

fn to_python<'py>(py: Python<'py>, progress: &Progress) -> PyResult<Bound<'py, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let fields = PyDict::new(py);
    fields.set_item("rows", progress.rows)?;
    fields.set_item("total", progress.total)?;
    fields.set_item("sent", progress.sent)?;
    set_figures(&fields, &progress.counts, &progress.usage)?;
    fields.set_item("batches_open", progress.batches_open)?;
    fields.set_item("jobs_open", progress.jobs_open)?;
    fields.set_item("elapsed", progress.elapsed.as_secs_f64())?;
    fields.set_item("eta", progress.eta.map(|eta| eta.as_secs_f64()))?;
    fields.set_item("ended", progress.ended)?;
    let class = CLASS.import(py, "klaviyo_py.progress", "Progress")?;
    class.call((), Some(&fields))
}
