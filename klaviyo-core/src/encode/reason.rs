//! Why a row cannot be sent, in words that name the field and the way out.

use std::fmt;
use std::ops::Deref;

use serde::{Serialize, Serializer};

use super::body::as_far_as_json;
use super::key;
use crate::chunk::Unfit;

/// Marks an [`Unsendable`] on its way through serde.
const UNSENDABLE: &str = "$klaviyo::Unsendable";

/// What a source of rows gives in place of a value that has no JSON form: the row is then rejected
/// with this code and detail.
///
/// A plain serde error would do too; its code is `unsupported_value`, whatever the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsendable {
    /// The kind of reason, for example `lone_surrogate`.
    pub code: &'static str,
    /// What is wrong, and what to do about it.
    pub detail: String,
}

impl Serialize for Unsendable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_variant(UNSENDABLE, 0, self.code, &self.detail)
    }
}

/// A row that was not sent, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The row's number, from 0.
    pub row: u64,
    /// The kind of reason, for example `missing_identifier`.
    pub code: &'static str,
    /// The field as the row names it; empty when the row as a whole is meant.
    pub field: String,
    /// What is wrong, and what to do about it.
    pub detail: String,
    /// The row as JSON, as far as it can be written so.
    pub source: Option<String>,
}

impl Rejection {
    pub(super) fn new<R: Serialize + ?Sized>(row: u64, reason: Reason, source: &R) -> Self {
        let Why {
            code,
            field,
            detail,
        } = reason.into_why();
        Rejection {
            row,
            code,
            field,
            detail,
            source: as_far_as_json(source),
        }
    }

    /// The rejection of an encoded row that fits into no batch.
    pub(crate) fn unfit<R: Serialize + ?Sized>(row: u64, unfit: Unfit, source: &R) -> Self {
        let (code, detail) = match unfit {
            Unfit::ItemTooLarge { bytes, most } => (
                "too_large",
                format!(
                    "the row takes {bytes} bytes; Klaviyo takes at most {most}: shorten or drop properties"
                ),
            ),
            Unfit::RequestTooLarge { bytes, most } => (
                "too_large",
                format!(
                    "a request with this row alone takes {bytes} bytes; Klaviyo takes at most {most}: shorten or drop properties"
                ),
            ),
            Unfit::Duplicate { first_row } => (
                "duplicate",
                format!(
                    "row {first_row} of the same request shares what identifies this row; Klaviyo would keep only one of them: drop one, or merge them"
                ),
            ),
        };
        Rejection {
            row,
            code,
            field: String::new(),
            detail,
            source: as_far_as_json(source),
        }
    }
}

/// Why a row cannot be sent. It is boxed, because every value that can be sent hands on the place for
/// one, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reason(Box<Why>);

/// What a [`Reason`] says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Why {
    pub(super) code: &'static str,
    pub(super) field: String,
    pub(super) detail: String,
}

impl Deref for Reason {
    type Target = Why;

    fn deref(&self) -> &Why {
        &self.0
    }
}

impl Reason {
    pub(super) fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Reason(Box::new(Why {
            code,
            field: String::new(),
            detail: detail.into(),
        }))
    }

    pub(super) fn into_why(self) -> Why {
        *self.0
    }

    /// The reason that an [`Unsendable`] gives, if that is what the enum is.
    pub(super) fn of_variant<T: Serialize + ?Sized>(
        name: &str,
        variant: &'static str,
        value: &T,
    ) -> Option<Self> {
        if name != UNSENDABLE {
            return None;
        }
        let reason = key::with_text(value, |detail| Ok(Reason::new(variant, detail)));
        Some(reason.unwrap_or_else(|reason| reason))
    }

    /// The same reason, for `field`, unless it names one already.
    pub(super) fn at(mut self, field: &str) -> Self {
        if self.field.is_empty() {
            field.clone_into(&mut self.0.field);
        }
        self
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.detail)
    }
}

impl std::error::Error for Reason {}

impl serde::ser::Error for Reason {
    /// What a source of rows says of a value that it cannot give.
    fn custom<T: fmt::Display>(message: T) -> Self {
        Reason::new("unsupported_value", message.to_string())
    }
}
