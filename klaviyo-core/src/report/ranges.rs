//! Row numbers, folded into ranges of consecutive ones.

use std::ops::Range;

/// Folds increasing row numbers into as few ranges as they need.
pub(crate) fn ranges(rows: impl IntoIterator<Item = u64>) -> impl Iterator<Item = Range<u64>> {
    let mut rows = rows.into_iter().peekable();
    std::iter::from_fn(move || {
        let first = rows.next()?;
        let mut end = first + 1;
        while rows.next_if_eq(&end).is_some() {
            end += 1;
        }
        Some(first..end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_part_ranges() {
        let folded: Vec<_> = ranges([0, 1, 2, 4, 7, 8]).collect();
        assert_eq!(folded, [0..3, 4..5, 7..9]);
        assert_eq!(ranges([]).count(), 0);
    }
}
