//! JSON text as serde reads it: in one pass from the text, without a tree in between.
//!
//! A text that is no JSON is refused when the pass comes to what is wrong in it, or before any other
//! refusal: that a value is not wanted says little of a text that was cut off.
mod cursor;

use std::cell::Cell;
use std::collections::BTreeMap;

use serde::ser::{Error, Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::value::RawValue;

use super::Unsendable;
pub(super) use cursor::{Cursor, NotJson};

/// Levels beyond those that Klaviyo takes for a value: the row's own objects, and room to spare.
const DEEPEST: usize = klaviyo_gen::FIELD_LIMITS.nesting + 6;

/// A value whose text is known to be JSON.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Json<'a>(&'a str);

impl<'a> Json<'a> {
    /// Checks that the text is a JSON value.
    pub(crate) fn read(text: &'a str) -> Result<Self, serde_json::Error> {
        check(text)?;
        Ok(Json(text))
    }

    /// Takes a text that was checked before.
    pub(crate) fn of_checked(text: &'a str) -> Self {
        Json(text)
    }
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let cursor = Cursor::new(self.0);
        Value::next(&cursor, 0).serialize(to)
    }
}

/// What is wrong with a text that is no JSON value.
pub(crate) fn check(text: &str) -> Result<(), serde_json::Error> {
    serde_json::from_str::<&RawValue>(text).map(drop)
}

/// Writes an object, with other names for some of its members, and checks on the way that it is JSON.
/// Where it is not, `fault` says what is wrong.
///
/// The text must begin with the bracket of an object.
pub(crate) fn checked_object<S: Serializer>(
    text: &str,
    names: &BTreeMap<String, String>,
    fault: impl FnOnce() -> Option<Unsendable>,
    to: S,
) -> Result<S::Ok, S::Error> {
    let cursor = Cursor::new(text);
    let mut map = to.serialize_map(None)?;
    let names = (!names.is_empty()).then_some(names);
    let written = members(&cursor, names, 1, &mut map);
    match written.and_then(|()| nothing_follows(&cursor)) {
        Ok(()) => map.end(),
        Err(error) => {
            let refused = fault().and_then(|fault| map.serialize_entry(&fault, &()).err());
            Err(refused.unwrap_or(error))
        }
    }
}

fn nothing_follows<E: Error>(cursor: &Cursor<'_>) -> Result<(), E> {
    cursor.peek().map_or(Ok(()), |_| Err(not_json(NotJson)))
}

fn not_json<E: Error>(NotJson: NotJson) -> E {
    E::custom("the text is no JSON")
}

/// A value somewhere in the text. It may be written any number of times, none included.
pub(super) struct Value<'a, 't> {
    cursor: &'a Cursor<'t>,
    start: usize,
    /// Behind it, once it has been written.
    end: Cell<Option<usize>>,
    /// In how many arrays and objects it lies.
    depth: usize,
}

impl<'a, 't> Value<'a, 't> {
    /// The value at the cursor.
    pub(super) fn next(cursor: &'a Cursor<'t>, depth: usize) -> Self {
        Value {
            cursor,
            start: cursor.place(),
            end: Cell::new(None),
            depth,
        }
    }

    /// Moves the cursor behind the value, written or not.
    pub(super) fn pass<E: Error>(&self) -> Result<(), E> {
        match self.end.get() {
            Some(end) => {
                self.cursor.go_to(end);
                Ok(())
            }
            None => {
                self.cursor.go_to(self.start);
                self.cursor.skip().map_err(not_json)
            }
        }
    }

    fn check_depth<E: Error>(&self) -> Result<(), E> {
        if self.depth > DEEPEST {
            return Err(E::custom("nested without end, or nearly so"));
        }
        Ok(())
    }

