//! A file with a JSON object on each line: a row, or a dead letter, which is read for its row.

use std::collections::BTreeMap;
use std::io::{self, BufRead};
use std::path::Path;

use serde::{Serialize, Serializer};

use super::path::Bytes;
use super::place::{LONGEST_ROW, Place};
use super::{Source, SourceError, SourceOptions, SourceRow, View};
use crate::encode::{Json, Unsendable, check_json, checked_object};
use crate::report::row_of_letter;

/// The lines of a file. Blank ones are no rows.
pub(super) struct JsonLines {
    bytes: Bytes,
    place: Place,
    columns: BTreeMap<String, String>,
    line: String,
    /// Whether the file begins as a JSON array does; known behind its first lines that are blank.
    is_array: Option<bool>,
    /// Whether the line at hand is a dead letter with its row.
    is_letter: bool,
    /// Why the line at hand is no row.
    broken: Option<Unsendable>,
}

impl JsonLines {
    pub(super) fn new(path: &Path, bytes: Bytes, options: &SourceOptions) -> Self {
        JsonLines {
            bytes,
            place: Place::new(path),
            columns: options.columns.clone(),
            line: String::new(),
            is_array: None,
            is_letter: false,
            broken: None,
        }
    }

    /// Reads a line; false at the end of the file.
    fn read(&mut self) -> io::Result<bool> {
        let mut line = std::mem::take(&mut self.line).into_bytes();
        line.clear();
        let read = read_line(&mut self.bytes, LONGEST_ROW, &mut line)?;
        self.place.line += 1;
        self.broken = None;
        self.is_array = self.is_array.or_else(|| begins_array(&line));
        if read == LONGEST_ROW && line.last() != Some(&b'\n') {
            self.bytes.skip_until(b'\n')?;
            let hint = format!("each row needs a line of its own{}", self.array_hint());
            self.broken = Some(self.place.too_long(&hint));
            return Ok(true);
        }
        self.line = String::from_utf8(line).unwrap_or_else(|error| {
            self.broken = Some(self.place.broken("invalid_utf8", NOT_UTF8));
            String::from_utf8_lossy(error.as_bytes()).into_owned()
        });
        Ok(read > 0)
    }

    fn text(&self) -> &str {
        let text = if self.place.line == 1 {
            self.line.trim_start_matches('\u{feff}')
        } else {
            &self.line
        };
        text.trim_ascii()
    }

    /// The text of the row: the line, or what a dead letter has for it.
    fn row_text(&self) -> &str {
        let line = self.text();
        let letter = self.is_letter.then(|| row_of_letter(line).flatten());
        letter.flatten().unwrap_or(line)
    }

    /// Why the line is no JSON, if it is none.
    fn check(&self) -> Option<Unsendable> {
        let error = check_json(self.text()).err()?;
        let message = error.to_string();
        let message = message.split(" at line").next().unwrap_or_default();
        let (column, hint) = (error.column(), self.array_hint());
        let what = format!("is no JSON: {message}, at column {column}{hint}");
        Some(self.place.broken("invalid_json", &what))
    }

    /// What is said of a broken line besides.
    fn array_hint(&self) -> &'static str {
        match self.is_array {
            Some(true) => "; the file looks like a JSON array; write one object a line",
            _ => "",
        }
    }

    /// Why the line is no row, if it is an array that is the whole file.
    fn check_array(&self) -> Option<Unsendable> {
        let is_whole = self.is_array == Some(true) && self.text().starts_with('[');
        let is_whole = is_whole && check_json(self.text()).is_ok();
        let what = || format!("is an array{}", self.array_hint());
        is_whole.then(|| self.place.broken("not_an_object", &what()))
    }
}

/// Whether these are the first bytes of a JSON array; unknown when there are none but blanks.
fn begins_array(line: &[u8]) -> Option<bool> {
    let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
    line.trim_ascii_start().first().map(|first| *first == b'[')
}

/// Reads on up to a line's end, or `most` bytes; says how many there were.
fn read_line(bytes: &mut impl BufRead, most: usize, line: &mut Vec<u8>) -> io::Result<usize> {
    while line.len() < most && line.last() != Some(&b'\n') {
        let read = match bytes.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        let read = &read[..read.len().min(most - line.len())];
        if read.is_empty() {
            break;
        }
        let end = memchr::memchr(b'\n', read).map_or(read.len(), |end| end + 1);
        line.extend_from_slice(&read[..end]);
        bytes.consume(end);
    }
    Ok(line.len())
}

/// What a dead letter is told that was saved without its row.
const NO_ROW: &str =
    "is a dead letter without its row, which had no JSON form or was lost; take it from the source";

impl<'a> JsonRow<'a> {
    /// The text of an object under its own names.
    pub(super) fn object(self) -> Option<&'a str> {
        let lines = self.0;
        let text = lines.row_text();
        (text.starts_with('{') && lines.columns.is_empty()).then_some(text)
    }
}

/// A line as a row. That it is JSON is found out on the way.
#[derive(Clone, Copy)]
pub(super) struct JsonRow<'a>(&'a JsonLines);

impl std::fmt::Debug for JsonRow<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "JsonRow({:?})", self.0.place)
    }
}

impl Serialize for JsonRow<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let lines = self.0;
        let text = lines.row_text();
        if text.starts_with('{') {
            return checked_object(text, &lines.columns, || lines.check(), to);
        }
        match lines.check() {
            Some(fault) => fault.serialize(to),
            None => Json::of_checked(text).serialize(to),
        }
    }
}

/// What a text file that is not in UTF-8 is told.
pub(super) const NOT_UTF8: &str = "is not in UTF-8; convert the file first";

impl Source for JsonLines {
    fn advance(&mut self) -> Result<bool, SourceError> {
        while self.read().map_err(|error| self.place.io(error))? {
            if self.broken.is_some() {
                return Ok(true);
            }
            let text = self.text();
            if text.is_empty() {
                continue;
            }
            let row = row_of_letter(text).map(|row| row.is_some());
            self.is_letter = row == Some(true);
            self.broken = match row {
                Some(false) => Some(self.place.broken("no_row", NO_ROW)),
                Some(true) => None,
                None => self.check_array(),
            };
            return Ok(true);
        }
        Ok(false)
    }

    fn row(&self) -> SourceRow<'_> {
        if let Some(reason) = &self.broken {
            return SourceRow(View::Broken(reason));
        }
        SourceRow(match self.text() {
            "" => View::None,
            _ => View::Json(JsonRow(self)),
        })
    }

    fn place(&self) -> Option<String> {
        Some(self.place.in_words())
    }

    fn broken_text(&self) -> Option<String> {
        let is_broken = self.broken.is_some() || self.check().is_some();
        (is_broken && !self.line.is_empty()).then(|| self.text().to_owned())
    }
}
