//! Where in a text file a row stands, and how long a row may be.

use std::path::{Path, PathBuf};

use super::SourceError;
use crate::encode::Unsendable;

/// A longer row is not read into memory: no request of Klaviyo's takes a third of it.
pub(super) const LONGEST_ROW: usize = 16 * 1024 * 1024;

/// A line of a file.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    /// From 1.
    pub(super) line: u64,
}

impl Place {
    pub(super) fn new(path: &Path) -> Self {
        Place {
            path: path.to_owned(),
            line: 0,
        }
    }

    /// In words.
    pub(super) fn in_words(&self) -> String {
        format!("line {} of {}", self.line, self.path.display())
    }

    /// The row that begins here is broken.
    pub(super) fn broken(&self, code: &'static str, what: &str) -> Unsendable {
        Unsendable {
            code,
            detail: format!("{} {what}", self.in_words()),
        }
    }

    /// The row that begins here is longer than is read.
    pub(super) fn too_long(&self, hint: &str) -> Unsendable {
        let most = LONGEST_ROW / 1024 / 1024;
        self.broken("too_large", &format!("is longer than {most} MiB; {hint}"))
    }

    /// The file could not be read on.
    pub(super) fn io(&self, error: std::io::Error) -> SourceError {
        SourceError::Io {
            path: self.path.clone(),
            error,
        }
    }

    #[cfg(feature = "csv")]
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    #[cfg(feature = "csv")]
    pub(super) fn source_name(&self) -> String {
        self.path.display().to_string()
    }
}
