//! Bulk profile imports: their rows until the job ends, and what became of them.

use std::borrow::Cow;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Lists;
use super::identifier::Identifier;
use super::ids::Ids;
use super::jobs::Job;
use super::profile::{Nulls, ProfileChange};
use super::profiles::{Conflict, Profiles, Slot};
use super::verbatim;
use crate::settings::OnTakenPhoneNumber;

/// The work of a bulk profile import.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Import {
    /// The lists that its profiles are put on.
    pub(crate) lists: Vec<String>,
    pub(crate) total: usize,
    /// Empty once the job has ended.
    rows: Vec<ImportRow>,
    /// The profiles that were created or changed, one for each row that went well.
    pub(crate) profiles: Vec<Slot>,
    pub(crate) errors: Vec<ImportError>,
    /// Rows that went down the sink.
    sunk: usize,
}

/// A row that waits for its job to end.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ImportRow {
    /// Its place in the request.
    pub(crate) index: usize,
    pub(crate) change: ProfileChange,
    /// The row as it came; a part of the request's body, not a copy.
    #[serde(with = "verbatim")]
    pub(crate) original: Bytes,
}

/// Why a row was not imported.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ImportError {
    pub(crate) id: String,
    pub(crate) code: Cow<'static, str>,
    pub(crate) title: Cow<'static, str>,
    pub(crate) detail: String,
    pub(crate) pointer: String,
    /// A copy: as a part of the request's body it would keep the whole of it in memory.
    #[serde(with = "verbatim")]
    pub(crate) original: Bytes,
}

impl Import {
    pub(crate) fn new(rows: Vec<ImportRow>, lists: Vec<String>) -> Self {
        Self {
            lists,
            total: rows.len(),
            rows,
            profiles: Vec::new(),
            errors: Vec::new(),
            sunk: 0,
        }
    }

    /// An import whose rows nobody kept.
    pub(crate) fn sunk(rows: usize) -> Self {
        Self {
            total: rows,
            sunk: rows,
            ..Self::new(Vec::new(), Vec::new())
        }
    }

    /// How many rows went well.
    pub(crate) fn completed(&self) -> usize {
        self.profiles.len() + self.sunk
    }
}

/// What an import writes to.
pub(super) struct Importer<'a> {
    pub(super) profiles: &'a mut Profiles,
    pub(super) lists: &'a mut Lists,
    pub(super) taken_phone_number: OnTakenPhoneNumber,
    pub(super) ids: Ids,
}

impl Importer<'_> {
    /// Applies all rows of a job whose end has come.
    pub(super) fn run(&mut self, job: &mut Job<Import>) {
        let (number, ends) = (job.number, job.ends);
        for row in std::mem::take(&mut job.work.rows) {
            match self.write(row.change, ends) {
                Ok(slot) => {
                    self.put_on_lists(&job.work.lists, slot, ends);
                    job.work.profiles.push(slot);
                }
                Err(conflict) => {
                    let id = self.ids.nth_of(number, job.work.errors.len());
                    job.work
                        .errors
                        .push(ImportError::new(id, conflict, row.index, &row.original));
                }
            }
        }
    }

    /// Writes a row, and takes its phone number from it where that is what the setting says.
    fn write(&mut self, mut change: ProfileChange, now: DateTime<Utc>) -> Result<Slot, Conflict> {
        let mut place = self.profiles.identify(&change);
        if self.taken_phone_number == OnTakenPhoneNumber::DropNumber
            && matches!(place, Err(Conflict::Taken(Identifier::PhoneNumber, _)))
        {
            change.identifiers.set(Identifier::PhoneNumber, None);
            place = self.profiles.identify(&change);
        }
        Ok(self.profiles.put(place?, change, Nulls::Ignore, now))
    }

    fn put_on_lists(&mut self, lists: &[String], slot: Slot, now: DateTime<Utc>) {
        for list in lists {
            // A list that was deleted meanwhile takes nobody.
            if let Some(list) = self.lists.get_mut(list) {
                list.add(slot, now);
            }
        }
    }
}

impl ImportError {
    fn new(id: String, conflict: Conflict, index: usize, original: &[u8]) -> Self {
        let (field, detail) = match conflict {
            Conflict::UnknownId => ("id", "No profile has this id.".to_owned()),
            Conflict::Taken(by, _) => (
                by.name(),
                format!("Another profile has this {}.", by.name()),
            ),
        };
        Self {
            id,
            code: "invalid".into(),
            title: "The row was not imported.".into(),
            detail,
            pointer: format!("/data/attributes/profiles/data/{index}/attributes/{field}"),
            original: Bytes::copy_from_slice(original),
        }
    }
}
