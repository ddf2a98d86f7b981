//! Which account a run is of, as far as a journal may keep it: where requests went, and a mark of the key.

use sha2::{Digest, Sha256};

use super::JournalError;

/// Which account a run is of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Account {
    /// Where requests go; `None` for a transport of one's own.
    pub(crate) base_url: Option<String>,
    /// `None` for OAuth, whose tokens come and go.
    pub(crate) key: Option<KeyMark>,
}

/// A private key, as far as it takes to notice another one: 64 bits of a salted hash, which give no key
/// away, and cannot be compared from journal to journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyMark {
    pub(crate) salt: [u8; 16],
    pub(crate) hash: [u8; 8],
}

impl KeyMark {
    pub(crate) fn new(key: &[u8], salt: [u8; 16]) -> Self {
        let digest = Sha256::new()
            .chain_update(salt)
            .chain_update(key)
            .finalize();
        let mut hash = [0; 8];
        hash.copy_from_slice(&digest[..8]);
        KeyMark { salt, hash }
    }
}

impl Account {
    /// Makes sure that a run which began as `self` may go on as `now`; whether its key is another one,
    /// which may well be a newer one of the same account.
    ///
    /// # Errors
    /// When requests would go elsewhere: what was taken there would be called done, and not be here.
    pub(crate) fn goes_on_as(&self, now: &Account) -> Result<bool, JournalError> {
        if let (Some(written), Some(given)) = (&self.base_url, &now.base_url)
            && written != given
        {
            return Err(JournalError::OtherBaseUrl {
                written: written.clone(),
                given: given.clone(),
            });
        }
        let keys = (self.key, now.key);
        Ok(matches!(keys, (Some(written), Some(given)) if written != given))
    }
}
