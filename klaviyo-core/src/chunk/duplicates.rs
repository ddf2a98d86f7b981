//! Notices items that share a key with an item before them in the same request.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::RandomState;

use super::Identity;
use super::numbers_by_hash::NumbersByHash;

/// The keys in the open batch, each with its row. It allocates nothing for a key of its own, and keeps its
/// memory from batch to batch: as much as the one with the most keys took.
#[derive(Default)]
pub(super) struct Duplicates {
    keys: Keys,
    /// The first of the keys that are equal.
    firsts: NumbersByHash,
    hasher: RandomState,
    /// The number of the first key of the last item.
    own: usize,
}

/// The keys of all items, numbered in their order.
#[derive(Default)]
struct Keys {
    keys: Vec<Key>,
    /// One behind the other.
    text: Vec<u8>,
}

struct Key {
    row: u64,
    /// Where it ends in the text.
    end: usize,
}

impl Duplicates {
    /// Enters the keys of `row`; gives the row of the first that is there already. That one stays with its
    /// row.
    pub(super) fn enter(&mut self, row: u64, identity: &Identity) -> Option<u64> {
        self.own = self.keys.len();
        self.keys.append(row, identity);
        self.firsts.reserve(self.keys.len());
        let mut found = None;
        for (number, key) in (self.own..).zip(identity.keys()) {
            let hash = hash(&self.hasher, key);
            let is_equal = |other| self.keys.is(other, key);
            if let Some(equal) = self.firsts.find_or_enter(hash, number, is_equal) {
                found = found.or_else(|| self.earlier(equal));
            }
        }
        found
    }

    /// The row of that key; none when it is the last item's own, which may have a key twice.
    #[cold]
    fn earlier(&self, number: usize) -> Option<u64> {
        (number < self.own).then(|| self.keys.keys[number].row)
    }

    /// Takes back what the last item has entered.
    pub(super) fn take_back(&mut self) {
        for number in (self.own..self.keys.len()).rev() {
            let hash = hash(&self.hasher, self.keys.text(number));
            self.firsts.take_back(hash, number);
        }
        self.keys.truncate(self.own);
    }

    /// Forgets all keys and keeps the memory.
    pub(super) fn clear(&mut self) {
        if self.keys.len() > 0 {
            self.keys.truncate(0);
            self.firsts.clear();
        }
    }
}

impl Keys {
    fn len(&self) -> usize {
        self.keys.len()
    }

    fn text(&self, number: usize) -> &[u8] {
        &self.text[self.start(number)..self.keys[number].end]
    }

    /// Where the text of that key begins, or would begin.
    fn start(&self, number: usize) -> usize {
        let before = number.checked_sub(1);
        before.map_or(0, |before| self.keys[before].end)
    }

    /// Whether the key of that number is this one. Of keys with one hash, nearly all are equal: it is rarely
    /// asked.
    #[cold]
    fn is(&self, number: usize, key: &[u8]) -> bool {
        self.text(number) == key
    }

    /// Adds the keys of `row`.
    #[inline]
    fn append(&mut self, row: u64, identity: &Identity) {
        let before = self.text.len();
        self.text.extend_from_slice(identity.text());
        for end in identity.ends() {
            let end = before + end;
            self.keys.push(Key { row, end });
        }
    }

    /// Forgets all keys but the first ones, so many.
    fn truncate(&mut self, keys: usize) {
        self.text.truncate(self.start(keys));
        self.keys.truncate(keys);
    }
}

/// Of the hash of a key, as much as a table of a batch's keys needs.
#[inline]
fn hash(hasher: &RandomState, key: &[u8]) -> u32 {
    let mut hasher = hasher.build_hasher();
    hasher.write(key);
    hasher.finish() as u32
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    /// What is done in turn: an item with these keys comes, and is taken back when it has one of an earlier
    /// item and is to be refused; or else a batch ends.
    type Turn = Option<(Vec<String>, bool)>;

    fn turn() -> impl Strategy<Value = Turn> {
        let keys = prop::collection::vec("[ab]{0,3}|[a-z]{30}", 0..4);
        prop::option::weighted(0.97, (keys, any::<bool>()))
    }

    proptest! {
        #[test]
        fn the_first_row_of_a_key_is_found(turns in prop::collection::vec(turn(), 0..150)) {
            let mut duplicates = Duplicates::default();
            let mut rows: HashMap<String, u64> = HashMap::new();
            for (row, turn) in (0..).zip(turns) {
                let Some((keys, refuses)) = turn else {
                    duplicates.clear();
                    rows.clear();
                    continue;
                };
                let mut identity = Identity::none();
                keys.iter().for_each(|key| identity.add("", key.as_bytes()));
                let expected = keys.iter().find_map(|key| rows.get(key)).copied();
                prop_assert_eq!(duplicates.enter(row, &identity), expected);
                if expected.is_some() && refuses {
                    duplicates.take_back();
                    continue;
                }
                for key in keys {
                    rows.entry(key).or_insert(row);
                }
            }
        }
    }
}
