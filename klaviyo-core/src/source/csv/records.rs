//! Splits the bytes of CSV into lines and cells.

use std::io::{self, BufRead};

use csv_core::ReadRecordResult;

use super::super::path::Bytes;
use super::super::place::LONGEST_ROW;
use super::super::separator::Separator;

/// How a reading ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    /// With a line's cells.
    Record,
    /// With a line that is longer than is kept. It has no cells.
    TooLong,
    /// With the end of the file inside quotes: the cells go on to there.
    Unclosed,
    /// With the end of the file.
    End,
}

/// The lines of a file, each of cells. A line in quotes goes on over several of the file's.
pub(super) struct Records {
    bytes: Bytes,
    parser: csv_core::Reader,
    /// Whether the file was read to its end, and the parser given a last line break behind it.
    at_end: bool,
    line: u64,
    last_line: u64,
}

impl Records {
    pub(super) fn new(bytes: Bytes, separator: Separator) -> Self {
        let mut parser = csv_core::ReaderBuilder::new();
        Records {
            bytes,
            parser: parser.delimiter(separator.byte()).build(),
            at_end: false,
            line: 0,
            last_line: 0,
        }
    }

    /// The line of the file on which the last record began.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// The line of the file on which the last record ended.
    pub(super) fn last_line(&self) -> u64 {
        self.last_line
    }

    /// Reads the next record.
    pub(super) fn read(&mut self, cells: &mut Cells) -> io::Result<Read> {
        cells.clear();
        let mut line_breaks = 0;
        let mut too_long = false;
        let mut at_line_end = false;
        loop {
            let bytes = self.bytes.fill_buf()?;
            // Behind a last line break, nothing but a quote can keep a record open.
            let is_added = bytes.is_empty() && !self.at_end;
            let bytes = if is_added { b"\n" } else { bytes };
            let is_unclosed = bytes.is_empty();
            let (text, ends) = cells.room();
            let (result, read, written, ended) = self.parser.read_record(bytes, text, ends);
            if is_added {
                self.at_end = read > 0;
                cells.keep(0, ended);
            } else {
                if let Some(last) = bytes[..read].last() {
                    at_line_end = *last == b'\n';
                }
                line_breaks += line_breaks_in(&text[..written]);
                self.bytes.consume(read);
                cells.keep(written, ended);
            }
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    if cells.grow().is_none() {
                        too_long = true;
                        cells.clear();
                    }
                }
                ReadRecordResult::Record => {
                    let line = self.parser.line() - u64::from(self.at_end);
                    self.last_line = line - u64::from(at_line_end);
                    // In quotes, the last line break is one of the text's.
                    self.line = line - u64::from(at_line_end && !is_unclosed) - line_breaks;
                    return Ok(if too_long {
                        // The ends of its last cells are counted from where it began.
                        cells.clear();
                        Read::TooLong
                    } else if is_unclosed {
                        cells.close();
                        Read::Unclosed
                    } else {
                        Read::Record
                    });
                }
                ReadRecordResult::End => return Ok(Read::End),
            }
        }
    }
}

fn line_breaks_in(text: &[u8]) -> u64 {
    text.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// The cells of a line, one behind the other.
#[derive(Debug, Default)]
pub(super) struct Cells {
    text: Vec<u8>,
    used: usize,
    ends: Vec<usize>,
    count: usize,
}

impl Cells {
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The cells as texts; none when they are not in UTF-8.
    pub(super) fn texts(&self) -> Option<impl Iterator<Item = &str>> {
        let text = std::str::from_utf8(&self.text[..self.used]).ok()?;
        let ends = &self.ends[..self.count];
        // A character may be cut in two by a comma; then neither half is one.
        let whole = ends.iter().all(|end| text.is_char_boundary(*end));
        let starts = std::iter::once(0).chain(ends.iter().copied());
        whole.then(|| starts.zip(ends).map(|(start, end)| &text[start..*end]))
    }

    /// The cells as a line of CSV, with quotes where they need them.
    pub(super) fn line(&self, separator: Separator) -> String {
        let separator = char::from(separator);
        let ends = &self.ends[..self.count];
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let cells = starts.zip(ends).map(|(start, end)| {
            let cell = String::from_utf8_lossy(&self.text[start..*end]);
            if cell.contains(['"', separator, '\n', '\r']) {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.into_owned()
            }
        });
        cells.collect::<Vec<_>>().join(&separator.to_string())
    }

    fn clear(&mut self) {
        self.used = 0;
        self.count = 0;
    }

    fn room(&mut self) -> (&mut [u8], &mut [usize]) {
        (&mut self.text[self.used..], &mut self.ends[self.count..])
    }

    fn keep(&mut self, written: usize, ended: usize) {
        self.used += written;
        self.count += ended;
    }

    /// Ends the last cell with what was kept of it.
    fn close(&mut self) {
        if let Some(last) = self.ends[..self.count].last_mut() {
            *last = self.used;
        }
    }

    /// Makes more room, unless there is as much as there may be.
    fn grow(&mut self) -> Option<()> {
        let bytes = (self.text.len() * 2).max(4096);
        let ends = (self.ends.len() * 2).max(64);
        if bytes > LONGEST_ROW || ends > LONGEST_ROW / size_of::<usize>() {
            return None;
        }
        self.text.resize(bytes, 0);
        self.ends.resize(ends, 0);
        Some(())
    }
}
