//! Finds numbers again by a hash, and by what they stand for.

/// Numbers, each behind a hash: a table with open addressing and linear probing. It only ever grows, by
/// doubling; emptied, it keeps its memory.
#[derive(Default)]
pub(super) struct NumbersByHash {
    /// None, or as many as a power of two, of which a third is free at least.
    slots: Vec<Slot>,
}

/// A hash in the upper half, and the number after the one that is meant in the lower; 0 when it is free. As
/// integers, many are had zeroed at once.
type Slot = u64;

const FREE: Slot = 0;
/// Slots of the smallest table.
const FEWEST: usize = 64;

/// No table has more numbers than 32 bits count: it would take 48 GiB.
#[inline]
fn slot(hash: u32, number: usize) -> Slot {
    u64::from(hash) << 32 | (number as u64 + 1) & u64::from(u32::MAX)
}

#[inline]
fn number(slot: Slot) -> usize {
    (slot as u32 as usize).wrapping_sub(1)
}

#[inline]
fn hash(slot: Slot) -> u32 {
    (slot >> 32) as u32
}

impl NumbersByHash {
    /// Makes room for so many numbers in all.
    #[inline]
    pub(super) fn reserve(&mut self, numbers: usize) {
        while numbers * 3 > self.slots.len() * 2 {
            self.grow();
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        let slots = vec![FREE; (self.slots.len() * 2).max(FEWEST)];
        for slot in std::mem::replace(&mut self.slots, slots) {
            if slot != FREE {
                let free = self.probe(hash(slot), |_| false);
                self.slots[free] = slot;
            }
        }
    }

    /// The number behind that hash that `is_it` takes; where there is none, `new` is entered, for which there
    /// must be room.
    #[inline]
    pub(super) fn find_or_enter(
        &mut self,
        hash: u32,
        new: usize,
        is_it: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        let place = self.probe(hash, is_it);
        let found = &mut self.slots[place];
        if *found != FREE {
            return Some(number(*found));
        }
        *found = slot(hash, new);
        None
    }

    /// Removes the number, if it is there. All that were entered after it must be gone, and the table must not
    /// have grown since it was: none may lie beyond its place because of it.
    pub(super) fn take_back(&mut self, hash: u32, number: usize) {
        let place = self.probe(hash, |other| other == number);
        self.slots[place] = FREE;
    }

    /// The place of the number behind that hash that `is_it` takes, or the free one where it would be.
    #[inline]
    fn probe(&self, wanted: u32, is_it: impl Fn(usize) -> bool) -> usize {
        let mask = self.slots.len() - 1;
        let mut place = wanted as usize & mask;
        loop {
            let slot = self.slots[place];
            if slot == FREE || (hash(slot) == wanted && is_it(number(slot))) {
                return place;
            }
            place = (place + 1) & mask;
        }
    }

    /// Forgets the numbers and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.slots.fill(FREE);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Few hashes, so that most numbers are not where their hash leads.
        #[test]
        fn numbers_are_found_by_what_they_stand_for(names in prop::collection::vec(0_u32..90, 0..200)) {
            let mut table = NumbersByHash::default();
            for _ in 0..2 {
                for (number, name) in names.iter().enumerate() {
                    table.reserve(number + 1);
                    let first = names[..number].iter().position(|other| other == name);
                    let found = table.find_or_enter(name % 7, number, |other| names[other] == *name);
                    prop_assert_eq!(found, first);
                }
                table.clear();
            }
        }

        #[test]
        fn what_is_taken_back_was_never_there(hashes in prop::collection::vec(0_u32..7, 1..100), from: prop::sample::Index) {
            let mut table = NumbersByHash::default();
            table.reserve(hashes.len());
            let enter = |table: &mut NumbersByHash, number: usize| {
                table.find_or_enter(hashes[number], number, |other| other == number)
            };
            let from = from.index(hashes.len());
            for number in 0..hashes.len() {
                prop_assert_eq!(enter(&mut table, number), None);
            }
            for number in (from..hashes.len()).rev() {
                table.take_back(hashes[number], number);
            }
            for number in 0..hashes.len() {
                prop_assert_eq!(enter(&mut table, number), (number < from).then_some(number));
            }
        }
    }

    #[test]
    fn an_emptied_table_keeps_its_memory_and_takes_no_more() {
        let mut table = NumbersByHash::default();
        let mut fill = || {
            for number in 0..1_000 {
                table.reserve(number + 1);
                table.find_or_enter(number as u32 * 31, number, |_| false);
            }
            table.clear();
            table.slots.len()
        };
        assert_eq!((fill(), fill()), (2_048, 2_048));
    }
}
