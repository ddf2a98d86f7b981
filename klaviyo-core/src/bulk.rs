//! The bulk operations, each with its options.
//!
//! Each can be used in two ways: over an iterator of rows (`import_profiles(rows).run()`), or with a
//! [`Run`] into which rows are pushed as they come (`start_import_profiles`). Either gives the end of
//! each row as it becomes known, if asked to (`import_profiles(rows).stream()`, [`Run::outcomes`]).
//! A dry run (`import_profiles(rows).plan()`, `plan_import_profiles`) says what would be sent.
mod create_events;
mod import_profiles;
mod start;
mod stream;

use klaviyo_gen::Operation;
use serde::Serialize;

use crate::chunk::Envelope;
use crate::client::Client;
use crate::encode::Encoder;
use crate::error::Error;
use crate::options::RunOptions;
use crate::report::{Report, RunError};
use crate::run::{Plan, Planning, Run};
use crate::shared::Shared;

pub use create_events::{CreateEvents, CreateEventsOptions, UniqueIdRule};
pub use import_profiles::{ImportProfiles, ImportProfilesOptions};
use start::Start;
pub use stream::OutcomeStream;

/// The bulk operations of a client.
#[derive(Debug, Clone, Copy)]
pub struct Bulk<'a> {
    client: &'a Client,
}

/// Why a run over an iterator gave no report: it could not begin, or it stopped.
#[derive(Debug, thiserror::Error)]
pub enum BulkError {
    /// The call was set up wrongly; nothing was read or sent.
    #[error(transparent)]
    NotBegun(#[from] Error),
    /// The run stopped; the error carries the report.
    #[error(transparent)]
    Stopped(#[from] RunError),
}

impl Client {
    /// The bulk operations.
    #[must_use]
    pub fn bulk(&self) -> Bulk<'_> {
        Bulk { client: self }
    }
}

/// An operation made ready: what a run or a plan of it needs.
struct Prepared {
    operation: &'static Operation,
    encoder: Encoder,
    envelope: Envelope,
}

impl Prepared {
    fn plan(self) -> Planning {
        Planning::new(self.operation, self.encoder, self.envelope)
    }
}

impl Bulk<'_> {
    fn begin(self, start: Start, prepared: Prepared, options: &RunOptions) -> Result<Run, Error> {
        let exchange = self.client.exchange().clone();
        let run_id = start.run_id.clone();
        let journal = start.journal(prepared.operation)?;
        let shared = Shared::new(exchange, prepared.operation, options, journal);
        Ok(Run::begin(
            shared,
            prepared.encoder,
            prepared.envelope,
            run_id,
        ))
    }
}

/// Pushes all rows into a run that tells the end of each.
fn stream<I>(mut run: Run, rows: I) -> OutcomeStream<impl Future<Output = Result<Report, RunError>>>
where
    I: IntoIterator,
    I::Item: Serialize,
{
    OutcomeStream::new(run.outcomes(), drive(run, rows))
}

/// Pushes all rows into a dry run.
fn plan<I>(mut planning: Planning, rows: I) -> Plan
where
    I: IntoIterator,
    I::Item: Serialize,
{
    for row in rows {
        planning.push(&row);
    }
    planning.finish()
}

/// Pushes all rows into a run and finishes it. Stops reading when the run has stopped.
async fn drive<I>(mut run: Run, rows: I) -> Result<Report, RunError>
where
    I: IntoIterator,
    I::Item: Serialize,
{
    for row in rows {
        run.push(&row);
        if run.has_ready() {
            run.hand_over().await;
        }
        if run.has_stopped() {
            break;
        }
    }
    run.finish().await
}
