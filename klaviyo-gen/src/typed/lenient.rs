//! Reading answers that are looser than the document.

use serde::{Deserialize, Deserializer};

/// The value, or its default when there is null in its place.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
