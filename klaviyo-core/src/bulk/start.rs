//! What a run begins with: its name and its time, which a journal may have settled before.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use klaviyo_gen::Operation;

use crate::client::Client;
use crate::error::Error;
use crate::journal::Journal;
#[cfg(feature = "journal")]
use crate::journal::{JournalSummary, Opening};
use crate::options::RunOptions;

/// What a run begins with.
#[derive(Debug)]
pub(super) struct Start {
    /// Names the run.
    pub(super) run_id: String,
    /// What times in the data are compared with: when the run began.
    pub(super) now: DateTime<Utc>,
    #[cfg(feature = "journal")]
    opening: Option<Opening>,
}

impl Start {
    /// The beginning of a run, or of the rest of one. Opens its journal, which takes the file from
    /// everybody else.
    #[cfg(feature = "journal")]
    pub(super) fn of_run(
        client: &Client,
        operation: &'static Operation,
        options: &RunOptions,
    ) -> Result<Self, Error> {
        let mut start = Self::of_plan(client, options);
        let Some(journaling) = &options.journal else {
            return Ok(start);
        };
        let opening = Opening::open(journaling, operation.id)?;
        if let Some(earlier) = opening.earlier() {
            if options.run_id.is_none() {
                start.run_id.clone_from(&earlier.run_id);
            }
            start.now = earlier.began;
        }
        start.opening = Some(opening);
        Ok(start)
    }

    /// The beginning of a run.
    #[cfg(not(feature = "journal"))]
    #[expect(clippy::unnecessary_wraps, reason = "a journal may fail to open")]
    pub(super) fn of_run(
        client: &Client,
        _: &'static Operation,
        options: &RunOptions,
    ) -> Result<Self, Error> {
        Ok(Self::of_plan(client, options))
    }

    /// The beginning of a dry run.
    pub(super) fn of_plan(client: &Client, options: &RunOptions) -> Self {
        let run_id = options.run_id.clone();
        Start {
            run_id: run_id.unwrap_or_else(|| draw_run_id(client)),
            now: client.exchange().clock.utc(),
            #[cfg(feature = "journal")]
            opening: None,
        }
    }

    /// Writes the run down, if it has a journal.
    #[cfg(feature = "journal")]
    pub(super) fn journal(
        self,
        operation: &'static Operation,
    ) -> Result<Option<Arc<dyn Journal>>, Error> {
        let Some(opening) = self.opening else {
            return Ok(None);
        };
        let journal = opening.begin(&JournalSummary {
            run_id: self.run_id,
            operation: operation.id.to_owned(),
            began: self.now,
            finished: false,
        })?;
        Ok(Some(journal))
    }

    /// There is no journal.
    #[cfg(not(feature = "journal"))]
    #[expect(clippy::unnecessary_wraps, reason = "a journal may fail to be written")]
    pub(super) fn journal(self, _: &'static Operation) -> Result<Option<Arc<dyn Journal>>, Error> {
        Ok(None)
    }
}

/// A run id that no other run has: the time to the second and 32 random bits.
pub(crate) fn draw_run_id(client: &Client) -> String {
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
