//! The row numbers of a batch's items: mostly one after the other, so only where they are not is kept.

/// The row numbers of items, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Numbers {
    runs: Vec<Run>,
    count: usize,
}

/// Items whose rows follow each other.
#[derive(Debug, Clone, Copy)]
struct Run {
    /// The index of the first of them.
    index: usize,
    /// Its row.
    row: u64,
}

impl Run {
    fn row(self, index: usize) -> u64 {
        self.row + (index - self.index) as u64
    }
}

impl Numbers {
    pub(super) fn push(&mut self, row: u64) {
        let index = self.count;
        if self.runs.last().map(|run| run.row(index)) != Some(row) {
            self.runs.push(Run { index, row });
        }
        self.count += 1;
    }

    /// The row of the item at `index`.
    ///
    /// # Panics
    /// When there is no such item.
    pub(super) fn row(&self, index: usize) -> u64 {
        assert!(index < self.count, "no item {index} of {}", self.count);
        let behind = self.runs.partition_point(|run| run.index <= index);
        self.runs[behind - 1].row(index)
    }

    /// All rows, in the order of their items.
    pub(super) fn iter(&self) -> impl Iterator<Item = u64> + Clone + '_ {
        let ends = self.runs.iter().skip(1).map(|run| run.index);
        let ends = ends.chain(std::iter::once(self.count));
        let runs = self.runs.iter().zip(ends);
        runs.flat_map(|(run, end)| (run.index..end).map(|index| run.row(index)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_come_back(rows in prop::collection::vec(0_u64..12, 0..40)) {
            let mut numbers = Numbers::default();
            rows.iter().for_each(|row| numbers.push(*row));
            prop_assert_eq!(numbers.iter().collect::<Vec<_>>(), rows.clone());
            for (index, row) in rows.into_iter().enumerate() {
                prop_assert_eq!(numbers.row(index), row);
            }
        }
    }

    #[test]
    fn rows_in_order_take_one_run() {
        let mut numbers = Numbers::default();
        (7..10_007).for_each(|row| numbers.push(row));
        assert_eq!(numbers.runs.len(), 1);
    }
}
