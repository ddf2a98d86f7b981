//! The statements of a journal. They block: only the committing thread makes them, and whoever
//! opens the file.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::types::{Type, ValueRef};
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags, OptionalExtension, Row, params};

use super::super::{Account, Answer, KeyMark};
use super::super::{Ending, Fate, Fingerprint, JournalError, Past, Recalled, Rows};
use super::super::{Sending, SendingId, Written};
use super::JournalSummary;
use super::file;
use super::schema::{ALONE, APPLICATION_ID, DURABLE, TABLES, VERSION};
use crate::jobs::JobHandle;
use crate::outcome::Outcome;
use crate::report::Cause;

/// An open journal, locked for this process.
#[derive(Debug)]
pub(super) struct Database(Connection);

/// What a file turns out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Journal,
    /// A database without tables.
    Blank,
    Foreign,
}

impl Database {
    /// Opens the file and locks it; makes the tables of an empty one. What is no journal stays as it
    /// is.
    pub(super) fn open(path: &Path) -> Result<Self, JournalError> {
        let (database, kind) = Self::look_at(path)?;
        let ready = match kind {
            Kind::Journal => database.lock(),
            Kind::Blank => database.lock().and_then(|()| database.make_tables()),
            Kind::Foreign => return Err(JournalError::foreign(path)),
        };
        ready.map_err(|error| refused(path, &error))?;
        Ok(database)
    }

    /// Opens a journal to read which run it holds, and writes nothing into it; `None` for a file that
    /// holds none yet.
    pub(super) fn open_to_read(path: &Path) -> Result<Option<Self>, JournalError> {
        if file::is_blank(path) {
            return Ok(None);
        }
        let (database, kind) = Self::look_at(path)?;
        match kind {
            Kind::Journal => Ok(Some(database)),
            Kind::Blank => Ok(None),
            Kind::Foreign => Err(JournalError::foreign(path)),
        }
    }

