//! What is kept of jobs whose end is not known, to ask for it later, perhaps from another process.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::ops::Range;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::pointer::Layout;
use crate::report::ranges;

/// A job that Klaviyo began for a batch of rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct JobHandle {
    /// `operationId` of the bulk operation that began it.
    pub operation: String,
    /// Klaviyo's name for it, an opaque text.
    pub id: String,
    /// The rows that it was begun for, in the order of the request's items.
    pub rows: RowNumbers,
    /// When its request was answered, by this machine's clock.
    pub began: DateTime<Utc>,
    /// When Klaviyo forgets it, if it said so.
    pub expires: Option<DateTime<Utc>>,
}

/// A handle as a file has it, not checked yet.
#[derive(Deserialize)]
struct Written {
    operation: String,
    id: String,
    rows: RowNumbers,
    began: DateTime<Utc>,
    expires: Option<DateTime<Utc>>,
}

impl TryFrom<Written> for JobHandle {
    type Error = String;

    /// Refuses more rows than a request can have held: whoever ties errors to rows makes room for all.
    fn try_from(written: Written) -> Result<Self, String> {
        let caps = klaviyo_gen::find(&written.operation).and_then(|operation| operation.caps);
        let most = caps.and_then(|caps| caps.max_items);
        let rows = written.rows.len();
        if let Some(most) = most.filter(|&most| rows > u64::from(most)) {
            let Written { operation, id, .. } = written;
            return Err(format!(
                "job {id} has {rows} rows, but a request of {operation} holds {most} at most"
            ));
        }
        Ok(JobHandle {
            operation: written.operation,
            id: written.id,
            rows: written.rows,
            began: written.began,
            expires: written.expires,
        })
    }
}

/// Row numbers in the order of a request's items: stretches of consecutive ones, each as its first
/// number and its length.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<(u64, u64)>")]
pub struct RowNumbers(Vec<(u64, u64)>);

impl TryFrom<Vec<(u64, u64)>> for RowNumbers {
    type Error = String;

    /// Refuses what does not fit into 64 bits.
    fn try_from(stretches: Vec<(u64, u64)>) -> Result<Self, String> {
        let mut rows = 0_u64;
        for &(first, length) in &stretches {
            let end = first.checked_add(length);
            rows = (end.and(rows.checked_add(length)))
                .ok_or_else(|| format!("no source has {length} rows from row {first} on"))?;
        }
        Ok(RowNumbers(stretches))
    }
}

impl RowNumbers {
    /// How many they are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.0.iter().map(|&(_, length)| length).sum()
    }

    /// Whether there is none: the request named a list or a segment instead.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row number of the item at `index`.
    #[must_use]
    pub fn get(&self, index: u64) -> Option<u64> {
        let mut within = index;
        for &(first, length) in &self.0 {
            if within < length {
                return Some(first + within);
            }
            within -= length;
        }
        None
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        let stretches = self.0.iter();
        stretches.flat_map(|&(first, length)| first..first + length)
    }
}

impl FromIterator<u64> for RowNumbers {
    fn from_iter<I: IntoIterator<Item = u64>>(numbers: I) -> Self {
        let stretches = ranges(numbers).map(|range| (range.start, range.end - range.start));
        RowNumbers(stretches.collect())
    }
}

impl Layout for RowNumbers {
    fn items(&self) -> usize {
        usize::try_from(self.len()).unwrap_or(usize::MAX)
    }

    fn items_of_group(&self, _: usize) -> Range<usize> {
        // No operation that begins jobs groups its items.
        0..0
    }

    fn is_grouped(&self) -> bool {
        false
    }
}

/// Jobs whose end is not known, in the order in which they began. Hand them to
/// [`Jobs::poll`](super::Jobs::poll) or [`Jobs::wait`](super::Jobs::wait), now or later.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobHandles(Vec<JobHandle>);

