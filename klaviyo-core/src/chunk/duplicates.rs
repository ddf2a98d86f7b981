//! Notices items that must not stand twice in one request.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::Unfit;

/// The identities in the open batch, each with its row.
#[derive(Default)]
pub(super) struct Duplicates(HashMap<Box<[u8]>, u64>);

impl Duplicates {
    /// Notes the identity of `row`, unless the batch holds it already.
    pub(super) fn admit(&mut self, row: u64, identity: &[u8]) -> Result<(), Unfit> {
        if identity.is_empty() {
            return Ok(());
        }
        match self.0.entry(identity.into()) {
            Entry::Vacant(place) => {
                place.insert(row);
                Ok(())
            }
            Entry::Occupied(first) => Err(Unfit::Duplicate {
                first_row: *first.get(),
            }),
        }
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
