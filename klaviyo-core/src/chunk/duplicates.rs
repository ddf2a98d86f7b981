//! Notices items that share a key with an item before them in the same request.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::iter::once;
use std::ops::Range;

use foldhash::fast::RandomState;

/// The keys in the open batch, each with its row. It allocates nothing for a key of its own.
#[derive(Default)]
pub(super) struct Duplicates {
    /// From a key's hash to the key; a key whose place another one took has the next free place.
    seen: HashMap<u64, Seen, RandomState>,
    /// All keys, one behind the other.
    keys: Vec<u8>,
    hasher: RandomState,
    /// Where the keys of the item at hand are to be noted that were not there yet.
    free: Vec<(u64, Range<usize>)>,
}

struct Seen {
    row: u64,
    key: Range<usize>,
}

/// What divides keys: JSON never holds it.
const DIVIDER: u8 = 0;

impl Duplicates {
    /// The row that has one of these keys already.
    pub(super) fn find(&mut self, identity: &[u8]) -> Option<u64> {
        self.free.clear();
        let mut found = None;
        for key in keys(identity) {
            match self.place(&identity[key.clone()]) {
                Ok(row) => found = found.or(Some(row)),
                Err(place) => self.keep_free(place, key),
            }
        }
        found
    }

    /// Notes the keys of `row` that the last search did not find: it must have been for this identity.
    /// The others stay with their row.
    pub(super) fn note(&mut self, row: u64, identity: &[u8]) {
        for (place, key) in self.free.drain(..) {
            let start = self.keys.len();
            self.keys.extend_from_slice(&identity[key]);
            let key = start..self.keys.len();
            self.seen.insert(place, Seen { row, key });
        }
    }

    /// Keeps a free place for a key, or the next one that is not kept for another key of the identity.
    fn keep_free(&mut self, mut place: u64, key: Range<usize>) {
        while self.free.iter().any(|(kept, _)| *kept == place) {
            place = place.wrapping_add(1);
            while self.seen.contains_key(&place) {
                place = place.wrapping_add(1);
            }
        }
        self.free.push((place, key));
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

/// Where the keys stand in an identity.
fn keys(identity: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    let ends = memchr::memchr_iter(DIVIDER, identity).chain(once(identity.len()));
    let keys = ends.map(move |end| {
        let key = start..end;
        start = end + 1;
        key
    });
    keys.filter(|key| !key.is_empty())
}

/// Adds a key to an identity: what it is a key of, and its value as JSON.
pub(crate) fn add_key(identity: &mut Vec<u8>, what: &str, value: &[u8]) {
    identity.extend_from_slice(what.as_bytes());
    identity.extend_from_slice(value);
    identity.push(DIVIDER);
}
