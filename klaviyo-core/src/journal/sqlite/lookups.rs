//! The statements about what was found for e-mail addresses.

use rusqlite::{OptionalExtension, params};

use super::super::{Addresses, LookedUp};
use super::database::{Database, parsed, rows};

impl Database {
    /// Writes down what a lookup found; one that was cancelled and made again counts as it was then.
    pub(super) fn found(&self, found: &LookedUp) -> rusqlite::Result<()> {
        let LookedUp { addresses, ids } = found;
        let ids = serde_json::to_string(ids)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        let insert = "INSERT OR REPLACE INTO lookup (number, rows, hash, ids) VALUES (?, ?, ?, ?)";
        let number = addresses.number.cast_signed();
        let values = params![number, addresses.rows.to_string(), addresses.hash, ids];
        self.prepare(insert)?.execute(values)?;
        Ok(())
    }

    pub(super) fn recall_lookup(&self, number: u64) -> rusqlite::Result<Option<LookedUp>> {
        let lookup = "SELECT rows, hash, ids FROM lookup WHERE number = ?";
        let found = self
            .prepare(lookup)?
            .query_row([number.cast_signed()], |row| {
                let addresses = Addresses {
                    number,
                    rows: rows(row, 0)?,
                    hash: row.get(1)?,
                };
                let ids = parsed(row, 2, |text| {
                    serde_json::from_str(text).map_err(|error| error.to_string())
                })?;
                Ok(LookedUp { addresses, ids })
            });
        found.optional()
    }
}
