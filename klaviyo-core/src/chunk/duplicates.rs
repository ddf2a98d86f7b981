//! Notices items that share a key with an item before them in the same request.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::ops::Range;

use foldhash::fast::RandomState;

use super::Identity;

/// The keys in the open batch, each with its row. It allocates nothing for a key of its own.
#[derive(Default)]
pub(super) struct Duplicates {
    /// From a key's hash to the key; a key whose place another one took has the next free place.
    seen: HashMap<u64, Seen, BuildHasherDefault<Hashed>>,
    /// All keys, one behind the other.
    keys: Vec<u8>,
    hasher: RandomState,
    /// Where the keys of the last item went that were not there yet, and where in `keys` they begin.
    entered: Vec<u64>,
    own: usize,
}

struct Seen {
    row: u64,
    key: Range<usize>,
}

impl Duplicates {
    /// Enters the keys of `row` that are not there yet; gives the row of the first that is. That one
    /// stays with its row.
    pub(super) fn enter(&mut self, row: u64, identity: &Identity) -> Option<u64> {
        self.entered.clear();
        self.own = self.keys.len();
        let mut found = None;
        for key in identity.keys() {
            let earlier = self.enter_key(row, key);
            found = found.or(earlier);
        }
        found
    }

    /// The row of an earlier item that has the key.
    fn enter_key(&mut self, row: u64, key: &[u8]) -> Option<u64> {
        let mut place = self.hasher.hash_one(key);
        loop {
            match self.seen.entry(place) {
                Entry::Vacant(free) => {
                    let start = self.keys.len();
                    self.keys.extend_from_slice(key);
                    let key = start..self.keys.len();
                    free.insert(Seen { row, key });
                    self.entered.push(place);
                    return None;
                }
                Entry::Occupied(taken) => {
                    let seen = taken.get();
                    if &self.keys[seen.key.clone()] == key {
                        let is_earlier = seen.key.start < self.own;
                        return is_earlier.then_some(seen.row);
                    }
                }
            }
            place = place.wrapping_add(1);
        }
    }

    /// Takes back what the last item has entered. No key lies beyond another one's place because of it,
    /// for it was the last.
    pub(super) fn take_back(&mut self) {
        for place in self.entered.drain(..) {
            self.seen.remove(&place);
        }
        self.keys.truncate(self.own);
    }

    pub(super) fn clear(&mut self) {
        self.seen.clear();
        self.keys.clear();
        self.entered.clear();
    }
}

/// A hasher for what is a hash already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
}
