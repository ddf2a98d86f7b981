//! What a killed process left in its journal. Read from a copy: the files stay as the kill left them.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

/// What a journal holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Written {
    /// Requests that were answered.
    pub(crate) taken: u64,
    /// The batches that these were for.
    pub(crate) batches_taken: u64,
    /// Batches that were announced and have no answer.
    pub(crate) doubtful: u64,
    /// Lookups whose answers are known.
    pub(crate) lookups: u64,
}

impl Written {
    /// Nothing, as long as there is no journal or it has no tables yet.
    pub(crate) fn read(journal: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy.db");
        if !copied(journal, &copy, "") {
            return Written::default();
        }
        copied(journal, &copy, "-wal");
        let database = Connection::open(&copy).unwrap();
        let count = |query: &str| -> u64 {
            let count: i64 = database.query_row(query, [], |row| row.get(0)).unwrap();
            count.try_into().unwrap()
        };
        if count("SELECT count(*) FROM sqlite_schema WHERE name = 'sending'") == 0 {
            return Written::default();
        }
        Written {
            taken: count("SELECT count(*) FROM sending WHERE fate = 'taken'"),
            batches_taken: count("SELECT count(DISTINCT batch) FROM sending WHERE fate = 'taken'"),
            doubtful: count(
                "SELECT count(*) FROM batch WHERE number NOT IN
                 (SELECT batch FROM sending WHERE fate = 'taken')",
            ),
            lookups: count("SELECT count(*) FROM lookup"),
        }
    }
}

/// Copies a file of the journal, if it is there.
fn copied(journal: &Path, copy: &Path, suffix: &str) -> bool {
    let beside = |path: &Path| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let from = beside(journal);
    from.exists() && std::fs::copy(from, beside(copy)).is_ok()
}
