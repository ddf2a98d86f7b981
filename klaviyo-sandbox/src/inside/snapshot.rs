//! `/_sandbox/snapshot`: all that the account holds as one file, and back.
//!
//! The file is the account as serde writes it: whatever is added to the account is in the file, or
//! does not compile. What belongs to a run rather than to the account is not in it: requests
//! counted, windows, faults.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::account::Account;

/// The version of the file's form. A change that an older file cannot be read after makes it the
/// next one.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Written<'a> {
    klaviyo_sandbox_snapshot: u32,
    account: &'a Account,
}

#[derive(Deserialize)]
struct Head {
    klaviyo_sandbox_snapshot: u32,
}

#[derive(Deserialize)]
struct Read {
    account: Account,
}

/// Why a file is not taken as a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotError(String);

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SnapshotError {}

/// The account as a file.
pub(crate) fn write(account: &Account) -> Vec<u8> {
    let snapshot = Written {
        klaviyo_sandbox_snapshot: VERSION,
        account,
    };
    serde_json::to_vec(&snapshot).expect("the account's maps have text or numbers as keys")
}

/// The account that a file holds.
pub(crate) fn read(file: &[u8]) -> Result<Account, SnapshotError> {
    let no_snapshot =
        |error| SnapshotError(format!("This is no snapshot of klaviyo-sandbox: {error}."));
    let head: Head = serde_json::from_slice(file).map_err(no_snapshot)?;
    if head.klaviyo_sandbox_snapshot != VERSION {
        return Err(SnapshotError(format!(
            "The snapshot has version {}; this sandbox reads version {VERSION}.",
            head.klaviyo_sandbox_snapshot
        )));
    }
    let Read { account } = serde_json::from_slice(file).map_err(no_snapshot)?;
    Ok(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(file: &str) -> String {
        read(file.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn other_files_are_told_apart() {
        assert!(refusal("").starts_with("This is no snapshot"));
        assert!(refusal("{\"account\": {}}").starts_with("This is no snapshot"));
        assert!(
            refusal("{\"klaviyo_sandbox_snapshot\": 1, \"account\": {}}").starts_with("This is no")
        );
        assert_eq!(
            refusal("{\"klaviyo_sandbox_snapshot\": 0, \"account\": {}}"),
            "The snapshot has version 0; this sandbox reads version 1."
        );
    }
}
