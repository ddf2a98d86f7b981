//! What a run writes down so that it can be resumed after its process was killed.
//!
//! A batch is written down before it is sent, and again when its answer is known: the ends of its
//! rows, or the job that will bring them. So a later process that reads the same source knows of
//! every row whether it has its end, waits for a job, was never sent, or was under way:
//!
//! - what has its end keeps it, and is not sent;
//! - jobs are followed on;
//! - what was never sent, or was refused for a reason that lies in no row, is sent;
//! - what was under way may have been applied. It is sent again where the operation table and the
//!   batch say that this is safe, and is `unknown` elsewhere: subscribing, catalog items and
//!   coupons, imports that append or unappend.
//!
//! Bodies are not kept: the source is read again from its beginning, which makes the same batches,
//! and a hash of each tells when it does not. Where batches depend on Klaviyo too, because rows give
//! e-mail addresses, what it said is written down before them and taken from there again.
//! [`Journaling`] says how a run uses a journal; the cargo feature `journal` brings it, with SQLite
//! inside.
mod account;
mod endings;
mod error;
mod lookups;
mod rows;
#[cfg(feature = "journal")]
mod sqlite;

use std::fmt::Debug;

use futures::future::BoxFuture;
use sha2::{Digest, Sha256};

use crate::chunk::Batch;
use crate::jobs::JobHandle;

#[cfg(feature = "journal")]
pub(crate) use account::{Account, KeyMark};
pub(crate) use endings::Ending;
pub use error::JournalError;
pub(crate) use lookups::{Addresses, LookedUp};
pub(crate) use rows::Rows;
#[cfg(feature = "journal")]
pub(crate) use sqlite::Opening;
#[cfg(feature = "journal")]
pub use sqlite::{JournalSummary, Journaling};

/// Tells whether a batch is the one that was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    /// The batch's place among the run's batches, from 0. Parts of a batch share it.
    pub(crate) number: u64,
    /// Its rows.
    pub(crate) rows: Rows,
    /// SHA-256 of where it goes and of its body.
    pub(crate) hash: [u8; 32],
}

impl Fingerprint {
    pub(crate) fn of(number: u64, target: &str, batch: &Batch) -> Self {
        let hash = Sha256::new()
            .chain_update(target)
            .chain_update(batch.body());
        Fingerprint {
            number,
            rows: batch.rows().collect(),
            hash: hash.finalize().into(),
        }
    }
}

/// Names one sending of a batch, or of a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SendingId(pub(crate) i64);

/// What is known of a sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// No answer settles whether it was applied.
    Unanswered,
    /// It was not applied: rows without an end of their own may be sent.
    Refused,
    /// It was applied, and began this job, if any.
    Taken(Option<JobHandle>),
}

/// What became known of a batch, or of a part of it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) batch: u64,
    /// The sending that it concerns, if it concerns one.
    pub(crate) sending: Option<SendingId>,
    /// What became of that sending; `None` leaves it as it is.
    pub(crate) fate: Option<Fate>,
    pub(crate) endings: Vec<Ending>,
    /// Whether the ends hold for a run that is resumed, too: an answer of Klaviyo's brought them.
    /// Others hold only once the run is finished.
    pub(crate) is_final: bool,
}

/// A sending of an earlier process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sending {
    pub(crate) id: SendingId,
    pub(crate) rows: Rows,
    pub(crate) fate: Fate,
}

/// An end of rows as it was written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) ending: Ending,
    /// As [`Answer::is_final`].
    pub(crate) is_final: bool,
}

/// What is written of a batch.
#[derive(Debug)]
pub(crate) struct Recalled {
    pub(crate) fingerprint: Fingerprint,
    /// In the order of their sending.
    pub(crate) sendings: Vec<Sending>,
    pub(crate) endings: Vec<Written>,
}

/// What was written of a run that is resumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Past {
    /// Whether it came to its end; then nothing is sent any more.
    pub(crate) finished: bool,
    /// The last row of its last batch.
    pub(crate) last_row: Option<u64>,
    /// Whether it began with another key, perhaps of another account.
    pub(crate) other_key: bool,
}

/// Where a run writes down what it does.
pub(crate) trait Journal: Debug + Send + Sync {
    /// What an earlier process wrote of the run; `None` for one that begins.
    fn past(&self) -> Option<&Past>;

    /// What is written of the batch of that number.
    fn recall(&self, number: u64) -> BoxFuture<'_, Result<Option<Recalled>, JournalError>>;

    /// What is written of the lookup of that number.
    fn recall_lookup(&self, number: u64) -> BoxFuture<'_, Result<Option<LookedUp>, JournalError>>;

    /// Writes down what a lookup found, before all sendings that are written down later.
    fn found(&self, found: LookedUp);

    /// Writes down that `rows` of a batch are about to be sent; ends when that is durable.
    fn sending(
        &self,
        batch: &Fingerprint,
        rows: Rows,
    ) -> BoxFuture<'_, Result<SendingId, JournalError>>;

    /// Writes down what became known; a failure to do so shows at the next sending, or at the end.
    fn answer(&self, answer: Answer);

    /// Writes all that is left, that the run is finished if it is, and lets the file go.
    fn close(&self, finished: bool) -> BoxFuture<'_, Result<(), JournalError>>;
}
