//! Why a source cannot be read.

use std::io;
use std::path::PathBuf;

/// Why a source cannot be read, or not to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The name of the file does not say what it holds, or nothing here can read it.
    #[error("{}: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do about it.
        reason: String,
    },
    /// The file could not be opened or read.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// An option names a column that the source does not have.
    #[error(
        "{option} names the column {column:?}, but {source_name} has only {}",
        list(columns)
    )]
    Column {
        /// `columns` or `types`.
        option: &'static str,
        /// The name that is not there.
        column: String,
        /// The file, or what else is read.
        source_name: String,
        /// Those that are.
        columns: Vec<String>,
    },
    /// Types were given for a source that has its own.
    #[error("types is for CSV, which has none; {source_name} has types of its own")]
    Types {
        /// The file, or what else is read.
        source_name: String,
    },
    /// A separator was given for a source that is not CSV.
    #[error("separator is for CSV; {source_name} has none between its values")]
    NoSeparator {
        /// The file, or what else is read.
        source_name: String,
    },
    /// A separator was given that cannot be one.
    #[error("separator must be one ASCII character, no quote and no line break, not {given:?}")]
    Separator {
        /// What was given.
        given: String,
    },
    /// The data is damaged, or whoever makes it failed.
    #[error("{source_name}: {reason}")]
    Data {
        /// The file, or what else is read.
        source_name: String,
        /// What is wrong.
        reason: String,
    },
}

fn list(columns: &[String]) -> String {
    let quoted: Vec<String> = columns.iter().map(|name| format!("{name:?}")).collect();
    quoted.join(", ")
}