    fn object<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.check_depth()?;
        let mut map = to.serialize_map(None)?;
        members(self.cursor, None, self.depth + 1, &mut map)?;
        map.end()
    }

    fn array<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.check_depth()?;
        let mut sequence = to.serialize_seq(None)?;
        elements(self.cursor, self.depth + 1, &mut sequence)?;
        sequence.end()
    }

    fn word<E: Error>(&self, word: &str) -> Result<(), E> {
        self.cursor.word(word).map_err(not_json)
    }
}

impl Serialize for Value<'_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let cursor = self.cursor;
        cursor.go_to(self.start);
        let written = match cursor.peek() {
            Some(b'"') => text(cursor, to),
            Some(b'{') => self.object(to),
            Some(b'[') => self.array(to),
            Some(b't') => self.word("true").and_then(|()| to.serialize_bool(true)),
            Some(b'f') => self.word("false").and_then(|()| to.serialize_bool(false)),
            Some(b'n') => self.word("null").and_then(|()| to.serialize_none()),
            _ => number(cursor.number().map_err(not_json)?, to),
        }?;
        self.end.set(Some(cursor.place()));
        Ok(written)
    }
}

/// Writes the members of the object at the cursor.
fn members<M: SerializeMap>(
    cursor: &Cursor<'_>,
    names: Option<&BTreeMap<String, String>>,
    depth: usize,
    map: &mut M,
) -> Result<(), M::Error> {
    cursor.expect(b'{').map_err(not_json)?;
    if cursor.take(b'}') {
        return Ok(());
    }
    loop {
        let unescaped;
        let name = match cursor.plain() {
            Some(name) => Some(name),
            None => {
                unescaped = escaped(cursor).map_err(not_json)?;
                unescaped.as_deref()
            }
        };
        cursor.expect(b':').map_err(not_json)?;
        let value = Value::next(cursor, depth);
        match name {
            Some(name) => {
                let renamed = names.and_then(|names| names.get(name));
                map.serialize_entry(renamed.map_or(name, String::as_str), &value)?;
            }
            None => map.serialize_entry(&lone_surrogate(), &value)?,
        }
        value.pass()?;
        if !cursor.take(b',') {
            return cursor.expect(b'}').map_err(not_json);
        }
    }
}

/// Writes the elements of the array at the cursor.
fn elements<Q: SerializeSeq>(
    cursor: &Cursor<'_>,
    depth: usize,
    sequence: &mut Q,
) -> Result<(), Q::Error> {
    cursor.expect(b'[').map_err(not_json)?;
    if cursor.take(b']') {
        return Ok(());
    }
    loop {
        let value = Value::next(cursor, depth);
        sequence.serialize_element(&value)?;
        value.pass()?;
        if !cursor.take(b',') {
            return cursor.expect(b']').map_err(not_json);
        }
    }
}

#[inline]
fn text<S: Serializer>(cursor: &Cursor<'_>, to: S) -> Result<S::Ok, S::Error> {
    if let Some(text) = cursor.plain() {
        return to.serialize_str(text);
    }
    match escaped(cursor).map_err(not_json)? {
        Some(text) => to.serialize_str(&text),
        None => lone_surrogate().serialize(to),
    }
}

/// Takes a text with escapes; none when it is JSON and yet no text.
#[cold]
fn escaped(cursor: &Cursor<'_>) -> Result<Option<String>, NotJson> {
    let whole = cursor.escaped()?;
    match serde_json::from_str(whole) {
        Ok(text) => Ok(Some(text)),
        Err(_) => check(whole).map(|()| None).map_err(|_| NotJson),
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
    if let Ok(integer) = digits.parse::<i64>() {
        return to.serialize_i64(integer);
    }
    let unsigned = digits.trim_start_matches(['+', '-']);
    if !unsigned.bytes().all(|digit| digit.is_ascii_digit()) {
        return to.serialize_f64(digits.parse().map_err(S::Error::custom)?);
    }
    if let Ok(integer) = digits.parse::<i128>() {
        return to.serialize_i128(integer);
    }
    let detail = "the integer is beyond 64 bits with a sign; send it as a text".to_owned();
    let code = "integer_out_of_range";
    Unsendable { code, detail }.serialize(to)
}
