//! What a catalog holds, and what can be done with it.

use serde::{Deserialize, Serialize};

/// A kind of thing in a catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Kind {
    Item,
    Variant,
    Category,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Item, Self::Variant, Self::Category];

    /// Its type in JSON:API.
    pub(crate) fn resource(self) -> &'static str {
        match self {
            Self::Item => "catalog-item",
            Self::Variant => "catalog-variant",
            Self::Category => "catalog-category",
        }
    }

    /// What several of them are called in bodies and relationships.
    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::Item => "items",
            Self::Variant => "variants",
            Self::Category => "categories",
        }
    }

    /// Where they are found below `/api/`.
    pub(crate) fn collection(self) -> &'static str {
        match self {
            Self::Item => "catalog-items",
            Self::Variant => "catalog-variants",
            Self::Category => "catalog-categories",
        }
    }

    /// The kind that things of this one are joined with, many to many.
    pub(crate) fn joined_with(self) -> Option<Self> {
        match self {
            Self::Item => Some(Self::Category),
            Self::Category => Some(Self::Item),
            Self::Variant => None,
        }
    }
}

/// What is done with a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Change {
    Create,
    Update,
    Delete,
}

impl Change {
    pub(crate) const ALL: [Self; 3] = [Self::Create, Self::Update, Self::Delete];

    pub(crate) fn verb(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}
