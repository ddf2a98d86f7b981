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
        if read == LONGEST_ROW && line.last() != Some(&b'\n') {
            self.bytes.skip_until(b'\n')?;
            self.broken = Some(self.place.too_long("each row needs a line of its own"));
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
        let what = format!("is no JSON: {message}, at column {}", error.column());
        Some(self.place.broken("invalid_json", &what))
    }
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
            if row == Some(false) {
                self.broken = Some(self.place.broken("no_row", NO_ROW));
            }
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
