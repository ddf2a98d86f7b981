//! Where rows come from: a Python iterable, pulled on the calling thread with the GIL held, or an async
//! one, awaited there; or files and Arrow, read without the GIL, on the calling thread unless that is an
//! event loop's.
mod arrow;
mod awaited;
mod native;
mod options;
mod paths;
mod slices;

use std::time::Duration;

use klaviyo_core::Run;
use klaviyo_core::clock::{Clock, Moment, SystemClock};
use klaviyo_core::run::Planning;
use klaviyo_core::source::{Files, Source, SourceOptions};
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyIterator, PyList, PyTuple, PyType};
use serde::Serialize;

use crate::row::{Reading, Row};
use crate::work::{Place, Waiter};
use awaited::AwaitedRows;
use native::Native;
pub(crate) use options::source_options;

/// How long rows are read before signals are noticed, and before other threads and tasks have a turn.
const SLICE: Duration = Duration::from_millis(5);

/// The rows of a run.
pub(crate) struct Rows {
    from: From,
    /// The last one was read.
    are_over: bool,
}

enum From {
    Objects(Objects),
    Awaited(AwaitedRows),
    Files(Native),
    Arrow(Native),
    /// What was let go.
    Closed,
}

/// What takes rows.
pub(crate) trait Sink: Send {
    /// Takes the next row.
    fn push<R: Serialize + ?Sized>(&mut self, row: &R);

    /// Takes the row at hand of a source.
    fn push_from(&mut self, source: &(dyn Source + Send));

    /// Whether it wants no more rows for now.
    fn has_enough(&self) -> bool;

    /// Makes room for more rows. Dropped, it leaves nothing undone that the next one does not do.
    fn hand_over(&mut self) -> impl Future<Output = ()> + Send;

    /// Whether it wants no more rows at all.
    fn has_stopped(&self) -> bool;
}

impl Sink for Run {
    fn push<R: Serialize + ?Sized>(&mut self, row: &R) {
        Run::push(self, row);
    }

    fn push_from(&mut self, source: &(dyn Source + Send)) {
        Run::push_from(self, source);
    }

    fn has_enough(&self) -> bool {
        self.has_ready()
    }

    async fn hand_over(&mut self) {
        Run::hand_over(self).await;
    }

    fn has_stopped(&self) -> bool {
        Run::has_stopped(self)
    }
}

impl Sink for Planning {
    fn push<R: Serialize + ?Sized>(&mut self, row: &R) {
        Planning::push(self, row);
    }

    fn push_from(&mut self, source: &(dyn Source + Send)) {
        Planning::push_from(self, source);
    }

    fn has_enough(&self) -> bool {
        false
    }

    async fn hand_over(&mut self) {}

    fn has_stopped(&self) -> bool {
        false
    }
}

/// A slice of rows that is being read.
struct Slicing {
    clock: SystemClock,
    end: Moment,
}

impl Slicing {
    fn begin() -> Self {
        let clock = SystemClock::new();
        let end = clock.now() + SLICE;
        Slicing { clock, end }
    }

    fn is_over(&self) -> bool {
        self.clock.now() >= self.end
    }
}

/// Rows between two looks at the clock, where no row waits for anybody else's code: a look takes as long as
/// to copy a row.
const GLANCE: usize = 64;

/// How a slice of rows ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slice {
    /// There may be more.
    More,
    /// That was the last row.
    Last,
}

impl Rows {
    /// The rows of an iterable, of what offers itself as Arrow, or of files.
    ///
    /// # Errors
    /// TypeError for what cannot be rows, some of it although it can be iterated; whatever is wrong
    /// with the first file, or with the options.
    pub(crate) fn of(rows: &Bound<'_, PyAny>, options: SourceOptions) -> PyResult<Self> {
        let py = rows.py();
        if let Some(paths) = paths::of(rows)? {
            let files = py.detach(|| Files::open(paths, options));
            let files = files.map_err(|error| native::exception(py, &error))?;
            return Ok(Rows::new(From::Files(Native::new(files))));
        }
        match arrow::offer(rows, &options)? {
            Some(batches) => Ok(Rows::new(From::Arrow(Native::new(batches)))),
            None => Rows::objects(rows, options),
        }
    }

    fn objects(rows: &Bound<'_, PyAny>, options: SourceOptions) -> PyResult<Self> {
        let from = match AwaitedRows::of(rows, &options)? {
            Some(awaited) => From::Awaited(awaited),
            None => From::Objects(Objects::of(rows, &options)?),
        };
        let untyped = options.check_untyped("an iterable of dicts");
        untyped.map_err(|error| native::exception(rows.py(), &error))?;
        Ok(Rows::new(from))
    }

    fn new(from: From) -> Self {
        Rows {
            from,
            are_over: false,
        }
    }

    /// How many there are in all, if what they were made of knows that beforehand.
    pub(crate) fn total(&self, given: &Bound<'_, PyAny>) -> Option<u64> {
        match &self.from {
            From::Files(files) => files.total(),
            // What its length is good for besides, is no matter of ours.
            _ => given.len().ok().map(|length| length as u64),
        }
    }

