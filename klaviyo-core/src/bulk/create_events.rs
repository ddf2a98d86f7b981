//! `bulk_create_events`: records events, up to 1,000 a request, grouped under their profiles.

use klaviyo_gen::FIELD_LIMITS;
use klaviyo_gen::operations::BULK_CREATE_EVENTS;
use serde::Serialize;

use super::{Bulk, BulkError, OutcomeStream, Prepared, Start, drive, plan, stream};
use crate::chunk::{Caps, Envelope};
use crate::encode::{Encoder, UniqueIds};
use crate::error::Error;
use crate::options::RunOptions;
use crate::report::{Report, RunError};
use crate::run::{Plan, Planning, Run};

/// From the beginning of the body into its array of groups.
const PREFIX: &[u8] =
    br#"{"data":{"type":"event-bulk-create-job","attributes":{"events-bulk-create":{"data":["#;
/// From the end of the array of groups to the end of the body.
const SUFFIX: &[u8] = b"]}}}}";

/// How an event gets a `unique_id` that has none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UniqueIdRule {
    /// From the run's id and the row's number: identical rows stay separate events, and a run that
    /// is repeated under the same run id sends nothing twice.
    #[default]
    RunAndRow,
    /// From the row's content: a source that is read twice sends nothing twice, and identical rows
    /// become one event.
    Content,
}

/// How events are recorded.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateEventsOptions {
    /// How an event gets a `unique_id` that has none.
    pub unique_id: UniqueIdRule,
    /// What is the same for all bulk operations.
    pub run: RunOptions,
}

impl<'a> Bulk<'a> {
    /// Records an event for each row.
    ///
    /// A row has `metric` (its name), and as it likes `time`, `value`, `value_currency`, `unique_id`,
    /// `properties.anything` and `backfill`; its profile stands under `profile.…`, or is given by a
    /// bare identifier: `email`, `phone_number`, `external_id`, `anonymous_id` or `profile_id`.
    ///
    /// Klaviyo validates a request before it answers, and records the events later, without a word
    /// on what became of them: rows end `accepted`.
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/bulk_create_events>
    pub fn create_events<I>(self, rows: I) -> CreateEvents<'a, I>
    where
        I: IntoIterator,
        I::Item: Serialize,
    {
        CreateEvents {
            bulk: self,
            rows,
            options: CreateEventsOptions::default(),
        }
    }

    /// Begins a run into which events are pushed; needs a tokio runtime.
    ///
    /// # Errors
    /// [`Error::Configuration`] when an option cannot be used.
    pub fn start_create_events(self, options: &CreateEventsOptions) -> Result<Run, Error> {
        let start = Start::of_run(self.client, &BULK_CREATE_EVENTS, &options.run)?;
        let prepared = prepare(options, &start)?;
        self.begin(start, prepared, &options.run)
    }

    /// Begins a dry run into which events are pushed.
    ///
    /// # Errors
    /// [`Error::Configuration`] when an option cannot be used.
    pub fn plan_create_events(self, options: &CreateEventsOptions) -> Result<Planning, Error> {
        let start = Start::of_plan(self.client, &options.run);
        Ok(prepare(options, &start)?.plan())
    }
}

fn prepare(options: &CreateEventsOptions, start: &Start) -> Result<Prepared, Error> {
    let operation = &BULK_CREATE_EVENTS;
    let run_id = checked_run_id(&start.run_id)?;
    let unique_ids = match options.unique_id {
        UniqueIdRule::RunAndRow => UniqueIds::RunAndRow(run_id),
        UniqueIdRule::Content => UniqueIds::Content,
    };
    let encoder = Encoder::events(options.run.rows, unique_ids, start.now)?;
    let envelope = Envelope {
        prefix: PREFIX.to_vec(),
        suffix: SUFFIX.to_vec(),
        group_close: encoder.group_close().to_vec(),
        caps: Caps::of(operation)?,
    };
    Ok(Prepared {
        operation,
        encoder,
        envelope,
    })
}

/// A run id must leave room for the row's number in a `unique_id`.
fn checked_run_id(id: &str) -> Result<String, Error> {
    let most = FIELD_LIMITS.unique_id_chars - format!("-{}", u64::MAX).len();
    if id.is_empty() || id.chars().count() > most {
        return Err(Error::Configuration(format!(
            "run_id must have 1 to {most} characters, because every unique_id begins with it"
        )));
    }
    Ok(id.to_owned())
}

/// A run over an iterator of events, not begun yet.
#[derive(Debug)]
#[must_use = "nothing is sent until it is run"]
pub struct CreateEvents<'a, I> {
    bulk: Bulk<'a>,
    rows: I,
    options: CreateEventsOptions,
}

impl<I> CreateEvents<'_, I>
where
    I: IntoIterator,
    I::Item: Serialize,
{
    /// With these options.
    pub fn options(mut self, options: CreateEventsOptions) -> Self {
        self.options = options;
        self
    }

    /// Writes down in a new file what the run does, so that it can be resumed after its process was
    /// killed.
    #[cfg(feature = "journal")]
    pub fn journal(mut self, path: impl Into<std::path::PathBuf>) -> Self {
        self.options.run.journal = Some(crate::journal::Journaling::Begin(path.into()));
        self
    }

    /// Resumes the run of this journal, with the same rows and options.
    #[cfg(feature = "journal")]
    pub fn resume(mut self, path: impl Into<std::path::PathBuf>) -> Self {
        self.options.run.journal = Some(crate::journal::Journaling::Resume(path.into()));
        self
    }

    /// Sends all rows.
    ///
    /// # Errors
    /// When the options cannot be used, or the run stopped; then the error carries the report.
    pub async fn run(self) -> Result<Report, BulkError> {
        let run = self.bulk.start_create_events(&self.options)?;
        Ok(drive(run, self.rows).await?)
    }

    /// Sends all rows as the stream of their ends is read.
    ///
    /// # Errors
    /// [`Error::Configuration`] when an option cannot be used.
    pub fn stream(
        self,
    ) -> Result<OutcomeStream<impl Future<Output = Result<Report, RunError>>>, Error> {
        let run = self.bulk.start_create_events(&self.options)?;
        Ok(stream(run, self.rows))
    }

    /// Reads and checks all rows, sends nothing, and says what a run would send.
    ///
    /// # Errors
    /// [`Error::Configuration`] when an option cannot be used.
    pub fn plan(self) -> Result<Plan, Error> {
        let planning = self.bulk.plan_create_events(&self.options)?;
        Ok(plan(planning, self.rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_id_leaves_room_for_the_row() {
        assert!(checked_run_id("nightly-2026-11-01").is_ok());
        assert!(checked_run_id("").is_err());
        let longest = FIELD_LIMITS.unique_id_chars - 21;
        assert!(checked_run_id(&"x".repeat(longest)).is_ok());
        assert!(checked_run_id(&"x".repeat(longest + 1)).is_err());
    }
}
