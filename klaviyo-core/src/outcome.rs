//! The end of a row: exactly one of five.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The end of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Never taken: a local check failed, or the run stopped before Klaviyo took the row (`not_sent`).
    Rejected,
    /// Klaviyo refused it.
    Failed,
    /// Klaviyo took it, and no later end is known: the operation has no job, or it was not waited for.
    Accepted,
    /// Its job is complete and names no error for it.
    Completed,
    /// The answer was lost, or what Klaviyo said cannot be tied to this row, or the run was resumed and
    /// did not come to it again (`not_resumed`).
    Unknown,
}

impl Outcome {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Rejected => "rejected",
            Outcome::Failed => "failed",
            Outcome::Accepted => "accepted",
            Outcome::Completed => "completed",
            Outcome::Unknown => "unknown",
        }
    }

    /// The outcome that the word names.
    #[cfg(feature = "journal")]
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        let all = [
            Outcome::Rejected,
            Outcome::Failed,
            Outcome::Accepted,
            Outcome::Completed,
            Outcome::Unknown,
        ];
        all.into_iter().find(|outcome| outcome.as_str() == word)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// How many rows had which end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Rows with [`Outcome::Rejected`].
    pub rejected: u64,
    /// Rows with [`Outcome::Failed`].
    pub failed: u64,
    /// Rows with [`Outcome::Accepted`].
    pub accepted: u64,
    /// Rows with [`Outcome::Completed`].
    pub completed: u64,
    /// Rows with [`Outcome::Unknown`].
    pub unknown: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, outcome: Outcome, rows: u64) {
        *match outcome {
            Outcome::Rejected => &mut self.rejected,
            Outcome::Failed => &mut self.failed,
            Outcome::Accepted => &mut self.accepted,
            Outcome::Completed => &mut self.completed,
            Outcome::Unknown => &mut self.unknown,
        } += rows;
    }

    /// All of them together.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.rejected + self.failed + self.accepted + self.completed + self.unknown
    }
}
