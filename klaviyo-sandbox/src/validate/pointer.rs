//! A JSON pointer that grows and shrinks on the way through a body.

use std::fmt::{Display, Write as _};

/// A place in a body. Going deeper appends, coming back cuts: no string is made for a value that
/// is as it should be.
#[derive(Debug)]
pub(crate) struct Pointer(String);

impl Pointer {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Does something one step deeper.
    pub(crate) fn within<T>(&mut self, step: impl Display, work: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.0.len();
        // Writing into a string cannot fail.
        let _ = write!(self.0, "/{step}");
        let result = work(self);
        self.0.truncate(length);
        result
    }

    /// The place one step deeper, as text.
    pub(crate) fn at(&self, step: impl Display) -> String {
        format!("{}/{step}", self.0)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
