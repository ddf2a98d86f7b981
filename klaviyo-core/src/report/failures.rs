//! The failures of a run, as lines of JSON: in memory while they are few, in a file when they are many.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, PoisonError};

use tempfile::SpooledTempFile;

use super::RowFailure;

/// Beyond this, failures go to an unnamed temporary file, which goes with the report.
const IN_MEMORY: usize = 8 * 1024 * 1024;

/// The failures of a run, in the order in which they became known.
#[derive(Debug)]
pub struct Failures {
    lines: Mutex<SpooledTempFile>,
    count: u64,
    /// Failures that could not be written (a full disk): kept here, so that none is lost.
    unwritten: Vec<RowFailure>,
}

impl Default for Failures {
    fn default() -> Self {
        Failures {
            lines: Mutex::new(SpooledTempFile::new(IN_MEMORY)),
            count: 0,
            unwritten: Vec::new(),
        }
    }
}

impl Failures {
    pub(super) fn push(&mut self, failure: RowFailure) {
        self.count += 1;
        let lines = self.lines.get_mut().unwrap_or_else(PoisonError::into_inner);
        if !self.unwritten.is_empty() || write_line(lines, &failure).is_err() {
            self.unwritten.push(failure);
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.count
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
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
        match self.read_from(position.offset) {
            Ok(Some((failure, offset))) => {
                position.offset = offset;
                Some(Ok(failure))
            }
            Ok(None) => {
                let failure = self.unwritten.get(position.unwritten)?;
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

    /// The failure at `offset` bytes, and the offset behind it.
    fn read_from(&self, offset: u64) -> io::Result<Option<(RowFailure, u64)>> {
        if offset == u64::MAX {
            return Ok(None);
        }
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.seek(SeekFrom::Start(offset))?;
        let mut line = Vec::new();
        let mut reader = BufReader::with_capacity(1024, Read::by_ref(&mut *lines));
        let length = reader.read_until(b'\n', &mut line)?;
        if line.last() != Some(&b'\n') {
            return Ok(None);
        }
        let failure = serde_json::from_slice(&line)?;
        Ok(Some((failure, offset + length as u64)))
    }
}

/// Appends a line whole or not at all: a torn one is cut off again.
fn write_line(lines: &mut SpooledTempFile, failure: &RowFailure) -> io::Result<()> {
    let end = lines.seek(SeekFrom::End(0))?;
    let mut line = serde_json::to_vec(failure)?;
    line.push(b'\n');
    lines.write_all(&line).inspect_err(|_| {
        let cut = lines.set_len(end);
        drop(cut);
    })
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
        let mut failures = Failures::default();
        several
            .into_iter()
            .for_each(|failure| failures.push(failure));
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
        let mut failures = Failures::default();
        failures.push(failure(1, ""));
        assert_eq!(failures.iter().count(), 1);
        failures.push(failure(2, ""));
        assert_eq!(failures.iter().count(), 2);
    }
}
