//! Finds out how far a JSON value goes that is written as it is to be sent.

use std::ops::Range;

use crate::encode::check::Limits;
use crate::encode::given::Given;
use crate::encode::inside::MARK;
use crate::encode::json_text::Cursor;
use crate::encode::plain::plain_length;

/// A JSON text in which values are looked for. What it finds is byte by byte what
/// [`ValueWriter`](crate::encode::value::ValueWriter) would write; of anything else (escapes, spaces, other
/// digits than a number has when it is written, no JSON, more than the limits allow) it says nothing.
#[derive(Clone, Copy)]
pub(super) struct Scan<'a> {
    text: &'a str,
    limits: &'a Limits,
}

/// A value as it is to be sent.
#[derive(Clone, Copy)]
pub(super) struct Scanned {
    /// Where it ends in the text.
    pub(super) end: usize,
    /// Its type; none is that of a null.
    pub(super) given: Option<Given>,
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str, limits: &'a Limits) -> Self {
        Scan { text, limits }
    }

    pub(super) fn limits(self) -> &'a Limits {
        self.limits
    }

    /// What stands there.
    #[inline]
    pub(super) fn part(self, part: Range<usize>) -> &'a str {
        &self.text[part]
    }

    /// The value that begins there, and lies in so many arrays and objects.
    #[inline]
    pub(super) fn value(self, start: usize, depth: usize) -> Option<Scanned> {
        let (end, given) = match self.byte(start)? {
            b'"' => (self.text_end(start)?, Some(Given::Text)),
            b'[' => (self.array_end(start, depth)?, Some(Given::Array)),
            b'{' => (self.object_end(start, depth)?, Some(Given::Object)),
            b't' => (self.word_end(start, b"true")?, Some(Given::Boolean)),
            b'f' => (self.word_end(start, b"false")?, Some(Given::Boolean)),
            b'n' => (self.word_end(start, b"null")?, None),
            _ => return self.number(start),
        };
        Some(Scanned { end, given })
    }

    #[inline]
    pub(super) fn byte(self, place: usize) -> Option<u8> {
        self.text.as_bytes().get(place).copied()
    }

    /// Behind the quotes of the text that begins there.
    #[inline]
    fn text_end(self, start: usize) -> Option<usize> {
        let inside = self.text.as_bytes().get(start + 1..)?;
        let length = plain_length(inside);
        let is_text = inside.get(length) == Some(&b'"') && length <= self.limits.string_bytes;
        is_text.then_some(start + length + 2)
    }

    /// Behind the quotes of the name that begins there.
    #[inline]
    pub(super) fn name_end(self, start: usize) -> Option<usize> {
        if self.byte(start)? != b'"' {
            return None;
        }
        let inside = self.text.as_bytes().get(start + 1..)?;
        let length = plain_length(inside);
        let is_name = inside.get(length) == Some(&b'"') && inside[..length] != *MARK.as_bytes();
        is_name.then_some(start + length + 2)
    }

    /// Whether this stands there.
    #[inline]
    pub(super) fn has(self, start: usize, wanted: &[u8]) -> bool {
        let rest = self.text.as_bytes().get(start..);
        rest.is_some_and(|rest| rest.starts_with(wanted))
    }

    fn word_end(self, start: usize, word: &[u8]) -> Option<usize> {
        self.has(start, word).then_some(start + word.len())
    }

    fn array_end(self, start: usize, depth: usize) -> Option<usize> {
        let mut count = 0;
        self.members_end(start, b']', depth, |at| {
            count += 1;
            (count <= self.limits.array_items).then_some(at)
        })
    }

    fn object_end(self, start: usize, depth: usize) -> Option<usize> {
        self.members_end(start, b'}', depth, |at| self.value_of_member(at))
    }

    /// Behind the bracket of the object, of which the first member begins there, that takes every name; none
    /// when there is a null among them.
    pub(super) fn properties_end(self, first: usize) -> Option<usize> {
        let mut at = first;
        loop {
            let value = self.value(self.value_of_member(at)?, 0)?;
            value.given?;
            match self.byte(value.end)? {
                b',' => at = value.end + 1,
                b'}' => return Some(value.end + 1),
                _ => return None,
            }
        }
    }

    /// Where the value of the member begins that begins there.
    #[inline]
    fn value_of_member(self, start: usize) -> Option<usize> {
        let end = self.name_end(start)?;
        (self.byte(end)? == b':').then_some(end + 1)
    }

    /// Behind the bracket that closes the array or object that begins there; `value` gives where the value
    /// of the member begins that begins there.
    #[inline]
    fn members_end(
        self,
        start: usize,
        closing: u8,
        depth: usize,
        mut value: impl FnMut(usize) -> Option<usize>,
    ) -> Option<usize> {
        let depth = depth + 1;
        let mut at = start + 1;
        if depth > self.limits.nesting {
            return None;
        }
        if self.byte(at)? == closing {
            return Some(at + 1);
        }
        loop {
            at = self.value(value(at)?, depth)?.end;
            match self.byte(at)? {
                b',' => at += 1,
                end if end == closing => return Some(at + 1),
                _ => return None,
            }
        }
    }

    fn number(self, start: usize) -> Option<Scanned> {
        let cursor = Cursor::new(self.text);
        cursor.go_to(start);
        let digits = cursor.number().ok()?;
        Some(Scanned {
            end: cursor.place(),
            given: Some(as_sent(digits)?),
        })
    }
}

