//! JSON text as serde reads it: member by member from the text, without a tree in between.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error, Serialize, SerializeMap, SerializeSeq, Serializer};
use serde::{Deserialize, de};
use serde_json::value::RawValue;

use super::Unsendable;

/// Levels beyond those that Klaviyo takes for a value: the row's own objects, and room to spare. Each
/// level is scanned once more, so without an end a short text could take long.
const DEEPEST: usize = klaviyo_gen::FIELD_LIMITS.nesting + 6;

/// A value whose text is known to be JSON.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Json<'a> {
    text: &'a str,
    /// In how many arrays and objects it lies.
    depth: usize,
}

impl<'a> Json<'a> {
    /// Checks that the text is a JSON value.
    pub(crate) fn read(text: &'a str) -> Result<Self, serde_json::Error> {
        Ok(Self::at(serde_json::from_str::<&RawValue>(text)?, 0))
    }

    /// Takes a text that was checked before.
    pub(crate) fn checked(text: &'a str) -> Self {
        Json { text, depth: 0 }
    }

    fn at(raw: &'a RawValue, depth: usize) -> Self {
        Json {
            text: raw.get(),
            depth,
        }
    }

    /// Writes an object with other names for its members; any other value as it is.
    pub(crate) fn renamed<S: Serializer>(
        &self,
        names: &BTreeMap<String, String>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match self.text.as_bytes().first() {
            Some(b'{') => self.object(Some(names), to),
            _ => self.serialize(to),
        }
    }

    fn object<S: Serializer>(
        &self,
        names: Option<&BTreeMap<String, String>>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        self.check_depth()?;
        let mut map = to.serialize_map(None)?;
        let mut refused = None;
        let members = Members {
            depth: self.depth + 1,
            take: |name: &str, value: Json<'_>| {
                let renamed = names.and_then(|names| names.get(name));
                let name = renamed.map_or(name, String::as_str);
                map.serialize_entry(name, &value)
                    .map_err(|error| refused = Some(error))
            },
        };
        let read = serde_json::Deserializer::from_str(self.text).deserialize_map(members);
        match (refused, read) {
            (Some(refused), _) => Err(refused),
            (None, Ok(())) => map.end(),
            (None, Err(_)) => {
                map.serialize_entry(&lone_surrogate(), &())?;
                map.end()
            }
        }
    }

    fn array<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.check_depth()?;
        let mut sequence = to.serialize_seq(None)?;
        let mut refused = None;
        let elements = Elements {
            depth: self.depth + 1,
            take: |value: Json<'_>| {
                let taken = sequence.serialize_element(&value);
                taken.map_err(|error| refused = Some(error))
            },
        };
        let read = serde_json::Deserializer::from_str(self.text).deserialize_seq(elements);
        match refused {
            Some(refused) => Err(refused),
            None => {
                read.map_err(S::Error::custom)?;
                sequence.end()
            }
        }
    }

    fn check_depth<E: Error>(&self) -> Result<(), E> {
        if self.depth > DEEPEST {
            return Err(E::custom("nested without end, or nearly so"));
        }
        Ok(())
    }
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.text.as_bytes().first() {
            Some(b'"') => text(self.text, to),
            Some(b'{') => self.object(None, to),
            Some(b'[') => self.array(to),
            Some(b't') => to.serialize_bool(true),
            Some(b'f') => to.serialize_bool(false),
            Some(b'n') => to.serialize_none(),
            _ => number(self.text, to),
        }
    }
}

fn text<S: Serializer>(quoted: &str, to: S) -> Result<S::Ok, S::Error> {
    let plain = quoted.get(1..quoted.len() - 1).unwrap_or_default();
    if !plain.contains('\\') {
        return to.serialize_str(plain);
    }
    match serde_json::from_str::<String>(quoted) {
        Ok(text) => to.serialize_str(&text),
        Err(_) => lone_surrogate().serialize(to),
    }
}

/// The one thing that a well-formed JSON text may be without being Unicode.
fn lone_surrogate() -> Unsendable {
    Unsendable {
        code: "lone_surrogate",
        detail:
            "the text holds half a character (a lone surrogate), which no text can carry; drop \
                 its \\u escape"
                .to_owned(),
    }
}

/// A number. One without a fraction is not read as a float, which would change its last digits.
pub(crate) fn number<S: Serializer>(digits: &str, to: S) -> Result<S::Ok, S::Error> {
    let unsigned = digits.trim_start_matches(['+', '-']);
    if !unsigned.bytes().all(|digit| digit.is_ascii_digit()) {
        return to.serialize_f64(digits.parse().map_err(S::Error::custom)?);
    }
    if let Ok(integer) = digits.parse::<i64>() {
        return to.serialize_i64(integer);
    }
    if let Ok(integer) = digits.parse::<i128>() {
        return to.serialize_i128(integer);
    }
    let detail = "the integer is beyond 64 bits with a sign; send it as a text".to_owned();
    let code = "integer_out_of_range";
    Unsendable { code, detail }.serialize(to)
}

/// Reads the members of an object. `take` fails when it has had enough.
struct Members<F> {
    depth: usize,
    take: F,
}

impl<'de, F> Visitor<'de> for Members<F>
where
    F: FnMut(&str, Json<'_>) -> Result<(), ()>,
{
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some((Name(name), value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
            (self.take)(&name, Json::at(value, self.depth)).map_err(|()| enough())?;
        }
        Ok(())
    }
}

/// Reads the elements of an array. `take` fails when it has had enough.
struct Elements<F> {
    depth: usize,
    take: F,
}

impl<'de, F> Visitor<'de> for Elements<F>
where
    F: FnMut(Json<'_>) -> Result<(), ()>,
{
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<(), A::Error> {
        while let Some(value) = elements.next_element::<&'de RawValue>()? {
            (self.take)(Json::at(value, self.depth)).map_err(|()| enough())?;
        }
        Ok(())
    }
}

fn enough<E: de::Error>() -> E {
    E::custom("the value is not wanted")
}

/// A member's name; borrowed from the text, unless it has escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);
