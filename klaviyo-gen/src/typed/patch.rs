//! A field of a request that can be left out, cleared or set.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What becomes of a field: Klaviyo leaves an absent one as it is, and clears one that is null.
///
/// ```
/// use klaviyo_gen::Patch;
///
/// assert_eq!(Patch::<String>::default(), Patch::Absent);
/// assert_eq!(Patch::<String>::from("Ada"), Patch::Value("Ada".to_owned()));
/// let nothing_left: Patch<Vec<String>> = Vec::new().into();
/// assert_eq!(serde_json::to_string(&nothing_left)?, "[]");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Patch<T> {
    /// The field is not sent.
    #[default]
    Absent,
    /// The field is sent as null.
    Null,
    /// The field is sent with this value.
    Value(T),
}

impl<T> Patch<T> {
    /// Whether the field is not sent.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Patch::Absent)
    }

    /// Whether the field is sent as null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Patch::Null)
    }

    /// The value, when there is one.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        match self {
            Patch::Value(value) => Some(value),
            Patch::Absent | Patch::Null => None,
        }
    }

    /// The value itself, when there is one.
    #[must_use]
    pub fn into_value(self) -> Option<T> {
        match self {
            Patch::Value(value) => Some(value),
            Patch::Absent | Patch::Null => None,
        }
    }
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Patch::Value(value)
    }
}

impl From<&str> for Patch<String> {
    fn from(text: &str) -> Self {
        Patch::Value(text.to_owned())
    }
}

/// An absent field has no JSON of its own: whoever holds it skips it (`Patch::is_absent`).
impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

/// A field that is there is null or a value; whoever holds it takes the default when it is not there.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Patch::Null, Patch::Value))
    }
}
