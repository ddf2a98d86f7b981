//! What a journal's tables look like.
//!
//! Rows of the source are written as ranges (`0-4999,5001`), so that a journal can be looked at with
//! the `sqlite3` tool once its run has let it go.

/// Marks the file as a journal of ours (`KLVJ`).
pub(super) const APPLICATION_ID: i32 = 0x4b4c_564a;

/// Counts the layouts; a file of another one is refused.
pub(super) const VERSION: i32 = 4;

/// The file is used by this process alone. Changes nothing in it.
pub(super) const ALONE: &str = "PRAGMA locking_mode = EXCLUSIVE";

/// Each commit is on the disk when it returns.
///
/// A write-ahead log needs one sync a commit, where a rollback journal needs three. `FULL` makes that
/// sync part of the commit: with `NORMAL` a commit would outlive the process but not the machine's
/// power, and a batch whose announcement is lost would be sent twice. Limits let a few requests a
/// second through, so a sync for each is cheap; commits that meet share one.
pub(super) const DURABLE: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
";

pub(super) const TABLES: &str = "
    -- Options are a JSON object. Of a private key, there is a salted hash, cut off at 64 bits.
    CREATE TABLE run (
        run_id TEXT NOT NULL,
        operation TEXT NOT NULL,
        options TEXT NOT NULL,
        began TEXT NOT NULL,
        base_url TEXT,
        key_salt BLOB,
        key_hash BLOB,
        finished INTEGER NOT NULL
    ) STRICT;
    -- A batch as it was packed. Parts of it (without its refused rows, or halves) are sendings.
    CREATE TABLE batch (
        number INTEGER PRIMARY KEY,
        rows TEXT NOT NULL,
        last_row INTEGER NOT NULL,
        hash BLOB NOT NULL
    ) STRICT;
    -- A job is the JSON of its handle.
    CREATE TABLE sending (
        id INTEGER PRIMARY KEY,
        batch INTEGER NOT NULL,
        rows TEXT NOT NULL,
        fate TEXT NOT NULL CHECK (fate IN ('unanswered', 'refused', 'taken')),
        job TEXT
    ) STRICT;
    CREATE INDEX sending_of_batch ON sending (batch);
    -- Ends of rows. What is not final holds only once the run is finished.
    CREATE TABLE ending (
        id INTEGER PRIMARY KEY,
        batch INTEGER NOT NULL,
        rows TEXT NOT NULL,
        outcome TEXT NOT NULL,
        code TEXT,
        detail TEXT,
        pointer TEXT,
        final INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX ending_of_batch ON ending (batch);
    -- What was found for e-mail addresses: JSON, the id or null of each row.
    CREATE TABLE lookup (
        number INTEGER PRIMARY KEY,
        rows TEXT NOT NULL,
        hash BLOB NOT NULL,
        ids TEXT NOT NULL
    ) STRICT;
";
