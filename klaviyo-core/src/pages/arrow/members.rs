//! Goes through the members of a JSON object, each value as the text that it came as.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A text that is borrowed where nothing in it is escaped.
#[derive(Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// Calls `take` with every member of the object that stands in `json`.
///
/// # Errors
/// When it is no object, the name of a member is not in Unicode (half a surrogate pair), or `take` says so.
pub(super) fn each_member<'a>(
    json: &'a RawValue,
    take: impl FnMut(&str, &'a RawValue) -> serde_json::Result<()>,
) -> serde_json::Result<()> {
    serde_json::Deserializer::from_str(json.get()).deserialize_map(Each(take))
}

struct Each<F>(F);

impl<'de, F: FnMut(&str, &'de RawValue) -> serde_json::Result<()>> Visitor<'de> for Each<F> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        while let Some(Text(name)) = members.next_key()? {
            let value: &RawValue = members.next_value()?;
            (self.0)(&name, value).map_err(de::Error::custom)?;
        }
        Ok(())
    }
}

/// Whether a value is an object.
pub(super) fn is_object(value: &RawValue) -> bool {
    value.get().starts_with('{')
}

/// Whether a value is null.
pub(super) fn is_null(value: &RawValue) -> bool {
    value.get() == "null"
}
