//! The bulk operations, each with its options.
//!
//! Each can be used in two ways: over an iterator of rows (`import_profiles(rows).run()`), or with a
//! [`Run`] into which rows are pushed as they come (`start_import_profiles`).
mod create_events;
mod import_profiles;

use klaviyo_gen::Operation;
use serde::Serialize;

use crate::chunk::Envelope;
use crate::client::Client;
use crate::encode::Encoder;
use crate::error::Error;
use crate::options::RunOptions;
use crate::report::{Report, RunError};
use crate::run::Run;
use crate::shared::Shared;

pub use create_events::{CreateEvents, CreateEventsOptions, UniqueIdRule};
pub use import_profiles::{ImportProfiles, ImportProfilesOptions};

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

impl Bulk<'_> {
    fn begin(
        self,
        operation: &'static Operation,
        encoder: Encoder,
        envelope: Envelope,
        run_id: String,
        options: &RunOptions,
    ) -> Run {
        let shared = Shared::new(self.client.exchange().clone(), operation, options);
        Run::begin(shared, encoder, envelope, run_id)
    }
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

/// A run id that no other run has: the time to the second and 32 random bits.
fn draw_run_id(client: &Client) -> String {
    let clock = &client.exchange().clock;
    let time = clock.utc().format("%Y%m%dT%H%M%SZ");
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a random number below 2^32"
    )]
    let random = (clock.random() * 4_294_967_296.0) as u32;
    format!("{time}-{random:08x}")
}
