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

/// Row numbers in the order of a request's items: stretches of consecutive ones, each as its first
/// number and its length.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RowNumbers(Vec<(u64, u64)>);

impl RowNumbers {
    /// How many they are.
    #[must_use]
    pub fn len(&self) -> u64 {
        let lengths = self.0.iter().map(|&(_, length)| length);
        lengths.fold(0, u64::saturating_add)
    }

    /// Whether there is none: the request named a list or a segment instead.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row number of the item at `index`.
    #[must_use]
    pub fn get(&self, index: u64) -> Option<u64> {
        let mut before = 0_u64;
        for &(first, length) in &self.0 {
            let within = index - before;
            if within < length {
                return first.checked_add(within);
            }
            before = before.checked_add(length)?;
        }
        None
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        let stretches = self.0.iter();
        stretches.flat_map(|&(first, length)| first..first.saturating_add(length))
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
    /// When the file cannot be read, or holds something else.
    pub fn load(path: impl AsRef<Path>) -> io::Result<Self> {
        Ok(serde_json::from_reader(BufReader::new(File::open(path)?))?)
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
    fn a_file_of_anything_makes_no_number_overflow() {
        let odd = RowNumbers(vec![(u64::MAX, 2), (u64::MAX, u64::MAX)]);
        assert_eq!((odd.get(0), odd.get(1)), (Some(u64::MAX), None));
        assert_eq!((odd.len(), odd.get(u64::MAX)), (u64::MAX, None));
        assert_eq!(odd.iter().next(), None);
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
