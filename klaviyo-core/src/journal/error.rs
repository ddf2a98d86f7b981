//! What can go wrong with a journal.

use std::path::PathBuf;

/// What can go wrong with a journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Another run uses the file right now.
    #[error("the journal {} is in use by another run", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// A run was to begin in a file that holds one already.
    #[error(
        "the journal {} holds run {run_id} already: resume it, or take another file",
        path.display()
    )]
    Taken {
        /// The file.
        path: PathBuf,
        /// The run in it.
        run_id: String,
    },
    /// A run was to be resumed from a file that is not there.
    #[error("there is no journal {}: its name is another, or no run was begun with it", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// A run was to be resumed from a file that holds none: it was killed before it sent anything, or the
    /// file was copied without what was written last.
    #[error(
        "the journal {path} holds no run: nothing was sent yet, unless this is a copy without \
         {path}-wal, which holds what was written last",
        path = path.display()
    )]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file is something else, or comes from another version.
    #[error("{} is no journal of this version", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The journal's run is of another operation, or was given another name.
    #[error("the journal's run has {what} {written}, not {given}")]
    OtherRun {
        /// What differs: `operation` or `run_id`.
        what: &'static str,
        /// As the journal has it.
        written: String,
        /// As it was given now.
        given: String,
    },
    /// An option of the journal's run is another one now.
    #[error(
        "the journal's run began with {option} {written}, and is resumed with {given}: give the options \
         that it began with"
    )]
    OtherOption {
        /// Its name.
        option: String,
        /// As the journal has it, as JSON; `none` when it was not given.
        written: String,
        /// As it was given now.
        given: String,
    },
    /// The journal's run sent its requests elsewhere.
    #[error(
        "the journal's run went to {written}, and is resumed with {given}, which may not have what was \
         taken there: give the base_url that it began with, or begin a new journal"
    )]
    OtherBaseUrl {
        /// Where the run began.
        written: String,
        /// As it was given now.
        given: String,
    },
    /// The source or an option is not what it was: the same batch does not come out.
    #[error(
        "batch {batch} (rows {first_row} to {last_row}) is not what the journal has: {detail}. The \
         source or an option has changed, so the run cannot be resumed with them"
    )]
    Changed {
        /// The batch's place in the run, from 0.
        batch: u64,
        /// Its first row, as the journal has it, or as it is now where the journal has none.
        first_row: u64,
        /// Its last row.
        last_row: u64,
        /// What differs.
        detail: String,
    },
    /// The source ends before the journal does.
    #[error(
        "the source ends after {rows} rows, and the journal knows row {last_row}: the source or an \
         option has changed"
    )]
    Shorter {
        /// Rows that the source gave.
        rows: u64,
        /// The last row that the journal knows.
        last_row: u64,
    },
    /// A row that the journal knows is rejected now.
    #[error(
        "row {row} is in the journal as one that was to be sent, and now it is rejected: the source or an \
         option has changed, so the run cannot be resumed with them"
    )]
    RejectedNow {
        /// The row.
        row: u64,
    },
    /// Rows do not give the e-mail addresses whose profiles the journal knows.
    #[error(
        "the addresses of rows {first_row} to {last_row} are not those that the journal has: the source \
         or an option has changed, so the run cannot be resumed with them"
    )]
    OtherAddresses {
        /// The first of the rows.
        first_row: u64,
        /// The last of them.
        last_row: u64,
    },
    /// The file could not be read or written.
    #[error("the journal failed: {0}")]
    Failed(String),
}
