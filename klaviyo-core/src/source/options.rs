//! How the columns of a source are read.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Separator, SourceError, TextType};

/// How the columns of a source are read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct SourceOptions {
    /// Other names for columns: from that of the source to that of the operation.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
    /// What the cells of a column of CSV are, by the operation's name for it. A field of the operation
    /// has its type without being named here; what is left is text.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub types: BTreeMap<String, TextType>,
    /// What stands between the cells of CSV.
    #[serde(skip_serializing_if = "Separator::is_comma")]
    pub separator: Separator,
}

impl SourceOptions {
    /// The operation's name for a column.
    #[cfg(any(feature = "csv", feature = "arrow"))]
    pub(super) fn name<'a>(&'a self, column: &'a str) -> &'a str {
        self.columns.get(column).map_or(column, String::as_str)
    }

    /// Makes sure that all columns to be renamed are there.
    #[cfg(any(feature = "csv", feature = "arrow"))]
    pub(super) fn check_columns(
        &self,
        given: &[&str],
        source_name: &str,
    ) -> Result<(), SourceError> {
        let mut columns = self.columns.keys();
        let missing = columns.find(|name| !given.contains(&name.as_str()));
        missing.map_or(Ok(()), |column| {
            Err(no_column("columns", column, given, source_name))
        })
    }

    /// Makes sure that all columns that are given types are there.
    #[cfg(feature = "csv")]
    pub(super) fn check_types(&self, given: &[&str], source_name: &str) -> Result<(), SourceError> {
        let named: Vec<&str> = given.iter().map(|column| self.name(column)).collect();
        let is_missing = |name: &&String| !named.contains(&name.as_str());
        // They go by the names that `columns` gives.
        self.types.keys().find(is_missing).map_or(Ok(()), |column| {
            Err(no_column("types", column, &named, source_name))
        })
    }

    /// Makes sure that nothing is asked of a source that only CSV needs to be told: no types, as it has
    /// its own, and no separator.
    ///
    /// # Errors
    /// [`SourceError::Types`], [`SourceError::NoSeparator`].
    pub fn check_untyped(&self, source_name: &str) -> Result<(), SourceError> {
        let source_name = source_name.to_owned();
        if !self.types.is_empty() {
            return Err(SourceError::Types { source_name });
        }
        if !self.separator.is_comma() {
            return Err(SourceError::NoSeparator { source_name });
        }
        Ok(())
    }
}

#[cfg(any(feature = "csv", feature = "arrow"))]
fn no_column(option: &'static str, column: &str, given: &[&str], source_name: &str) -> SourceError {
    SourceError::Column {
        option,
        column: column.to_owned(),
        source_name: source_name.to_owned(),
        columns: given.iter().map(|&name| name.to_owned()).collect(),
    }
}