    /// Opens a file that is there and sees what it is, before anything of it is changed.
    fn look_at(path: &Path) -> Result<(Self, Kind), JournalError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let looked = Connection::open_with_flags(path, flags).and_then(|connection| {
            let database = Database(connection);
            let kind = database.kind()?;
            Ok((database, kind))
        });
        looked.map_err(|error| refused(path, &error))
    }

    fn kind(&self) -> rusqlite::Result<Kind> {
        self.0.busy_timeout(Duration::ZERO)?;
        self.0.execute_batch(ALONE)?;
        let read = |name| self.0.pragma_query_value(None, name, |row| row.get(0));
        let marks: (i32, i32) = (read("application_id")?, read("user_version")?);
        Ok(match marks {
            (APPLICATION_ID, VERSION) => Kind::Journal,
            (0, 0) if self.is_empty()? => Kind::Blank,
            _ => Kind::Foreign,
        })
    }

    /// Takes the lock for as long as the file is open.
    fn lock(&self) -> rusqlite::Result<()> {
        self.0.execute_batch(DURABLE)?;
        self.0.execute_batch("BEGIN IMMEDIATE; COMMIT;")
    }

    fn is_empty(&self) -> rusqlite::Result<bool> {
        let tables = "SELECT count(*) FROM sqlite_schema";
        self.0
            .query_row(tables, [], |row| Ok(row.get::<_, i64>(0)? == 0))
    }

    fn make_tables(&self) -> rusqlite::Result<()> {
        self.0.execute_batch(&format!(
            "BEGIN; {TABLES} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}; \
             COMMIT;"
        ))
    }

    /// The run that the journal holds.
    pub(super) fn run(&self) -> Result<Option<JournalSummary>, JournalError> {
        let run = "SELECT run_id, operation, began, finished, options, base_url, key_salt, key_hash \
                   FROM run";
        let read = |row: &Row<'_>| {
            Ok(JournalSummary {
                run_id: row.get(0)?,
                operation: row.get(1)?,
                began: parsed(row, 2, |text| {
                    let time = DateTime::parse_from_rfc3339(text);
                    time.map(|time| time.with_timezone(&Utc))
                        .map_err(|error| error.to_string())
                })?,
                finished: row.get(3)?,
                options: parsed(row, 4, |text| {
                    serde_json::from_str(text).map_err(|error| error.to_string())
                })?,
                account: account(row)?,
            })
        };
        Ok(self.0.query_row(run, [], read).optional()?)
    }

    /// Writes down a run that begins.
    pub(super) fn begin_run(&self, run: &JournalSummary) -> Result<(), JournalError> {
        let began = run.began.to_rfc3339();
        let insert = "INSERT INTO run (run_id, operation, options, began, base_url, key_salt, key_hash, finished) \
             VALUES (?, ?, ?, ?, ?, ?, ?, 0)";
        let options = serde_json::Value::from(run.options.clone()).to_string();
        let Account { base_url, key } = &run.account;
        let (salt, hash) = key.map(|mark| (mark.salt, mark.hash)).unzip();
        let values = params![
            run.run_id,
            run.operation,
            options,
            began,
            base_url,
            salt,
            hash
        ];
        self.0.execute(insert, values)?;
        Ok(())
    }

    /// Takes up a run: what is not final holds for a finished run only.
    pub(super) fn take_up(&self, run: &JournalSummary) -> Result<Past, JournalError> {
        if !run.finished {
            self.0.execute("DELETE FROM ending WHERE NOT final", [])?;
        }
        let last = "SELECT max(last_row) FROM batch";
        let last: Option<i64> = self.0.query_row(last, [], |row| row.get(0))?;
        Ok(Past {
            finished: run.finished,
            last_row: last.map(i64::cast_unsigned),
            other_key: false,
        })
    }

    pub(super) fn finish_run(&self) -> rusqlite::Result<()> {
        self.0.execute("UPDATE run SET finished = 1", []).map(drop)
    }

    /// Begins a transaction, and ends it on the disk or not at all.
    pub(super) fn transaction<T>(
        &self,
        work: impl FnOnce(&Self) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        // Rolls back when it is dropped.
        let transaction = self.0.unchecked_transaction()?;
        let done = work(self)?;
        transaction.commit()?;
        Ok(done)
    }

    pub(super) fn sending(&self, batch: &Fingerprint, rows: &Rows) -> rusqlite::Result<SendingId> {
        let number = batch.number.cast_signed();
        let last = batch.rows.last().unwrap_or_default().cast_signed();
        let insert =
            "INSERT OR IGNORE INTO batch (number, rows, last_row, hash) VALUES (?, ?, ?, ?)";
        let values = params![number, batch.rows.to_string(), last, batch.hash];
        self.prepare(insert)?.execute(values)?;
        let insert = "INSERT INTO sending (batch, rows, fate) VALUES (?, ?, 'unanswered')";
        let values = params![number, rows.to_string()];
        let id = self.prepare(insert)?.insert(values)?;
        Ok(SendingId(id))
    }

    pub(super) fn answer(&self, answer: &Answer) -> rusqlite::Result<()> {
        if let (Some(sending), Some(fate)) = (answer.sending, &answer.fate) {
            let (fate, job) = words(fate)?;
            let update = "UPDATE sending SET fate = ?, job = ? WHERE id = ?";
            let values = params![fate, job, sending.0];
            self.prepare(update)?.execute(values)?;
        }
        let insert = "INSERT INTO ending (batch, rows, outcome, code, detail, pointer, final)
                      VALUES (?, ?, ?, ?, ?, ?, ?)";
        let mut insert = self.prepare(insert)?;
        for ending in &answer.endings {
            let reason = ending.reason.as_ref();
            insert.execute(params![
                answer.batch.cast_signed(),
                ending.rows.to_string(),
                ending.outcome.as_str(),
                reason.map(|reason| &reason.code),
                reason.map(|reason| &reason.detail),
                reason.map(|reason| &reason.pointer),
                answer.is_final,
            ])?;
        }
        Ok(())
    }

    pub(super) fn recall(&self, number: u64) -> rusqlite::Result<Option<Recalled>> {
        let key = number.cast_signed();
        let batch = "SELECT rows, hash FROM batch WHERE number = ?";
        let fingerprint = self.prepare(batch)?.query_row([key], |row| {
            Ok(Fingerprint {
                number,
                rows: rows(row, 0)?,
                hash: row.get(1)?,
            })
        });
        let Some(fingerprint) = fingerprint.optional()? else {
            return Ok(None);
        };
        let sendings = "SELECT id, rows, fate, job FROM sending WHERE batch = ? ORDER BY id";
        let mut sendings = self.prepare(sendings)?;
        let sendings = sendings.query_map([key], sending)?;
        let endings = "SELECT rows, outcome, code, detail, pointer, final FROM ending WHERE batch = ? ORDER BY id";
        let mut endings = self.prepare(endings)?;
        let endings = endings.query_map([key], ending)?;
        Ok(Some(Recalled {
            fingerprint,
            sendings: sendings.collect::<rusqlite::Result<_>>()?,
            endings: endings.collect::<rusqlite::Result<_>>()?,
        }))
    }

    /// A statement, kept for the next time.
    pub(super) fn prepare(&self, statement: &str) -> rusqlite::Result<CachedStatement<'_>> {
        self.0.prepare_cached(statement)
    }

    /// Lets the file hold no more pages than this, to see what a full disk does.
    #[cfg(test)]
    pub(super) fn limit_pages(&self, pages: u32) -> rusqlite::Result<()> {
        self.0
            .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
    }
}

