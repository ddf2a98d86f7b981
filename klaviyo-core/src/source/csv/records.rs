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
    separator: u8,
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
            separator: separator.byte(),
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
        if self.read_plain(cells)? {
            return Ok(Read::Record);
        }
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

impl Records {
    /// Reads a record that is one line, if all of it is at hand; any other, and the first, is left to the
    /// parser, which then is as if it had read this one.
    fn read_plain(&mut self, cells: &mut Cells) -> io::Result<bool> {
        if self.line == 0 {
            return Ok(false);
        }
        // The rest of a line break, or an empty line: no record.
        while self.bytes.fill_buf()?.first() == Some(&b'\n') {
            self.bytes.consume(1);
            self.parser.set_line(self.parser.line() + 1);
        }
        let bytes = self.bytes.fill_buf()?;
        let Some(end) = memchr::memchr(b'\n', bytes) else {
            return Ok(false);
        };
        let line = bytes[..end].strip_suffix(b"\r").unwrap_or(&bytes[..end]);
        if line.is_empty() || memchr::memchr(b'\r', line).is_some() {
            return Ok(false);
        }
        if cells.split(line, self.separator).is_none() {
            cells.clear();
            return Ok(false);
        }
        self.bytes.consume(end + 1);
        self.line = self.parser.line();
        self.last_line = self.line;
        self.parser.set_line(self.line + 1);
        Ok(true)
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

    /// Takes the cells of a line; none when it is no record by itself, or there is no room for it.
    fn split(&mut self, line: &[u8], separator: u8) -> Option<()> {
        while self.text.len() < line.len() {
            self.grow()?;
        }
        let mut rest = line;
        loop {
            let behind = match rest.strip_prefix(b"\"") {
                Some(quoted) => self.take_quoted(quoted)?,
                None => {
                    let end = memchr::memchr2(separator, b'"', rest).unwrap_or(rest.len());
                    self.take_text(&rest[..end]);
                    &rest[end..]
                }
            };
            if self.count == self.ends.len() {
                self.grow()?;
            }
            self.ends[self.count] = self.used;
            self.count += 1;
            match behind.split_first() {
                None => return Some(()),
                Some((mark, after)) if *mark == separator => rest = after,
                // A quote where none is expected; what it means, the parser knows.
                Some(_) => return None,
            }
        }
    }

    /// Takes a cell behind its quote; gives what follows it.
    fn take_quoted<'a>(&mut self, mut rest: &'a [u8]) -> Option<&'a [u8]> {
        loop {
            let end = memchr::memchr(b'"', rest)?;
            let behind = &rest[end + 1..];
            let Some(after) = behind.strip_prefix(b"\"") else {
                self.take_text(&rest[..end]);
                return Some(behind);
            };
            // Twice, it is a quote of the text's own.
            self.take_text(&rest[..=end]);
            rest = after;
        }
    }

    fn take_text(&mut self, text: &[u8]) {
        self.text[self.used..self.used + text.len()].copy_from_slice(text);
        self.used += text.len();
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

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use proptest::prelude::*;

    use super::*;

    /// The records, their lines, and how the reading of each ended.
    fn read(
        text: &str,
        separator: Separator,
        at_once: usize,
    ) -> Vec<(Read, u64, u64, Vec<String>)> {
        let bytes = io::Cursor::new(text.to_owned().into_bytes());
        let mut records = Records::new(
            Box::new(BufReader::with_capacity(at_once, bytes)),
            separator,
        );
        let mut cells = Cells::default();
        let mut all = Vec::new();
        loop {
            let read = records.read(&mut cells).unwrap();
            if read == Read::End {
                return all;
            }
            let texts = cells.texts().unwrap().map(str::to_owned).collect();
            all.push((read, records.line(), records.last_line(), texts));
        }
    }

    proptest! {
        #[test]
        fn plain_lines_are_what_the_parser_makes_of_them(text in "[a,;\"\n\rü]{0,40}", at_once in 2..64_usize) {
            // One byte at a time, no line is ever at hand as a whole.
            for separator in [Separator::COMMA, Separator::SEMICOLON] {
                prop_assert_eq!(read(&text, separator, at_once), read(&text, separator, 1));
            }
        }

        #[test]
        fn so_are_usual_files(lines in prop::collection::vec("([a-z]{0,3},){0,3}(\"[a-z,\n]{0,5}\"|[a-z]{0,9})(\r)?", 0..12)) {
            let text = lines.join("\n");
            let comma = Separator::COMMA;
            let records = read(&text, comma, 8192);
            prop_assert_eq!(&records, &read(&text, comma, 1));
            let mut line = 1;
            let mut expected = Vec::new();
            for record in &lines {
                let last = line + line_breaks_in(record.as_bytes());
                if !record.trim_end_matches('\r').is_empty() {
                    expected.push((line, last));
                }
                line = last + 1;
            }
            let places: Vec<_> = records.iter().map(|(_, line, last, _)| (*line, *last)).collect();
            prop_assert_eq!(places, expected);
        }
    }
}
