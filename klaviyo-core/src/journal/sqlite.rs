//! Journals in SQLite files.
mod commit;
mod database;
mod file;
mod lookups;
mod schema;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{Account, Journal, JournalError, Past};
use commit::Committer;
use database::Database;

/// Whether a run begins a journal, or takes one up.
///
/// The file is one run's, and one process's at a time; it names customers, so nobody but its owner
/// may read it (0600, where the system has such modes). What is written is on the disk before the
/// request that it announces is sent, so it outlives both the process and, as far as the disk keeps
/// its promises, the machine's power.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Journaling {
    /// Begins a journal; a file that holds a run already is refused.
    Begin(PathBuf),
    /// Resumes the run of this journal. The same operation, rows and options must be given again: other
    /// options are refused, and so are batches that come out differently. The run keeps its id.
    Resume(PathBuf),
}

/// The run of a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct JournalSummary {
    /// Names the run.
    pub run_id: String,
    /// `operationId` of its bulk operation.
    pub operation: String,
    /// The options on which it depends what is sent, by name.
    pub options: Map<String, Value>,
    /// When it began.
    pub began: DateTime<Utc>,
    /// Whether it came to its end; resuming it then only gives its report, and follows jobs on that were
    /// left open.
    pub finished: bool,
    pub(crate) account: Account,
}

impl JournalSummary {
    /// Reads which run a journal holds, and changes nothing in it.
    ///
    /// # Errors
    /// When the file is not there, is no journal, holds no run, or is in use.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, JournalError> {
        let path = path.as_ref();
        let empty = || JournalError::Empty {
            path: path.to_owned(),
        };
        file::must_be_there(path)?;
        let database = Database::open_to_read(path)?.ok_or_else(empty)?;
        database.run()?.ok_or_else(empty)
    }
}

/// A journal whose file is open, before its run is under way.
#[derive(Debug)]
pub(crate) struct Opening {
    database: Database,
    /// The run to be resumed.
    earlier: Option<JournalSummary>,
}

impl Opening {
    /// Opens the journal for a run of this operation.
    pub(crate) fn open(journaling: &Journaling, operation: &str) -> Result<Self, JournalError> {
        match journaling {
            Journaling::Begin(path) => {
                file::create(path)?;
                let database = Database::open(path)?;
                match database.run()? {
                    None => Ok(Opening {
                        database,
                        earlier: None,
                    }),
                    Some(run) => Err(JournalError::Taken {
                        path: path.clone(),
                        run_id: run.run_id,
                    }),
                }
            }
            Journaling::Resume(path) => {
                let empty = || JournalError::Empty { path: path.clone() };
                file::must_be_there(path)?;
                if file::is_blank(path) {
                    return Err(empty());
                }
                let database = Database::open(path)?;
                let run = database.run()?.ok_or_else(empty)?;
                differs("operation", &run.operation, operation)?;
                Ok(Opening {
                    database,
                    earlier: Some(run),
                })
            }
        }
    }

    /// The run to be resumed, if there is one.
    pub(crate) fn earlier(&self) -> Option<&JournalSummary> {
        self.earlier.as_ref()
    }

    /// Writes the run down, or takes it up.
    pub(crate) fn begin(self, run: &JournalSummary) -> Result<Arc<dyn Journal>, JournalError> {
        let past = match &self.earlier {
            None => {
                self.database.begin_run(run)?;
                None
            }
            Some(earlier) => {
                differs("run_id", &earlier.run_id, &run.run_id)?;
                same_options(&earlier.options, &run.options)?;
                let other_key = earlier.account.goes_on_as(&run.account)?;
                let past = self.database.take_up(earlier)?;
                Some(Past { other_key, ..past })
            }
        };
        Ok(Arc::new(Committer::start(self.database, past)?))
    }
}

#[cfg(test)]
impl Opening {
    /// Lets the file hold no more pages than this: a disk that is full.
    pub(crate) fn limit_pages(&self, pages: u32) {
        self.database.limit_pages(pages).unwrap();
    }
}

fn differs(what: &'static str, written: &str, given: &str) -> Result<(), JournalError> {
    if written == given {
        return Ok(());
    }
    Err(JournalError::OtherRun {
        what,
        written: written.to_owned(),
        given: given.to_owned(),
    })
}

fn same_options(
    written: &Map<String, Value>,
    given: &Map<String, Value>,
) -> Result<(), JournalError> {
    let in_words = |value: Option<&Value>| value.map_or("none".to_owned(), Value::to_string);
    for option in written.keys().chain(given.keys()) {
        let (written, given) = (written.get(option), given.get(option));
        if written != given {
            return Err(JournalError::OtherOption {
                option: option.clone(),
                written: in_words(written),
                given: in_words(given),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
