//! Why a fault is not taken.

use std::fmt;

/// Why a fault is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultError {
    field: String,
    detail: String,
    known: Vec<&'static str>,
}

impl FaultError {
    /// What is wrong with a field.
    pub(super) fn new(field: &str, detail: impl Into<String>) -> Self {
        Self {
            field: field.to_owned(),
            detail: detail.into(),
            known: Vec::new(),
        }
    }

    /// These are there instead.
    pub(super) fn knowing(mut self, known: Vec<&'static str>) -> Self {
        self.known = known;
        self
    }

    /// The field that is wrong, missing or unknown.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// What is there instead of an unknown field or an unknown kind.
    #[must_use]
    pub fn known(&self) -> &[&'static str] {
        &self.known
    }
}

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for FaultError {}
