//! Why a change to what the account holds is not made.

use serde::{Deserialize, Serialize};

/// What speaks against a change, and where in the resource that asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Objection {
    pub(crate) reason: Reason,
    /// The place in the resource, without a slash before it: `attributes/external_id`.
    pub(crate) place: String,
    pub(crate) detail: String,
}

/// The kinds of objection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Reason {
    /// There is one already.
    Taken,
    /// What is to be changed or deleted is not there.
    Missing,
    /// Something that the resource refers to is not there, or it says what cannot be.
    Invalid,
}

impl Reason {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Taken => "duplicate",
            Self::Missing => "not_found",
            Self::Invalid => "invalid",
        }
    }
}

impl Objection {
    /// The same about a resource that lies inside another.
    pub(crate) fn within(mut self, place: &str) -> Self {
        self.place = format!("{place}/{}", self.place);
        self
    }

    pub(crate) fn invalid(place: impl Into<String>, detail: &str) -> Self {
        Self {
            reason: Reason::Invalid,
            place: place.into(),
            detail: detail.to_owned(),
        }
    }

    pub(crate) fn taken(place: &str, kind: &str, id: &str) -> Self {
        Self {
            reason: Reason::Taken,
            place: place.to_owned(),
            detail: format!("There is a {kind} {id} already."),
        }
    }

    pub(crate) fn missing(kind: &str, id: &str) -> Self {
        Self {
            reason: Reason::Missing,
            place: "id".to_owned(),
            detail: format!("There is no {kind} {id}."),
        }
    }

    pub(crate) fn dangling(place: impl Into<String>, kind: &str, id: &str) -> Self {
        Self {
            reason: Reason::Invalid,
            place: place.into(),
            detail: format!("There is no {kind} {id}."),
        }
    }
}
