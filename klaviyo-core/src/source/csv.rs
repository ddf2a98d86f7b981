//! A file of values with commas, or something else, between them: a line of names, then a line for each row.

mod records;

use std::path::Path;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::json_lines::NOT_UTF8;
use super::path::Bytes;
use super::place::Place;
use super::{Separator, Source, SourceError, SourceOptions, SourceRow, TextType, View};
use crate::encode::{Typed, Unsendable, Untyped};
use records::{Cells, Read, Records};

/// What CSV is separated by.
const SEPARATORS: [(char, &str); 4] = [
    (',', "commas"),
    (';', "semicolons"),
    ('\t', "tabs"),
    ('|', "bars"),
];

/// The rows of a file, below the names of its header.
pub(super) struct CsvRows {
    records: Records,
    separator: Separator,
    place: Place,
    header: Vec<Column>,
    cells: Cells,
    /// Whether there is a row at hand.
    at_row: bool,
    /// Why it cannot be read.
    broken: Option<Unsendable>,
}

#[derive(Debug)]
struct Column {
    name: String,
    /// What its cells stand for, if that was said.
    stands_for: Option<TextType>,
}

impl CsvRows {
    /// Reads the header.
    pub(super) fn new(
        path: &Path,
        bytes: Bytes,
        options: &SourceOptions,
    ) -> Result<Self, SourceError> {
        let mut rows = CsvRows {
            records: Records::new(bytes, options.separator),
            separator: options.separator,
            place: Place::new(path),
            header: Vec::new(),
            cells: Cells::default(),
            at_row: false,
            broken: None,
        };
        let has_header = rows.advance()?;
        if let Some(Unsendable { detail, .. }) = rows.broken.take() {
            return Err(SourceError::Data {
                source_name: rows.place.source_name(),
                reason: format!("the header cannot be read: {detail}"),
            });
        }
        if has_header {
            rows.header = rows.read_header(options)?;
            rows.at_row = false;
        }
        Ok(rows)
    }

    fn read_header(&self, options: &SourceOptions) -> Result<Vec<Column>, SourceError> {
        let given = self.cells.texts().ok_or_else(|| SourceError::Data {
            source_name: self.place.source_name(),
            reason: format!("the header {NOT_UTF8}"),
        })?;
        let given: Vec<&str> = given.map(str::trim).collect();
        self.check_separator(&given, options)?;
        self.check_names(&given, options)?;
        options.check_columns(&given, &self.place.source_name())?;
        options.check_types(&given, &self.place.source_name())?;
        let column = |name: &&str| {
            let name = options.name(name);
            Column {
                name: name.to_owned(),
                stands_for: options.types.get(name).copied(),
            }
        };
        Ok(given.iter().map(column).collect())
    }

    /// What has no name is no column that could be sent, or left out without a word.
    fn check_names(&self, given: &[&str], options: &SourceOptions) -> Result<(), SourceError> {
        let mut names = given.iter().map(|name| options.name(name));
        names.position(str::is_empty).map_or(Ok(()), |index| {
            Err(SourceError::Format {
                path: self.place.path().to_owned(),
                reason: format!(
                    "column {} has no name, as when a line ends in a comma; name it in the header or by \
                     columns={{\"\": \"properties.…\"}}, or take it out of the file",
                    index + 1
                ),
            })
        })
    }

    /// A file that is separated by something else than is said looks like one column.
    fn check_separator(&self, given: &[&str], options: &SourceOptions) -> Result<(), SourceError> {
        let [only] = given else { return Ok(()) };
        let mut others = SEPARATORS.iter();
        let found =
            others.find(|(mark, _)| *mark != char::from(self.separator) && only.contains(*mark));
        match found.filter(|_| !options.columns.contains_key(*only)) {
            None => Ok(()),
            Some((mark, name)) => Err(SourceError::Format {
                path: self.place.path().to_owned(),
                reason: format!(
                    "its one column is called {only:?}, so it seems to be separated by {name}: give \
                     separator={:?}",
                    mark.to_string()
                ),
            }),
        }
    }

    /// What a quote did that is closed on a later line: a stray one swallows all lines up to the next.
    fn swallowed(&self) -> String {
        let (first, last) = (self.records.line(), self.records.last_line());
        if last == first {
            return String::new();
        }
        format!(
            "; a quote that is opened in it is closed in line {last}, so all lines from {first} to {last} \
             were read as this one: mend the quote, and read them again"
        )
    }

    /// What a quote did that nothing closes: it swallows all lines up to the end of the file.
    fn unclosed(&self) -> Unsendable {
        let (first, last) = (self.records.line(), self.records.last_line());
        let swallowed = match last - first {
            0 => String::new(),
            1 => format!(", so line {last} behind it was read as a part of it"),
            lines => format!(
                ", so the {lines} lines behind it, {} to {last}, were read as a part of it",
                first + 1
            ),
        };
        let what = format!(
            "opens a quote that nothing closes{swallowed}: mend the quote, and read it again"
        );
        self.place.broken("unclosed_quote", &what)
    }

    /// Why the line at hand is no row, if it is none.
    fn check(&self) -> Option<Unsendable> {
        let (cells, columns) = (self.cells.len(), self.header.len());
        if cells != columns {
            let quote = self.swallowed();
            let what = format!("has {cells} cells, and the header has {columns}{quote}");
            return Some(self.place.broken("ragged_line", &what));
        }
        let texts = self.cells.texts();
        texts
            .is_none()
            .then(|| self.place.broken("invalid_utf8", NOT_UTF8))
    }
}

impl Source for CsvRows {
    fn advance(&mut self) -> Result<bool, SourceError> {
        let read = self.records.read(&mut self.cells);
        let read = read.map_err(|error| self.place.io(error))?;
        self.place.line = self.records.line();
        self.at_row = read != Read::End;
        self.broken = match read {
            Read::TooLong => Some(self.place.too_long("is a quote missing?")),
            Read::Unclosed => Some(self.unclosed()),
            // The header itself is read with none before it.
            Read::Record if !self.header.is_empty() => self.check(),
            Read::Record | Read::End => None,
        };
        Ok(self.at_row)
    }

    fn row(&self) -> SourceRow<'_> {
        SourceRow(match &self.broken {
            Some(reason) => View::Broken(reason),
            None if self.at_row => View::Csv(CsvRow(self)),
            None => View::None,
        })
    }

    fn place(&self) -> Option<String> {
        Some(self.place.in_words())
    }

    fn broken_text(&self) -> Option<String> {
        let is_there = self.broken.is_some() && self.cells.len() > 0;
        is_there.then(|| self.cells.line(self.separator))
    }
}

/// A line as a row.
#[derive(Clone, Copy)]
pub(super) struct CsvRow<'a>(&'a CsvRows);

impl std::fmt::Debug for CsvRow<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "CsvRow({:?})", self.0.place)
    }
}

impl Serialize for CsvRow<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.header.len()))?;
        for (column, text) in self
            .0
            .header
            .iter()
            .zip(self.0.cells.texts().into_iter().flatten())
        {
            match (text, column.stands_for) {
                ("", _) => map.serialize_entry(&column.name, &())?,
                (_, Some(stands_for)) => {
                    map.serialize_entry(&column.name, &Typed { text, stands_for })?;
                }
                (_, None) => map.serialize_entry(&column.name, &Untyped(text))?,
            }
        }
        map.end()
    }
}