    /// Where they are to be read.
    pub(crate) fn place(&self) -> Place {
        match &self.from {
            From::Objects(..) => Place::Caller,
            From::Awaited(_) => Place::EventLoop,
            From::Files(_) | From::Arrow(_) | From::Closed => Place::Anywhere,
        }
    }

    /// Pushes rows into a run or a plan: a slice, or fewer when that is enough for now.
    ///
    /// # Errors
    /// What the iterable raised, or why a file cannot be read on. Also what is no matter of one row
    /// (`KeyboardInterrupt`), when it was raised while a row was being read.
    pub(crate) async fn push_slice(
        &mut self,
        to: &mut impl Sink,
        waiter: &mut Waiter,
    ) -> PyResult<Slice> {
        let slice = match &mut self.from {
            From::Objects(rows) => Python::attach(|py| rows.push_slice(py, to)),
            From::Awaited(rows) => rows.push_slice(to, waiter).await,
            From::Files(source) | From::Arrow(source) => source.push_slice(to),
            From::Closed => Ok(Slice::Last),
        }?;
        self.are_over = slice == Slice::Last;
        Ok(slice)
    }

    /// Lets them go, where they were read. A generator that is not at its end is closed, as
    /// `contextlib.closing` would: it may hold a cursor, and itself be held by a traceback.
    ///
    /// # Errors
    /// What the closing raised.
    pub(crate) async fn close(&mut self, waiter: &mut Waiter) -> PyResult<()> {
        match std::mem::replace(&mut self.from, From::Closed) {
            From::Objects(Objects { iterator, .. }) => {
                Python::attach(|py| close_generator(iterator.into_bound(py)))
            }
            From::Awaited(rows) if !self.are_over => rows.close(waiter).await,
            From::Awaited(_) | From::Files(_) | From::Arrow(_) | From::Closed => Ok(()),
        }
    }
}

fn iterator<'py>(rows: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyIterator>> {
    let hint = if rows.is_instance_of::<PyDict>() {
        "a single row goes into a list: [row]"
    } else if rows.is_instance_of::<PyBytes>() || rows.is_instance_of::<PyByteArray>() {
        "give the path of a file as a str or PathLike"
    } else if rows.hasattr("collect")? {
        // A query that was not made yet, such as a LazyFrame.
        "collect it first: rows.collect()"
    } else if let Ok(iterator) = rows.try_iter() {
        return Ok(iterator);
    } else {
        "a list or a generator will do"
    };
    let kind = rows.get_type().fully_qualified_name()?;
    let message = format!(
        "rows must be an iterable of dicts, a data frame, or paths of files, not {kind}; {hint}"
    );
    Err(PyTypeError::new_err(message))
}

/// Rows that are Python objects, pulled from an iterator.
struct Objects {
    iterator: Py<PyIterator>,
    options: SourceOptions,
    /// Rows between two looks at the clock.
    glance: usize,
}

impl Objects {
    fn of(rows: &Bound<'_, PyAny>, options: &SourceOptions) -> PyResult<Self> {
        // Their rows are there; those of any other iterable may each take their time.
        let are_there =
            rows.is_exact_instance_of::<PyList>() || rows.is_exact_instance_of::<PyTuple>();
        Ok(Objects {
            iterator: iterator(rows)?.unbind(),
            options: options.clone(),
            glance: if are_there { GLANCE } else { 1 },
        })
    }

    fn push_slice(&self, py: Python<'_>, to: &mut impl Sink) -> PyResult<Slice> {
        let slicing = Slicing::begin();
        for (read, row) in self.iterator.bind(py).clone().enumerate() {
            let has_run_code = push_object(&row?, &self.options, to)?;
            let glances = has_run_code || (read + 1).is_multiple_of(self.glance);
            if to.has_enough() || (glances && slicing.is_over()) {
                return Ok(Slice::More);
            }
        }
        Ok(Slice::Last)
    }
}

/// Closes an iterator of rows if it is a generator, which ends with whoever iterates over it; others that
/// can be closed may be somebody's to use again.
fn close_generator(iterator: Bound<'_, PyIterator>) -> PyResult<()> {
    static GENERATOR: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let py = iterator.py();
    let generator = GENERATOR.import(py, "collections.abc", "Generator")?;
    if iterator.is_instance(generator)? {
        iterator.call_method0(intern!(py, "close"))?;
    }
    Ok(())
}

/// Pushes a row; says whether code in Python may have run for it, which may take its time.
///
/// # Errors
/// What reading it raised, if that is no matter of this row.
fn push_object(
    row: &Bound<'_, PyAny>,
    options: &SourceOptions,
    to: &mut impl Sink,
) -> PyResult<bool> {
    let reading = Reading::row().renaming(&options.columns);
    to.push(&Row::new(row, &reading));
    let has_run_code = reading.has_run_code();
    reading.end().map(|()| has_run_code)
}