impl JobHandles {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One after the other.
    pub fn iter(&self) -> std::slice::Iter<'_, JobHandle> {
        self.0.iter()
    }

    /// Adds one.
    pub fn push(&mut self, handle: JobHandle) {
        self.0.push(handle);
    }

    /// Writes them to a file as JSON. It replaces what was there only when it is whole, and only its
    /// owner may read it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let path = path.as_ref();
        let folder = path.parent().filter(|folder| folder.as_os_str() != "");
        // Temporary files are created with mode 0600.
        let file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        let mut writer = BufWriter::new(&file);
        serde_json::to_writer_pretty(&mut writer, self)?;
        writer.flush()?;
        drop(writer);
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    }

    /// Reads what [`JobHandles::save`] wrote.
    ///
    /// # Errors
    /// When the file cannot be read, or holds something else; the text says what is wrong in it.
    pub fn load(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|error| {
            let path = path.display();
            io::Error::new(error.kind(), format!("{path}: {error}"))
        })?;
        serde_json::from_reader(BufReader::new(file)).map_err(|error| {
            let kind = error.io_error_kind().unwrap_or(io::ErrorKind::InvalidData);
            let path = path.display();
            io::Error::new(kind, format!("{path} holds no handles of jobs: {error}"))
        })
    }
}

impl FromIterator<JobHandle> for JobHandles {
    fn from_iter<I: IntoIterator<Item = JobHandle>>(handles: I) -> Self {
        JobHandles(handles.into_iter().collect())
    }
}

impl IntoIterator for JobHandles {
    type Item = JobHandle;
    type IntoIter = std::vec::IntoIter<JobHandle>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a JobHandles {
    type Item = &'a JobHandle;
    type IntoIter = std::slice::Iter<'a, JobHandle>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_numbers_are_kept_as_stretches_in_their_order() {
        let numbers = [5, 6, 7, 9, 2, 3];
        let kept: RowNumbers = numbers.into_iter().collect();
        assert_eq!(kept.0, [(5, 3), (9, 1), (2, 2)]);
        assert_eq!(kept.iter().collect::<Vec<_>>(), numbers);
        assert_eq!(kept.len(), 6);
        let got: Vec<_> = (0..7).map(|index| kept.get(index)).collect();
        assert_eq!(got[..6], numbers.map(Some));
        assert_eq!(got[6], None);
    }

    #[test]
    fn rows_that_no_request_can_have_held_are_refused_with_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jobs.json");
        let load = |rows: &str| {
            let began = "1970-01-01T00:00:00Z";
            let handle = format!(
                r#"[{{"operation":"bulk_import_profiles","id":"am9i","rows":{rows},"began":"{began}"}}]"#
            );
            std::fs::write(&path, handle).unwrap();
            JobHandles::load(&path).map_err(|error| error.to_string())
        };
        assert_eq!(load("[[0,9000],[9500,1000]]").unwrap().len(), 1);
        let many = load("[[0,9000],[9500,1001]]").unwrap_err();
        let words = "jobs.json holds no handles of jobs: job am9i has 10001 rows, but a request of \
                     bulk_import_profiles holds 10000 at most";
        assert!(many.contains(words), "{many}");
        for beyond in [
            "[[18446744073709551615,2]]",
            "[[0,18446744073709551615],[0,1]]",
        ] {
            let error = load(beyond).unwrap_err();
            assert!(error.contains("no source has"), "{error}");
        }
    }

    #[test]
    fn handles_come_back_from_a_file_that_only_its_owner_reads() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jobs.json");
        let handle = JobHandle {
            operation: "bulk_import_profiles".to_owned(),
            id: "am9i==".to_owned(),
            rows: (0..3).collect(),
            began: DateTime::UNIX_EPOCH,
            expires: None,
        };
        let mut handles: JobHandles = [handle.clone()].into_iter().collect();
        std::fs::write(&path, "something else").unwrap();
        assert!(JobHandles::load(&path).is_err());
        handles.save(&path).unwrap();
        handles.push(handle);
        handles.save(&path).unwrap();
        assert_eq!(JobHandles::load(&path).unwrap(), handles);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