/// The type of a number whose digits are those in which it would be written.
fn as_sent(digits: &str) -> Option<Given> {
    /// Any integer of so many digits has 64 bits.
    const INTEGER: usize = 18;
    /// A float keeps so many digits, whatever they are.
    const EXACT: usize = 15;
    let unsigned = digits.strip_prefix('-').unwrap_or(digits);
    let bytes = unsigned.as_bytes();
    let Some(dot) = bytes.iter().position(|byte| !byte.is_ascii_digit()) else {
        let is_plain = unsigned.len() <= INTEGER && digits != "-0";
        return is_plain.then_some(Given::Integer);
    };
    let fraction = &bytes[dot + 1..];
    let is_plain = bytes[dot] == b'.' && fraction.iter().all(u8::is_ascii_digit);
    // Without zeros at its end, and not so small that it has an exponent.
    let is_shortest = fraction == b"0" || fraction.last().is_some_and(|last| *last != b'0');
    let is_large = bytes[0] != b'0' || fraction.first().is_some_and(|first| *first != b'0');
    let is_as_written = is_plain && is_shortest && is_large && unsigned.len() <= EXACT;
    (is_as_written || is_written(digits)).then_some(Given::Number)
}

/// Whether the float is written with just these digits.
fn is_written(digits: &str) -> bool {
    /// No float takes more bytes.
    const LONGEST: usize = 32;
    let Some(float) = digits.parse::<f64>().ok().filter(|float| float.is_finite()) else {
        return false;
    };
    let mut bytes = [0; LONGEST];
    let mut left = &mut bytes[..];
    let written = serde_json::to_writer(&mut left, &float);
    let left = left.len();
    written.is_ok() && bytes[..LONGEST - left] == *digits.as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_the_limits_is_not_found() {
        let mut limits = Limits::none();
        (limits.string_bytes, limits.array_items, limits.nesting) = (4, 3, 2);
        let end = |text| Scan::new(text, &limits).value(0, 0).map(|found| found.end);
        for (fine, beyond) in [
            (r#""abcd""#, r#""abcde""#),
            ("[1,2,3]", "[1,2,3,4]"),
            ("[[]]", "[[[]]]"),
            (r#"{"a":{"b":1}}"#, r#"{"a":{"b":{}}}"#),
        ] {
            assert_eq!(end(fine), Some(fine.len()));
            assert_eq!(end(beyond), None);
        }
    }
}