fn refused(path: &Path, error: &rusqlite::Error) -> JournalError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => JournalError::InUse {
            path: path.to_owned(),
        },
        Some(ErrorCode::NotADatabase) => JournalError::foreign(path),
        _ => JournalError::Failed(format!("{}: {error}", path.display())),
    }
}

/// The words for a fate.
fn words(fate: &Fate) -> rusqlite::Result<(&'static str, Option<String>)> {
    let written = |job: &JobHandle| {
        let text = serde_json::to_string(job);
        text.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
    };
    Ok(match fate {
        Fate::Unanswered => ("unanswered", None),
        Fate::Refused => ("refused", None),
        Fate::Taken(job) => ("taken", job.as_ref().map(written).transpose()?),
    })
}

fn sending(row: &Row<'_>) -> rusqlite::Result<Sending> {
    Ok(Sending {
        id: SendingId(row.get(0)?),
        rows: rows(row, 1)?,
        fate: fate(row)?,
    })
}

fn fate(row: &Row<'_>) -> rusqlite::Result<Fate> {
    let is_job = row.get_ref(3)? != ValueRef::Null;
    let read = |text: &str| serde_json::from_str(text).map_err(|error| error.to_string());
    let job = is_job.then(|| parsed(row, 3, read)).transpose()?;
    parsed(row, 2, |word| match word {
        "unanswered" => Ok(Fate::Unanswered),
        "refused" => Ok(Fate::Refused),
        "taken" => Ok(Fate::Taken(job)),
        other => Err(format!("{other:?} is no fate")),
    })
}

pub(super) fn rows(row: &Row<'_>, index: usize) -> rusqlite::Result<Rows> {
    parsed(row, index, str::parse)
}

fn ending(row: &Row<'_>) -> rusqlite::Result<Written> {
    let code: Option<String> = row.get(2)?;
    let text = |index| {
        let text: rusqlite::Result<Option<String>> = row.get(index);
        text.map(Option::unwrap_or_default)
    };
    let reason = match code {
        None => None,
        Some(code) => Some(Cause {
            code,
            detail: text(3)?,
            pointer: text(4)?,
        }),
    };
    let outcome = parsed(row, 1, |word| {
        Outcome::of_word(word).ok_or_else(|| format!("{word:?} is no outcome"))
    })?;
    Ok(Written {
        ending: Ending {
            rows: rows(row, 0)?,
            outcome,
            reason,
        },
        is_final: row.get(5)?,
    })
}

/// The account that a run began with.
fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    let (salt, hash): (Option<[u8; 16]>, Option<[u8; 8]>) = (row.get(6)?, row.get(7)?);
    let key = salt.zip(hash).map(|(salt, hash)| KeyMark { salt, hash });
    Ok(Account {
        base_url: row.get(5)?,
        key,
    })
}

/// A text of a row, understood.
pub(super) fn parsed<T>(
    row: &Row<'_>,
    index: usize,
    read: impl FnOnce(&str) -> Result<T, String>,
) -> rusqlite::Result<T> {
    let text: String = row.get(index)?;
    read(&text)
        .map_err(|cause| rusqlite::Error::FromSqlConversionFailure(index, Type::Text, cause.into()))
}

impl JournalError {
    fn foreign(path: &Path) -> Self {
        JournalError::Foreign {
            path: path.to_owned(),
        }
    }
}

impl From<rusqlite::Error> for JournalError {
    fn from(error: rusqlite::Error) -> Self {
        JournalError::Failed(error.to_string())
    }
}
