//! Which parts of the spill file are in use. Pure.

use std::collections::BTreeMap;

/// A part of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) offset: u64,
    pub(super) length: u64,
}

/// Hands out parts of the file, freed ones first, so that it grows no longer than what is kept in it
/// at once, but for gaps.
#[derive(Debug, Default)]
pub(super) struct Extents {
    /// Lengths of the free parts before the end, by their offsets; no two of them touch.
    free: BTreeMap<u64, u64>,
    end: u64,
}

impl Extents {
    /// The first free part that is long enough, else one at the end.
    pub(super) fn take(&mut self, length: u64) -> Extent {
        let fitting = self.free.iter().find(|(_, free)| **free >= length);
        let Some((&offset, &free)) = fitting else {
            let offset = self.end;
            self.end += length;
            return Extent { offset, length };
        };
        self.free.remove(&offset);
        if free > length {
            self.free.insert(offset + length, free - length);
        }
        Extent { offset, length }
    }

    /// Takes a part back, and joins it with its neighbours.
    pub(super) fn give_back(&mut self, extent: Extent) {
        let Extent { mut offset, length } = extent;
        let mut end = offset + length;
        if let Some(behind) = self.free.remove(&end) {
            end += behind;
        }
        if let Some((&before, &free)) = self.free.range(..offset).next_back()
            && before + free == offset
        {
            self.free.remove(&before);
            offset = before;
        }
        if end == self.end {
            self.end = offset;
        } else {
            self.free.insert(offset, end - offset);
        }
    }

    /// Whether nothing is kept.
    pub(super) fn is_empty(&self) -> bool {
        self.end == 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_file_of_equal_parts_grows_no_longer_than_what_is_kept_at_once() {
        let mut extents = Extents::default();
        let mut kept: std::collections::VecDeque<Extent> =
            (0..4).map(|_| extents.take(5)).collect();
        for _ in 0..1000 {
            extents.give_back(kept.pop_front().unwrap());
            kept.push_back(extents.take(5));
        }
        assert_eq!(extents.end, 20);
    }

    proptest! {
        #[test]
        fn parts_in_use_never_overlap(steps in prop::collection::vec((1_u64..50, any::<prop::sample::Index>(), any::<bool>()), 1..200)) {
            let mut extents = Extents::default();
            let mut kept: Vec<Extent> = Vec::new();
            for (length, index, gives) in steps {
                if gives && !kept.is_empty() {
                    extents.give_back(kept.swap_remove(index.index(kept.len())));
                } else {
                    kept.push(extents.take(length));
                }
                kept.sort_by_key(|extent| extent.offset);
                let apart = kept.windows(2).all(|two| two[0].offset + two[0].length <= two[1].offset);
                prop_assert!(apart, "{:?}", kept);
                let used: u64 = kept.iter().map(|extent| extent.length).sum();
                let free: u64 = extents.free.values().sum();
                prop_assert_eq!(used + free, extents.end);
            }
            kept.into_iter().for_each(|extent| extents.give_back(extent));
            prop_assert!(extents.is_empty());
        }
    }
}
