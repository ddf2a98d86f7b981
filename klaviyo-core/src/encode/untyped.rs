//! Texts of a source that has no types, such as CSV: what they stand for, the field says.

use klaviyo_gen::{Kind, Schema};
use serde::{Serialize, Serializer};

use super::json_text::{Json, number};
use super::reason::Reason;

/// Marks a text from a source that has no types on its way through serde.
pub(super) const UNTYPED: &str = "$klaviyo::Untyped";

/// Marks a text that is not what it is to stand for; behind it, what that is.
pub(super) const MISTYPED: &str = "$klaviyo::Mistyped ";
const NO_NUMBER: &str = "$klaviyo::Mistyped a number";
const NO_INTEGER: &str = "$klaviyo::Mistyped an integer";
const NO_BOOLEAN: &str = "$klaviyo::Mistyped true or false";
const NO_JSON: &str = "$klaviyo::Mistyped JSON";

/// A text from a source that has no types. Where a field wants a number, true or false, or an array, it
/// is read as one; everywhere else it is the text.
#[cfg(feature = "csv")]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Untyped<'a>(pub(crate) &'a str);

#[cfg(feature = "csv")]
impl Serialize for Untyped<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_newtype_struct(UNTYPED, self.0)
    }
}

/// What a text stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TextType {
    /// Itself.
    Text,
    /// A number, as JSON has it.
    Number,
    /// A number without a fraction; `3.0` is one, too.
    Integer,
    /// `true` or `false`, `t` or `f`, `1` or `0`; capitals do not matter.
    Boolean,
    /// Any value, written as JSON.
    Json,
}

impl TextType {
    /// All of them, by name.
    pub const NAMED: [(&'static str, TextType); 5] = [
        ("text", TextType::Text),
        ("number", TextType::Number),
        ("integer", TextType::Integer),
        ("boolean", TextType::Boolean),
        ("json", TextType::Json),
    ];

    /// What a field takes a text for.
    pub(super) fn of_field(schema: Option<&'static Schema>, text: &str) -> Self {
        schema.map_or(TextType::Text, |schema| Self::of_kind(&schema.kind, text))
    }

    fn of_kind(kind: &Kind, text: &str) -> Self {
        match kind {
            Kind::Any | Kind::String { .. } => TextType::Text,
            Kind::Number => TextType::Number,
            Kind::Integer => TextType::Integer,
            Kind::Boolean => TextType::Boolean,
            Kind::Array(_) | Kind::Object(_) => TextType::Json,
            Kind::OneOf(several) => Self::of_one(several, text),
        }
    }

    /// An array is told from a text by its bracket; otherwise what can be a text is one.
    fn of_one(several: &[Schema], text: &str) -> Self {
        let has = |wanted: fn(&Kind) -> bool| several.iter().any(|one| wanted(&one.kind));
        if text.starts_with('[') && has(|kind| matches!(kind, Kind::Array(_))) {
            return TextType::Json;
        }
        if has(|kind| matches!(kind, Kind::Any | Kind::String { .. })) {
            return TextType::Text;
        }
        let first = several.first();
        first.map_or(TextType::Text, |one| Self::of_kind(&one.kind, text))
    }
}

/// A text that stands for something else.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Typed<'a> {
    pub(crate) text: &'a str,
    pub(crate) stands_for: TextType,
}

impl Serialize for Typed<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let text = self.text.trim();
        match self.stands_for {
            TextType::Text => to.serialize_str(self.text),
            TextType::Number if text.parse::<f64>().is_ok() => number(text, to),
            TextType::Number => to.serialize_newtype_struct(NO_NUMBER, text),
            TextType::Integer => match whole(text) {
                Some(digits) => number(digits, to),
                None => to.serialize_newtype_struct(NO_INTEGER, text),
            },
            TextType::Boolean => match text.to_ascii_lowercase().as_str() {
                "true" | "t" | "1" => to.serialize_bool(true),
                "false" | "f" | "0" => to.serialize_bool(false),
                _ => to.serialize_newtype_struct(NO_BOOLEAN, text),
            },
            TextType::Json => match Json::read(text) {
                Ok(value) => value.serialize(to),
                Err(_) => to.serialize_newtype_struct(NO_JSON, text),
            },
        }
    }
}

/// The digits of an integer, without a fraction that is nothing.
fn whole(text: &str) -> Option<&str> {
    let digits = match text.split_once('.') {
        Some((digits, fraction)) if fraction.bytes().all(|digit| digit == b'0') => digits,
        _ => text,
    };
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
    let is_whole = !unsigned.is_empty() && unsigned.bytes().all(|digit| digit.is_ascii_digit());
    is_whole.then_some(digits)
}

/// Why a text is not kept as one that a field may read as an array.
pub(super) fn array_or_text() -> Reason {
    let detail =
        "a cell with a bracket at its beginning may stand for an array; give the array or the text";
    Reason::new("array_or_text", detail)
}

/// Why a text is refused that is marked so.
pub(super) fn mistyped(mark: &str, text: &str) -> Reason {
    let wanted = mark.strip_prefix(MISTYPED).unwrap_or_default();
    let shown: String = text.chars().take(40).collect();
    let why = Json::read(text).err().filter(|_| mark == NO_JSON);
    let why = why.map(|error| format!(" ({error})")).unwrap_or_default();
    let detail = format!("{shown:?} is not {wanted}{why}; correct it, or leave it empty");
    Reason::new("wrong_type", detail)
}
