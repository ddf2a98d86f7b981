//! The failures of a run, as lines of JSON: in memory while they are few, in a file when they are many.

#[cfg(feature = "arrow")]
mod arrow;

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tempfile::SpooledTempFile;

use super::RowFailure;

#[cfg(feature = "arrow")]
pub use self::arrow::FailureBatches;

/// Beyond this, failures go to an unnamed temporary file, which goes with the report.
const IN_MEMORY: usize = 8 * 1024 * 1024;

/// The failures of a run, in the order in which they became known.
#[derive(Default)]
pub struct Failures(Arc<Mutex<Kept>>);

struct Kept {
    lines: SpooledTempFile,
    /// Where the last whole line ends.
    end: u64,
    count: u64,
    /// Failures that could not be written (a full disk): kept here, so that none is lost.
    unwritten: Vec<RowFailure>,
}

impl fmt::Debug for Failures {
    /// Without the rows: they are customers' data.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = formatter.debug_struct("Failures");
        text.field("count", &self.len()).finish_non_exhaustive()
    }
}

impl Default for Kept {
    fn default() -> Self {
        Kept {
            lines: SpooledTempFile::new(IN_MEMORY),
            end: 0,
            count: 0,
            unwritten: Vec::new(),
        }
    }
}

impl Failures {
    /// Keeps a failure; gives where it stands.
    pub(super) fn push(&self, failure: RowFailure) -> Position {
        let mut kept = self.kept();
        let position = Position {
            offset: kept.end,
            unwritten: kept.unwritten.len(),
        };
        kept.count += 1;
        if !kept.unwritten.is_empty() || kept.write_line(&failure).is_err() {
            kept.unwritten.push(failure);
        }
        position
    }

    /// The same failures, for who reads them while others are added.
    pub(super) fn share(&self) -> Self {
        Failures(Arc::clone(&self.0))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.kept().count
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads them one after the other. An item is an error only when the temporary file cannot be read.
    pub fn iter(&self) -> FailuresIter<'_> {
        FailuresIter {
            failures: self,
            position: Position::default(),
        }
    }

    /// The failure at a position, which moves on to the next: for readers that cannot borrow.
    pub fn next_at(&self, position: &mut Position) -> Option<io::Result<RowFailure>> {
        let mut kept = self.kept();
        match kept.read_from(position.offset) {
            Ok(Some((failure, offset))) => {
                position.offset = offset;
                Some(Ok(failure))
            }
            Ok(None) => {
                let failure = kept.unwritten.get(position.unwritten)?;
                position.unwritten += 1;
                Some(Ok(failure.clone()))
            }
            Err(cause) => {
                // Said once: what follows could not be found either.
                position.offset = u64::MAX;
                Some(Err(cause))
            }
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Appends a line whole or not at all: a torn one is cut off again.
    fn write_line(&mut self, failure: &RowFailure) -> io::Result<()> {
        let mut line = serde_json::to_vec(failure)?;
        line.push(b'\n');
        self.lines.seek(SeekFrom::Start(self.end))?;
        self.lines.write_all(&line).inspect_err(|_| {
            let cut = self.lines.set_len(self.end);
            drop(cut);
        })?;
        self.end += line.len() as u64;
        Ok(())
    }

    /// The failure at `offset` bytes, and the offset behind it.
    fn read_from(&mut self, offset: u64) -> io::Result<Option<(RowFailure, u64)>> {
        if offset >= self.end {
            return Ok(None);
        }
        self.lines.seek(SeekFrom::Start(offset))?;
        let mut line = Vec::new();
        let mut reader = BufReader::with_capacity(1024, Read::by_ref(&mut self.lines));
        let length = reader.read_until(b'\n', &mut line)?;
        let failure = serde_json::from_slice(&line)?;
        Ok(Some((failure, offset + length as u64)))
    }
}

impl<'a> IntoIterator for &'a Failures {
    type Item = io::Result<RowFailure>;
    type IntoIter = FailuresIter<'a>;

    fn into_iter(self) -> FailuresIter<'a> {
        self.iter()
    }
}

impl FromIterator<RowFailure> for Failures {
    fn from_iter<I: IntoIterator<Item = RowFailure>>(several: I) -> Self {
        let failures = Failures::default();
        for failure in several {
            failures.push(failure);
        }
        failures
    }
}

/// How far somebody has read; the default is the beginning.
#[derive(Debug, Clone, Copy, Default)]
pub struct Position {
    offset: u64,
    unwritten: usize,
}

/// Reads failures one after the other.
#[derive(Debug)]
pub struct FailuresIter<'a> {
    failures: &'a Failures,
    position: Position,
}

impl Iterator for FailuresIter<'_> {
    type Item = io::Result<RowFailure>;

    fn next(&mut self) -> Option<Self::Item> {
        self.failures.next_at(&mut self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Outcome;

    fn failure(row: u64, item: &str) -> RowFailure {
        RowFailure {
            row,
            outcome: Outcome::Failed,
            code: "invalid".to_owned(),
            detail: "no\nline break ends it".to_owned(),
            pointer: String::new(),
            item: Some(item.to_owned()),
        }
    }

    #[test]
    fn they_come_back_in_order_from_memory_and_from_the_file() {
        let long = "x".repeat(IN_MEMORY / 4);
        let failures: Failures = (0..6).map(|row| failure(row, &long)).collect();
        assert_eq!(failures.len(), 6);
        let read: Vec<RowFailure> = failures.iter().map(Result::unwrap).collect();
        let expected: Vec<RowFailure> = (0..6).map(|row| failure(row, &long)).collect();
        assert_eq!(read, expected);
    }

    #[test]
    fn they_can_be_added_to_after_they_were_read() {
        let failures = Failures::default();
        failures.push(failure(1, ""));
        assert_eq!(failures.iter().count(), 1);
        failures.push(failure(2, ""));
        assert_eq!(failures.iter().count(), 2);
    }
}
