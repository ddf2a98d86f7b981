//! What a run begins with: its name and its time, which a journal may have settled before.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use klaviyo_gen::Operation;
#[cfg(feature = "journal")]
use serde_json::{Map, Value};

use super::BulkOptions;
#[cfg(feature = "journal")]
use super::setup::shaping;
use crate::client::Client;
use crate::error::Error;
use crate::journal::Journal;
#[cfg(feature = "journal")]
use crate::journal::{Account, JournalError, JournalSummary, KeyMark, Opening};
use crate::options::RunOptions;

/// What a run begins with.
#[derive(Debug)]
pub(super) struct Start {
    /// Names the run.
    pub(super) run_id: String,
    /// What times in the data are compared with: when the run began.
    pub(super) now: DateTime<Utc>,
    /// The journal, and the options that it keeps.
    #[cfg(feature = "journal")]
    opening: Option<(Opening, Map<String, Value>)>,
    /// Which account it is a run of.
    #[cfg(feature = "journal")]
    account: Account,
}

impl Start {
    /// The beginning of a run, or of the rest of one. Opens its journal, which takes the file from
    /// everybody else.
    #[cfg(feature = "journal")]
    pub(super) async fn of_run<O: BulkOptions + ?Sized>(
        client: &Client,
        options: &O,
    ) -> Result<Self, Error> {
        let (operation, run) = (options.operation(), options.run());
        let mut start = Self::of_plan(client, run);
        let Some(journaling) = run.journal.clone() else {
            return Ok(start);
        };
        let opening = apart(move || Opening::open(&journaling, operation.id)).await?;
        start.account = account(client, opening.earlier());
        if let Some(earlier) = opening.earlier() {
            if run.run_id.is_none() {
                start.run_id.clone_from(&earlier.run_id);
            }
            start.now = earlier.began;
        }
        start.opening = Some((opening, shaping(options)));
        Ok(start)
    }

    /// The beginning of a run.
    #[cfg(not(feature = "journal"))]
    #[expect(clippy::unused_async, reason = "a journal is opened apart")]
    pub(super) async fn of_run<O: BulkOptions + ?Sized>(
        client: &Client,
        options: &O,
    ) -> Result<Self, Error> {
        Ok(Self::of_plan(client, options.run()))
    }

    /// The beginning of a dry run.
    pub(super) fn of_plan(client: &Client, options: &RunOptions) -> Self {
        let run_id = options.run_id.clone();
        Start {
            run_id: run_id.unwrap_or_else(|| draw_run_id(client)),
            now: client.exchange().clock.utc(),
            #[cfg(feature = "journal")]
            opening: None,
            #[cfg(feature = "journal")]
            account: Account::default(),
        }
    }

    /// Writes the run down, if it has a journal.
    #[cfg(feature = "journal")]
    pub(super) async fn journal(
        self,
        operation: &'static Operation,
    ) -> Result<Option<Arc<dyn Journal>>, Error> {
        let Some((opening, options)) = self.opening else {
            return Ok(None);
        };
        let run = JournalSummary {
            run_id: self.run_id,
            operation: operation.id.to_owned(),
            options,
            began: self.now,
            finished: false,
            account: self.account,
        };
        apart(move || opening.begin(&run)).await.map(Some)
    }

    /// There is no journal.
    #[cfg(not(feature = "journal"))]
    #[expect(clippy::unused_async, reason = "a journal is written apart")]
    pub(super) async fn journal(
        self,
        _: &'static Operation,
    ) -> Result<Option<Arc<dyn Journal>>, Error> {
        Ok(None)
    }
}

/// The client's account; of a run that is resumed, its key is marked as the earlier one was.
#[cfg(feature = "journal")]
fn account(client: &Client, earlier: Option<&JournalSummary>) -> Account {
    let earlier = earlier.and_then(|earlier| earlier.account.key);
    let salt = || earlier.map_or_else(|| draw_salt(client), |mark| mark.salt);
    let key = client.exchange().authorizer.api_key();
    Account {
        base_url: client.base_url().map(str::to_owned),
        key: key.map(|key| KeyMark::new(key, salt())),
    }
}

#[cfg(feature = "journal")]
fn draw_salt(client: &Client) -> [u8; 16] {
    let clock = &client.exchange().clock;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a random number below 256"
    )]
    std::array::from_fn(|_| (clock.random() * 256.0) as u8)
}

/// Does what SQLite and the disk may take long for, where it holds up no thread of the runtime.
#[cfg(feature = "journal")]
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, JournalError> + Send + 'static,
) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Ok(done?),
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(JournalError::Failed("the runtime is shutting down".to_owned()).into()),
        },
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
