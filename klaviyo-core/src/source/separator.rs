//! What stands between the cells of CSV.

use serde::Serialize;

use super::SourceError;

/// What stands between the cells of a line of CSV: one ASCII character, but no quote and no line break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(into = "char")]
pub struct Separator(u8);

impl Separator {
    /// What gives CSV its name.
    pub const COMMA: Separator = Separator(b',');
    /// What spreadsheets write where commas stand in numbers.
    pub const SEMICOLON: Separator = Separator(b';');
    /// A tab.
    pub const TAB: Separator = Separator(b'\t');

    pub(super) fn is_comma(&self) -> bool {
        *self == Separator::COMMA
    }

    #[cfg(feature = "csv")]
    pub(super) fn byte(self) -> u8 {
        self.0
    }
}

impl Default for Separator {
    fn default() -> Self {
        Separator::COMMA
    }
}

impl TryFrom<char> for Separator {
    type Error = SourceError;

    /// # Errors
    /// [`SourceError::Separator`] for a character that cannot stand between cells.
    fn try_from(given: char) -> Result<Self, SourceError> {
        let byte = u8::try_from(given).ok().filter(u8::is_ascii);
        let separator = byte.filter(|byte| !b"\"\r\n\0".contains(byte));
        separator.map(Separator).ok_or(SourceError::Separator {
            given: given.to_string(),
        })
    }
}

impl From<Separator> for char {
    fn from(separator: Separator) -> Self {
        char::from(separator.0)
    }
}
