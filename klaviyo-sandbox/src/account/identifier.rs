//! What a profile is known by.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a profile is known by, the strongest first: a row belongs to the profile of the strongest
/// identifier that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identifier {
    /// Klaviyo's own id.
    Id,
    /// An e-mail address, in any case.
    Email,
    /// A phone number in E.164 form.
    PhoneNumber,
    /// The id that another system gave the profile.
    ExternalId,
    /// The id of a visitor who is not known by name.
    AnonymousId,
    /// The encrypted id that Klaviyo's own links carry; the sandbox takes it as any other text.
    #[serde(rename = "_kx")]
    Kx,
}

impl Identifier {
    /// All identifiers, the strongest first.
    pub(crate) const ALL: [Self; 6] = [
        Self::Id,
        Self::Email,
        Self::PhoneNumber,
        Self::ExternalId,
        Self::AnonymousId,
        Self::Kx,
    ];

    /// The identifiers that stand in a profile's attributes, the strongest first.
    pub(crate) const ATTRIBUTES: [Self; 5] = [
        Self::Email,
        Self::PhoneNumber,
        Self::ExternalId,
        Self::AnonymousId,
        Self::Kx,
    ];

    /// The name in a profile's attributes and in filters.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Email => "email",
            Self::PhoneNumber => "phone_number",
            Self::ExternalId => "external_id",
            Self::AnonymousId => "anonymous_id",
            Self::Kx => "_kx",
        }
    }

    /// The identifier of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|identifier| identifier.name() == name)
    }

    /// What a value is found by: e-mail addresses are the same in any case.
    pub(crate) fn key(self, value: &str) -> Cow<'_, str> {
        let may_change = |byte: u8| byte.is_ascii_uppercase() || !byte.is_ascii();
        if self == Self::Email && value.bytes().any(may_change) {
            Cow::Owned(value.to_lowercase())
        } else {
            Cow::Borrowed(value)
        }
    }
}

/// A profile's identifiers, without Klaviyo's own id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Identifiers([Option<Box<str>>; Identifier::ATTRIBUTES.len()]);

impl Identifiers {
    pub(crate) fn get(&self, identifier: Identifier) -> Option<&str> {
        self.0.get(position(identifier)?)?.as_deref()
    }

    pub(crate) fn set(&mut self, identifier: Identifier, value: Option<Box<str>>) {
        if let Some(place) = position(identifier).and_then(|position| self.0.get_mut(position)) {
            *place = value;
        }
    }

    /// Those that are there, the strongest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Identifier, &str)> {
        Identifier::ATTRIBUTES
            .into_iter()
            .zip(&self.0)
            .filter_map(|(identifier, value)| Some((identifier, value.as_deref()?)))
    }

    /// Those that are there, the strongest first, to keep.
    pub(crate) fn into_each(self) -> impl Iterator<Item = (Identifier, Box<str>)> {
        Identifier::ATTRIBUTES
            .into_iter()
            .zip(self.0)
            .filter_map(|(identifier, value)| Some((identifier, value?)))
    }

    /// The strongest one alone.
    pub(crate) fn strongest(self) -> Self {
        let mut alone = Self::default();
        if let Some((identifier, value)) = self.into_each().next() {
            alone.set(identifier, Some(value));
        }
        alone
    }
}

impl Serialize for Identifiers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Identifiers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut identifiers = Self::default();
        for (identifier, value) in BTreeMap::<Identifier, Box<str>>::deserialize(deserializer)? {
            identifiers.set(identifier, Some(value));
        }
        Ok(identifiers)
    }
}

/// Where an identifier stands among the attributes; Klaviyo's own id does not.
fn position(identifier: Identifier) -> Option<usize> {
    Identifier::ATTRIBUTES
        .iter()
        .position(|other| *other == identifier)
}
