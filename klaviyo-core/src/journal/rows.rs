//! Rows as a journal writes them: `0-4999,5001`.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use crate::report::ranges;

/// A set of row numbers, in increasing ranges.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Rows(Vec<Range<u64>>);

impl Rows {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.iter().cloned().flatten()
    }

    pub(crate) fn first(&self) -> Option<u64> {
        self.0.first().map(|range| range.start)
    }

    pub(crate) fn last(&self) -> Option<u64> {
        self.0.last().map(|range| range.end - 1)
    }

    /// Adds a row that is beyond all that are there.
    pub(super) fn push(&mut self, row: u64) {
        match self.0.last_mut() {
            Some(last) if last.end == row => last.end += 1,
            _ => self.0.push(row..row + 1),
        }
    }
}

impl FromIterator<u64> for Rows {
    /// Takes row numbers in any order: those that were looked up come behind those that need not be.
    fn from_iter<I: IntoIterator<Item = u64>>(rows: I) -> Self {
        let mut rows: Vec<u64> = rows.into_iter().collect();
        rows.sort_unstable();
        Rows(ranges(rows).collect())
    }
}

impl fmt::Display for Rows {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, range) in self.0.iter().enumerate() {
            if index > 0 {
                formatter.write_str(",")?;
            }
            write!(formatter, "{}", range.start)?;
            if range.end - range.start > 1 {
                write!(formatter, "-{}", range.end - 1)?;
            }
        }
        Ok(())
    }
}

impl FromStr for Rows {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut ranges: Vec<Range<u64>> = Vec::new();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let number = |text: &str| text.parse::<u64>().map_err(|_| not_rows(text));
            let (first, last) = (number(first)?, number(last)?);
            let follows = ranges.last().is_none_or(|before| before.end <= first);
            if !follows || last < first || last == u64::MAX {
                return Err(not_rows(text));
            }
            ranges.push(first..last + 1);
        }
        Ok(Rows(ranges))
    }
}

fn not_rows(text: &str) -> String {
    format!("{text:?} names no rows")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(rows in prop::collection::btree_set(0_u64..40, 0..30)) {
            let written: Rows = rows.iter().copied().collect();
            let read: Rows = written.to_string().parse().unwrap();
            prop_assert_eq!(&read, &written);
            prop_assert_eq!(read.iter().collect::<std::collections::BTreeSet<_>>(), rows.clone());
            prop_assert_eq!(read.first(), rows.first().copied());
            prop_assert_eq!(read.last(), rows.last().copied());
        }
    }

    #[test]
    fn it_is_short_and_readable() {
        let rows: Rows = [7, 8, 0, 1, 2, 5].into_iter().collect();
        assert_eq!(rows.to_string(), "0-2,5,7-8");
        for wrong in ["x", "3-1", "1,1", "5-6,2", "1-18446744073709551615"] {
            assert!(wrong.parse::<Rows>().is_err(), "{wrong}");
        }
    }
}
