//! Rows that did not get through, as a file to mend and to send again: one JSON object a line.

use std::error::Error as _;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use tempfile::NamedTempFile;

use super::{Failures, RowFailure};
use crate::outcome::Outcome;

/// A row that did not get through, or may not have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// The row's number in the source, from 0.
    pub row: u64,
    /// `rejected`, `failed` or `unknown`. What is `unknown` may have been applied: look before it is
    /// sent again.
    pub outcome: Outcome,
    /// The kind of reason: one of ours, or Klaviyo's own.
    pub code: String,
    /// What is wrong.
    pub detail: String,
    /// The field as the row names it (`rejected`), or Klaviyo's JSON pointer.
    pub pointer: String,
    /// The row: as given when it was rejected, else as sent (an event with its profile). `None` when
    /// the one has no JSON form, or the other was lost.
    pub item: Option<Value>,
}

/// A dead letter on its way out: the item is JSON already.
#[derive(Serialize)]
struct Outgoing<'a> {
    row: u64,
    outcome: Outcome,
    code: &'a str,
    detail: &'a str,
    pointer: &'a str,
    item: Option<&'a RawValue>,
}

impl Failures {
    /// Writes every failure as a line of JSON (see [`DeadLetter`]); gives their number.
    ///
    /// # Errors
    /// When one cannot be read back or written.
    pub fn write_dead_letters(&self, mut to: impl Write) -> io::Result<u64> {
        let mut written = 0;
        for failure in self {
            write_letter(&mut to, &failure?)?;
            written += 1;
        }
        Ok(written)
    }

    /// Writes every failure to a file of JSON lines; gives their number. It replaces what was there
    /// only when it is whole, and only its owner may read it.
    ///
    /// # Errors
    /// When a failure cannot be read back, or the file cannot be written.
    pub fn save_dead_letters(&self, path: impl AsRef<Path>) -> io::Result<u64> {
        let path = path.as_ref();
        let folder = path.parent().filter(|folder| folder.as_os_str() != "");
        // Temporary files are created with mode 0600.
        let file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")));
        let file = file.map_err(|error| named(path, &error))?;
        let mut writer = BufWriter::new(&file);
        let written = self.write_dead_letters(&mut writer)?;
        writer.flush()?;
        drop(writer);
        file.as_file().sync_all()?;
        file.persist(path)
            .map_err(|unkept| named(path, &unkept.error))?;
        Ok(written)
    }
}

/// The error with the path that was given: nobody knows of a temporary file.
fn named(path: &Path, error: &io::Error) -> io::Error {
    let cause = error
        .source()
        .map_or_else(|| error.to_string(), ToString::to_string);
    io::Error::new(error.kind(), format!("{}: {cause}", path.display()))
}

/// What a line of such a file is read for when its rows are wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Incoming<'a> {
    #[serde(rename = "row")]
    _row: u64,
    #[serde(rename = "outcome")]
    _outcome: Outcome,
    #[serde(rename = "code")]
    _code: IgnoredAny,
    #[serde(rename = "detail")]
    _detail: IgnoredAny,
    #[serde(rename = "pointer")]
    _pointer: IgnoredAny,
    #[serde(borrow)]
    item: Option<&'a RawValue>,
}

/// The row of a line that is a dead letter, if the letter has one; `None` for any other line.
pub(crate) fn row_of_letter(line: &str) -> Option<Option<&str>> {
    // Hardly any line that is none is read twice.
    line.strip_prefix('{')?
        .trim_start()
        .strip_prefix("\"row\"")?;
    let letter: Incoming<'_> = serde_json::from_str(line).ok()?;
    Some(letter.item.map(RawValue::get))
}

fn write_letter(to: &mut impl Write, failure: &RowFailure) -> io::Result<()> {
    let item = failure.item.as_deref();
    let letter = Outgoing {
        row: failure.row,
        outcome: failure.outcome,
        code: &failure.code,
        detail: &failure.detail,
        pointer: &failure.pointer,
        item: item.map(serde_json::from_str).transpose()?,
    };
    serde_json::to_writer(&mut *to, &letter)?;
    to.write_all(b"\n")
}

/// Reads dead letters from a file, one after the other.
#[derive(Debug)]
pub struct DeadLetters {
    lines: io::Lines<BufReader<File>>,
    line: u64,
}

impl DeadLetters {
    /// Opens what [`Failures::save_dead_letters`] wrote.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let lines = BufReader::new(File::open(path)?).lines();
        Ok(DeadLetters { lines, line: 0 })
    }

    fn read(line: &str) -> io::Result<DeadLetter> {
        Ok(serde_json::from_str(line)?)
    }
}

impl Iterator for DeadLetters {
    type Item = io::Result<DeadLetter>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = self.lines.next()?;
            self.line += 1;
            // Whoever mended the file by hand may have left an empty line.
            if line.as_ref().is_ok_and(|line| line.trim().is_empty()) {
                continue;
            }
            let letter = line.and_then(|line| Self::read(&line));
            let number = self.line;
            return Some(
                letter.map_err(|error| {
                    io::Error::new(error.kind(), format!("line {number}: {error}"))
                }),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn failure(row: u64, item: Option<&str>) -> RowFailure {
        RowFailure {
            row,
            outcome: Outcome::Failed,
            code: "invalid".to_owned(),
            detail: "it ends\nhere".to_owned(),
            pointer: "/data/0".to_owned(),
            item: item.map(str::to_owned),
        }
    }

    #[test]
    fn letters_come_back_with_their_items_as_json() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("letters.ndjson");
        let item = r#"{"type":"profile","attributes":{"email":"ada@shop.example"}}"#;
        let failures: Failures = [failure(3, Some(item)), failure(9, None)]
            .into_iter()
            .collect();
        assert_eq!(failures.save_dead_letters(&path).unwrap(), 2);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 2);
        assert!(
            text.contains(item),
            "the item is not a text inside JSON: {text}"
        );
        let letters: io::Result<Vec<_>> = DeadLetters::open(&path).unwrap().collect();
        let letters = letters.unwrap();
        let email = json!("ada@shop.example");
        assert_eq!(
            letters[0].item.as_ref().unwrap()["attributes"]["email"],
            email
        );
        assert_eq!((letters[1].row, letters[1].item.as_ref()), (9, None));
        assert_eq!(letters[0].detail, "it ends\nhere");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_them() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("letters.ndjson");
        Failures::default().save_dead_letters(&path).unwrap();
        let mode = path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_letter_is_told_from_a_row() {
        let letter = r#"{ "row": 3, "outcome": "failed", "code": "x", "detail": "a\"b", "pointer": "",
            "item": {"email": "ada@shop.example"}}"#;
        let row = r#"{"email": "ada@shop.example"}"#;
        assert_eq!(row_of_letter(letter), Some(Some(row)));
        let lost = letter.replace(row, "null");
        assert_eq!(row_of_letter(&lost), Some(None));
        for other in [
            row,
            r#"{"row": 3}"#,
            &letter.replace("failed", "fine"),
            &letter.replace("pointer", "where"),
            &letter.replace("\"code\"", "\"row\": 1, \"code\""),
        ] {
            assert_eq!(row_of_letter(other), None, "{other}");
        }
    }

    #[test]
    fn a_line_that_is_no_letter_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("letters.ndjson");
        std::fs::write(&path, "\n{\"row\": 1}\n").unwrap();
        let error = DeadLetters::open(&path)
            .unwrap()
            .next()
            .unwrap()
            .unwrap_err();
        assert!(error.to_string().starts_with("line 2: "), "{error}");
    }
}
