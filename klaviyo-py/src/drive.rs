//! Drives a run from its rows to its report, or to an exception that carries the report.

use std::pin::pin;

use klaviyo_core::run::Canceller;
use pyo3::prelude::*;

use crate::ending::{Halt, conclude};
use crate::source::{Rows, Sink, Slice};
use crate::watched::{Closed, Watched};
use crate::work::{Ended, Waiter};

/// Reads all rows, sees them to their ends and gives the report; or raises whatever stopped the run,
/// with the report attached.
pub(crate) async fn drive(mut run: Watched, mut rows: Rows, mut waiter: Waiter) -> Ended {
    let canceller = run.canceller();
    let read = read(&mut run, &mut rows, &mut waiter).await;
    let halt = read.err().or_else(|| run.take_raised());
    if let Some(Halt::Interrupt(_)) = halt {
        canceller.cancel();
    }
    let halt = close(&mut rows, halt, &mut waiter).await;
    let (result, late) = match halt {
        Some(Halt::Interrupt(_)) => run.cancel().await,
        Some(Halt::Source(_)) => finish(&mut waiter, &canceller, run.break_off()).await,
        Some(Halt::Closing(_)) | None => finish(&mut waiter, &canceller, run.finish()).await,
    };
    let halt = Halt::first(halt, late);
    Box::new(move |py| {
        let halt = waiter.take_raised().map(Halt::Interrupt).or(halt);
        let (report, raised) = conclude(py, result, halt)?;
        raised.map_or(Ok(report), Err)
    })
}

/// Pushes rows and hands full batches over, until the rows end or the sink wants no more.
pub(crate) async fn read(
    to: &mut impl Sink,
    rows: &mut Rows,
    waiter: &mut Waiter,
) -> Result<(), Halt> {
    while read_slice(to, rows, waiter).await? == Slice::More {
        let handed_over = waiter.unless_raised(to.hand_over()).await;
        handed_over.map_err(Halt::Interrupt)?;
    }
    Ok(())
}

/// Pushes some rows, after a turn of whoever waits.
pub(crate) async fn read_slice(
    to: &mut impl Sink,
    rows: &mut Rows,
    waiter: &mut Waiter,
) -> Result<Slice, Halt> {
    if to.has_stopped() {
        return Ok(Slice::Last);
    }
    waiter.turn().await.map_err(Halt::Interrupt)?;
    let slice = rows.push_slice(to, waiter).await;
    slice.map_err(|error| Python::attach(|py| Halt::of(py, error)))
}

/// Closes rows of which no more are read; gives the reason for that, or what the closing raised.
pub(crate) async fn close(
    rows: &mut Rows,
    halt: Option<Halt>,
    waiter: &mut Waiter,
) -> Option<Halt> {
    match rows.close(waiter).await {
        Ok(()) => halt,
        Err(error) => Halt::first(halt, Some(Python::attach(|py| Halt::of_closing(py, error)))),
    }
}

/// Waits for the end of all that was pushed; an interrupt makes that end come at once.
pub(crate) async fn finish(
    waiter: &mut Waiter,
    canceller: &Canceller,
    ending: impl Future<Output = Closed>,
) -> Closed {
    let mut ending = pin!(ending);
    match waiter.unless_raised(ending.as_mut()).await {
        Ok(closed) => closed,
        Err(interrupt) => {
            canceller.cancel();
            let (result, _) = ending.await;
            (result, Some(Halt::Interrupt(interrupt)))
        }
    }
}
