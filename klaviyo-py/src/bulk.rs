//! `Client.bulk`: the bulk operations.

use std::sync::Arc;

use klaviyo_core::bulk::{CreateEventsOptions, ImportProfilesOptions, UniqueIdRule};
use klaviyo_core::encode::{Extra, Nulls, RowOptions};
use klaviyo_core::{Client as CoreClient, Error, Run, RunOptions};
use pyo3::prelude::*;

use crate::drive::drive;
use crate::errors::{configuration, exception, forked};
use crate::process::OfProcess;
use crate::runtime::runtime;
use crate::source::Rows;

/// The bulk operations of a client.
///
/// Each takes rows and gives a Report. Rows are dicts, from any iterable; it is read as sending goes
/// on, on the calling thread, so a generator or a database cursor of any length will do. A row is
/// flat or nested: `location.city` reaches into an object, `properties.anything` is a custom
/// property.
///
/// A row that cannot be sent ends `rejected`, with its number, the field and the reason, and the
/// others go through. `extra` says what becomes of a name that Klaviyo does not know: "reject"
/// rejects the row and suggests the nearest name, "properties" makes it a custom property. `nulls`
/// says what becomes of None in a field or property: "omit" leaves it out, "reject" rejects the row.
/// `run_id` names the run; it is drawn when it is not given.
///
/// Values may be str, int, float, bool, None, dict, list and tuple; also datetime and date (ISO
/// 8601; a datetime without a zone is taken as UTC), Decimal (as an exact number, else the row is
/// rejected), UUID, Enum (its value), and any Mapping.
///
/// Exceptions that stop a run have a `report` attribute: what became of the rows read until then.
/// So does the KeyboardInterrupt of a Ctrl-C, which ends a run at once, and an exception that comes
/// from the iterable, which is raised after the rows before it were sent.
#[pyclass(frozen, module = "klaviyo_py")]
pub(crate) struct Bulk {
    client: Arc<OfProcess<CoreClient>>,
}

impl Bulk {
    pub(crate) fn new(client: Arc<OfProcess<CoreClient>>) -> Self {
        Bulk { client }
    }

    /// Begins a run and drives it to its report.
    fn run<'py>(
        &self,
        rows: &Bound<'py, PyAny>,
        begin: impl FnOnce(klaviyo_core::bulk::Bulk<'_>) -> Result<Run, Error>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = rows.py();
        let client = self.client.get();
        let client = client.map_err(|fork| forked(py, fork, "Client"))?;
        let rows = Rows::of(rows)?;
        let run = {
            let _runtime = runtime()?.enter();
            begin(client.bulk())
        };
        let run = run.map_err(|error| exception(py, &error, &error.to_string()))?;
        drive(run, &rows)
    }
}

#[pymethods]
impl Bulk {
    /// Creates or updates a profile for each row, and waits for Klaviyo's jobs to end.
    ///
    /// A row has the API's attribute names (`email`, `first_name`, `location.city`,
    /// `properties.anything`, `patch.append.x` …) and at least one identifier: `email`,
    /// `phone_number`, `external_id` or `id`. With `list_id`, every profile joins that list; consent
    /// is not touched. With `wait=False` the jobs are not waited for, and rows end `accepted`.
    ///
    /// >>> rows = [{"email": "ada@shop.example", "properties.ltv": 12.5}, {"first_name": "Bo"}]
    /// >>> report = client.bulk.import_profiles(rows)
    /// >>> report.completed, report.rejected
    /// (1, 1)
    /// >>> for failure in report.failures():
    /// ...     print(failure.row, failure.code)
    /// 1 missing_identifier
    #[pyo3(signature = (rows, list_id=None, *, extra="reject", nulls="omit", run_id=None, wait=true))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments, for Python")]
    fn import_profiles<'py>(
        &self,
        py: Python<'py>,
        rows: &Bound<'py, PyAny>,
        list_id: Option<String>,
        extra: &str,
        nulls: &str,
        run_id: Option<String>,
        wait: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let options = ImportProfilesOptions {
            list_id,
            run: RunOptions {
                rows: row_options(py, extra, nulls)?,
                run_id,
                wait: Some(wait),
                ..RunOptions::default()
            },
        };
        self.run(rows, |bulk| bulk.start(&options))
    }

    /// Records an event for each row.
    ///
    /// A row has `metric` (its name), and as it likes `time`, `value`, `value_currency`, `unique_id`
    /// and `properties.anything`; its profile stands under `profile.…`, or is given by a bare
    /// identifier: `email`, `phone_number`, `external_id`, `anonymous_id` or `profile_id`. Klaviyo
    /// validates a request before it answers and records its events later, without a word on what
    /// became of them: rows end `accepted`.
    ///
    /// Klaviyo takes a `unique_id` only once for each profile and metric. A row without one gets it
    /// from the run's id and the row's number (`unique_id="run"`): identical rows stay separate
    /// events, and a run that is repeated under the same `run_id` records nothing twice. With
    /// `unique_id="content"` it is a hash of the row: a source that is read twice records nothing
    /// twice, and identical rows become one event.
    ///
    /// >>> order = {"metric": "Placed Order", "external_id": "00001", "value": 11.77}
    /// >>> client.bulk.create_events([order, order]).accepted
    /// 2
    /// >>> sandbox.state()["events"]
    /// 2
    #[pyo3(signature = (rows, *, unique_id="run", extra="reject", nulls="omit", run_id=None))]
    fn create_events<'py>(
        &self,
        py: Python<'py>,
        rows: &Bound<'py, PyAny>,
        unique_id: &str,
        extra: &str,
        nulls: &str,
        run_id: Option<String>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let rules = [
            ("run", UniqueIdRule::RunAndRow),
            ("content", UniqueIdRule::Content),
        ];
        let options = CreateEventsOptions {
            unique_id: choice(py, "unique_id", unique_id, &rules)?,
            run: RunOptions {
                rows: row_options(py, extra, nulls)?,
                run_id,
                ..RunOptions::default()
            },
        };
        self.run(rows, |bulk| bulk.start(&options))
    }
}

fn row_options(py: Python<'_>, extra: &str, nulls: &str) -> PyResult<RowOptions> {
    let extras = [("reject", Extra::Reject), ("properties", Extra::Properties)];
    let null_rules = [("omit", Nulls::Omit), ("reject", Nulls::Reject)];
    Ok(RowOptions {
        extra: choice(py, "extra", extra, &extras)?,
        nulls: choice(py, "nulls", nulls, &null_rules)?,
        ..RowOptions::default()
    })
}

/// One of several words.
fn choice<T: Copy>(
    py: Python<'_>,
    option: &str,
    given: &str,
    choices: &[(&str, T)],
) -> PyResult<T> {
    let chosen = choices.iter().find(|(word, _)| *word == given);
    chosen.map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<String> = choices
            .iter()
            .map(|(word, _)| format!("{word:?}"))
            .collect();
        let message = format!("{option} must be {}, not {given:?}", words.join(" or "));
        configuration(py, &message)
    })
}
