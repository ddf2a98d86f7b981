//! Notices items that share a key with an item before them in the same request.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;

/// The keys in the open batch, each with its row. It allocates nothing for a key of its own.
#[derive(Default)]
pub(super) struct Duplicates {
    /// From a key's hash to the key; a key whose place another one took has the next free place.
    seen: HashMap<u64, Seen>,
    /// All keys, one behind the other.
    keys: Vec<u8>,
    hasher: RandomState,
}

struct Seen {
    row: u64,
    key: Range<usize>,
}

/// What divides keys: JSON never holds it.
const DIVIDER: u8 = 0;

impl Duplicates {
    /// The row that has one of these keys already.
    pub(super) fn find(&self, identity: &[u8]) -> Option<u64> {
        let mut keys = keys(identity);
        keys.find_map(|key| self.place(key).ok())
    }

    /// Notes the keys of `row`; those that are there already stay with their row.
    pub(super) fn note(&mut self, row: u64, identity: &[u8]) {
        for key in keys(identity) {
            if let Err(place) = self.place(key) {
                let start = self.keys.len();
                self.keys.extend_from_slice(key);
                let key = start..self.keys.len();
                self.seen.insert(place, Seen { row, key });
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.seen.clear();
        self.keys.clear();
    }

    /// The row that has the key, or the place where it is to be noted.
    fn place(&self, key: &[u8]) -> Result<u64, u64> {
        let mut place = self.hasher.hash_one(key);
        while let Some(seen) = self.seen.get(&place) {
            if &self.keys[seen.key.clone()] == key {
                return Ok(seen.row);
            }
            place = place.wrapping_add(1);
        }
        Err(place)
    }
}

fn keys(identity: &[u8]) -> impl Iterator<Item = &[u8]> {
    let keys = identity.split(|&byte| byte == DIVIDER);
    keys.filter(|key| !key.is_empty())
}

/// Adds a key to an identity: what it is a key of, and its value as JSON.
pub(crate) fn add_key(identity: &mut Vec<u8>, what: &str, value: &[u8]) {
    identity.extend_from_slice(what.as_bytes());
    identity.extend_from_slice(value);
    identity.push(DIVIDER);
}
