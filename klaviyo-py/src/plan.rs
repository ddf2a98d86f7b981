//! `client.bulk.plan`: all rows read and checked, nothing sent.

use klaviyo_core::Plan;
use klaviyo_core::run::Planning;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::drive::{close, read};
use crate::ending::Halt;
use crate::failures::Failures;
use crate::source::Rows;
use crate::work::{Ended, Waiter};

/// Reads all rows and gives the Plan; or raises what the iterable, or a signal handler, raised.
pub(crate) async fn plan_rows(mut planning: Planning, mut rows: Rows, mut waiter: Waiter) -> Ended {
    let read = read(&mut planning, &mut rows, &mut waiter).await;
    let halt = close(&mut rows, read.err(), &mut waiter).await;
    Box::new(move |py| match halt {
        None => to_python(py, planning.finish()),
        Some(Halt::Source(error) | Halt::Interrupt(error) | Halt::Closing(error)) => Err(error),
    })
}

fn to_python(py: Python<'_>, plan: Plan) -> PyResult<Bound<'_, PyAny>> {
    let fields = PyDict::new(py);
    fields.set_item("operation", plan.operation)?;
    fields.set_item("rows", plan.rows)?;
    fields.set_item("rejected", plan.rejected)?;
    fields.set_item("batches", plan.batches)?;
    fields.set_item("bytes", plan.bytes)?;
    fields.set_item("least_time", plan.least_time.as_secs_f64())?;
    fields.set_item("warnings", PyTuple::new(py, plan.warnings)?)?;
    fields.set_item("_failures", Failures::new(plan.failures))?;
    let class = py.import("klaviyo_py.plan")?.getattr("Plan")?;
    class.call((), Some(&fields))
}
