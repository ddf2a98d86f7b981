//! The bulk operations, each with its options.
//!
//! Each can be used in two ways: over an iterator of rows (`import_profiles(rows).run()`), or with a
//! [`Run`] into which rows are pushed as they come ([`Bulk::start`] with the operation's options).
//! Either gives the end of each row as it becomes known, if asked to (`import_profiles(rows).stream()`,
//! [`Run::outcomes`]). A dry run (`import_profiles(rows).plan()`, [`Bulk::planning`]) says what would be
//! sent.
#![doc = include_str!("bulk/rows.md")]
mod call;
mod catalogs;
mod coupon_codes;
mod create_events;
mod frame;
mod import_profiles;
mod list_members;
mod named;
mod records;
mod setup;
mod start;
mod stream;
mod subscriptions;
mod suppressions;

use crate::client::Client;
use crate::error::Error;
use crate::report::RunError;
use crate::run::{Planning, Run};
use crate::shared::Shared;

pub use call::BulkCall;
pub use catalogs::{CatalogChange, CatalogOptions, CatalogPart};
pub use coupon_codes::CreateCouponCodesOptions;
pub use create_events::{CreateClientEventsOptions, CreateEventsOptions, UniqueIdRule};
pub use import_profiles::ImportProfilesOptions;
pub use list_members::{AddProfilesToListOptions, RemoveProfilesFromListOptions};
pub use named::{options, verb};
pub use records::{CreateDataSourceRecordsOptions, DeleteObjectRecordsOptions};
pub(crate) use setup::Prepared;
pub use setup::{BulkOptions, Setup};
use start::Start;
pub(crate) use start::draw_run_id;
pub use stream::OutcomeStream;
pub use subscriptions::{SubscribeProfilesOptions, UnsubscribeProfilesOptions};
pub use suppressions::{Audience, SuppressionOptions};

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
    /// Begins a run into which rows are pushed; needs a tokio runtime. The options say which operation
    /// it is a run of.
    ///
    /// # Errors
    /// [`Error::Configuration`] when an option cannot be used, [`Error::Journal`] when the journal
    /// cannot.
    pub async fn start<O: BulkOptions + ?Sized>(self, options: &O) -> Result<Run, Error> {
        let run = options.run();
        let start = Start::of_run(self.client, options).await?;
        let prepared = options.setup(&start.run_id)?.prepare(run, start.now)?;
        let run_id = start.run_id.clone();
        let journal = start.journal(prepared.operation).await?;
        let shared = Shared::new(self.client, &prepared, run, journal);
        Ok(Run::begin(shared, prepared.packer, run_id))
    }

    /// Begins a dry run into which rows are pushed; it sends nothing.
    ///
    /// # Errors
    /// [`Error::Configuration`] when an option cannot be used.
    pub fn planning<O: BulkOptions + ?Sized>(self, options: &O) -> Result<Planning, Error> {
        let run = options.run();
        let start = Start::of_plan(self.client, run);
        let prepared = options.setup(&start.run_id)?.prepare(run, start.now)?;
        Ok(Planning::new(prepared))
    }
}
