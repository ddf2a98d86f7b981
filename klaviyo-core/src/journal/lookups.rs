//! What was found for e-mail addresses, written down so that a resumed run makes the same batches.

use sha2::{Digest, Sha256};

use super::{JournalError, Rows};

/// Tells whether the addresses of a lookup are those that were written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Addresses {
    /// The lookup's place among the run's lookups, from 0.
    pub(crate) number: u64,
    /// The rows that give them.
    pub(crate) rows: Rows,
    /// SHA-256 of them.
    pub(crate) hash: [u8; 32],
}

/// What a lookup found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LookedUp {
    pub(crate) addresses: Addresses,
    /// The id of each row's profile; `None` where no profile has the address.
    pub(crate) ids: Vec<Option<String>>,
}

impl Addresses {
    /// Of rows in increasing order, with their addresses.
    pub(crate) fn of<'a>(number: u64, rows: impl Iterator<Item = (u64, &'a str)> + Clone) -> Self {
        let mut hash = Sha256::new();
        for (_, address) in rows.clone() {
            // A line break stands in no address.
            hash.update(address);
            hash.update(b"\n");
        }
        Addresses {
            number,
            rows: rows.map(|(row, _)| row).collect(),
            hash: hash.finalize().into(),
        }
    }

    /// They are not those that were written down.
    pub(crate) fn changed(&self) -> JournalError {
        JournalError::OtherAddresses {
            first_row: self.rows.first().unwrap_or_default(),
            last_row: self.rows.last().unwrap_or_default(),
        }
    }
}
