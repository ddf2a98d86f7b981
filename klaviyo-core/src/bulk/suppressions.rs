//! `bulk_suppress_profiles` and `bulk_unsuppress_profiles`: by e-mail address, up to 100 a request, or
//! all members of a list or segment at once.

use klaviyo_gen::Operation;
use klaviyo_gen::operations::{BULK_SUPPRESS_PROFILES, BULK_UNSUPPRESS_PROFILES};

use super::frame::{Beside, body_without_items};
use super::setup::{Setup, id, run_options};
use super::{Bulk, BulkCall, BulkOptions};
use crate::call::Call;
use crate::encode::Rows;
use crate::error::Error;
use crate::jobs::{Begun, JobHandle, RowNumbers};
use crate::options::RunOptions;

/// How profiles are suppressed, or suppressed no longer.
#[derive(Debug, Clone, PartialEq)]
pub struct SuppressionOptions {
    /// Whether suppressions are lifted instead of made.
    pub lift: bool,
    /// What is the same for all bulk operations.
    pub run: RunOptions,
}

impl SuppressionOptions {
    /// The defaults.
    #[must_use]
    pub fn new(lift: bool) -> Self {
        let run = RunOptions::default();
        SuppressionOptions { lift, run }
    }
}

/// Profiles that Klaviyo knows without being told each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// All members of the list of that id.
    List(String),
    /// All members of the segment of that id.
    Segment(String),
}

impl BulkOptions for SuppressionOptions {
    fn operation(&self) -> &'static Operation {
        if self.lift {
            &BULK_UNSUPPRESS_PROFILES
        } else {
            &BULK_SUPPRESS_PROFILES
        }
    }

    run_options!();

    fn setup(&self, _: &str) -> Result<Setup, Error> {
        let instead = "a suppression has nothing to clear, so leave nulls out (nulls=\"omit\")";
        Ok(Setup::new(self.operation(), Rows::Resources, instead))
    }
}

impl<'a> Bulk<'a> {
    /// Suppresses the profile of each row, which takes `email`: no e-mail marketing goes there any
    /// more.
    ///
    /// Klaviyo's jobs can stay open for hours after they took effect, so they are not waited for unless
    /// [`RunOptions::wait`] asks for it: rows end `accepted`.
    ///
    /// ```no_run
    /// # async fn example(client: klaviyo_core::Client) -> Result<(), klaviyo_core::BulkError> {
    /// use serde_json::json;
    ///
    /// let rows = [json!({"email": "ada@shop.example"})];
    /// let report = client.bulk().suppress_profiles(rows).run().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/bulk_suppress_profiles>
    pub fn suppress_profiles<I>(self, rows: I) -> BulkCall<'a, I, SuppressionOptions> {
        BulkCall::new(self, rows, SuppressionOptions::new(false))
    }

    /// Lifts the suppression of the profile of each row, which takes `email`; as
    /// [`Bulk::suppress_profiles`]. Only suppressions that a user made are lifted.
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/bulk_unsuppress_profiles>
    pub fn unsuppress_profiles<I>(self, rows: I) -> BulkCall<'a, I, SuppressionOptions> {
        BulkCall::new(self, rows, SuppressionOptions::new(true))
    }

    /// Suppresses all members of a list or segment with one request. Gives Klaviyo's job, for
    /// [`Client::jobs`](crate::Client::jobs), if the answer names it.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the id cannot be one; else what came of the request.
    pub async fn suppress_members(self, of: &Audience) -> Result<Option<JobHandle>, Error> {
        self.change_members(&BULK_SUPPRESS_PROFILES, of).await
    }

    /// Lifts the suppression of all members of a list or segment; as [`Bulk::suppress_members`].
    ///
    /// # Errors
    /// [`Error::Configuration`] when the id cannot be one; else what came of the request.
    pub async fn unsuppress_members(self, of: &Audience) -> Result<Option<JobHandle>, Error> {
        self.change_members(&BULK_UNSUPPRESS_PROFILES, of).await
    }

    async fn change_members(
        self,
        operation: &'static Operation,
        of: &Audience,
    ) -> Result<Option<JobHandle>, Error> {
        let related = match of {
            Audience::List(list) => Beside::relationship(operation, "list", id("list_id", list)?)?,
            Audience::Segment(segment) => {
                Beside::relationship(operation, "segment", id("segment_id", segment)?)?
            }
        };
        let call = Call {
            body: body_without_items(operation, &[related])?.into(),
            ..Call::default()
        };
        let answer = self.client.call(operation, call).await?;
        Ok(Begun::read(&answer.body).map(|begun| JobHandle {
            operation: operation.id.to_owned(),
            id: begun.id,
            rows: RowNumbers::default(),
            began: self.client.exchange().clock.utc(),
            expires: begun.expires,
        }))
    }
}
