//! Rows that are JSON text, written from the text: what is written as it is to be sent is taken as it
//! stands, byte by byte what [`ValueWriter`] would make of it.
//!
//! A text that is anything but the usual (other names, escapes in a name, no JSON at all) has another
//! shape: the long way says what it is.

use super::{Follower, Step, Taken, other_shape};
use crate::encode::Nulls;
use crate::encode::check::Limits;
use crate::encode::given::{Given, Rule};
use crate::encode::inside::MARK;
use crate::encode::json_text::{Cursor, NotJson, Value};
use crate::encode::key;
use crate::encode::reason::Reason;
use crate::encode::value::{ValueWriter, Wrote};
use serde::Serialize;

impl From<NotJson> for Reason {
    fn from(_: NotJson) -> Self {
        other_shape()
    }
}

/// What is the same for all values of a row.
#[derive(Clone, Copy)]
struct Reading<'a> {
    cursor: &'a Cursor<'a>,
    limits: &'a Limits,
    nulls: Nulls,
}

impl Follower {
    /// Writes the item of a row that is the text of a JSON object.
    pub(in crate::encode) fn json(
        &mut self,
        text: &str,
        limits: &Limits,
        nulls: Nulls,
    ) -> Result<(), Reason> {
        let cursor = &Cursor::new(text);
        let reading = Reading {
            cursor,
            limits,
            nulls,
        };
        self.object(reading)?;
        match cursor.peek() {
            None => Ok(()),
            Some(_) => Err(other_shape()),
        }
    }

    fn object(&mut self, reading: Reading<'_>) -> Result<(), Reason> {
        each(reading.cursor, b'{', b'}', || {
            if self.expected_value(reading)? {
                Ok(())
            } else {
                self.member(reading)
            }
        })
    }

    /// Takes the member that the shape has here, if it is there; the usual case.
    #[inline]
    fn expected_value(&mut self, reading: Reading<'_>) -> Result<bool, Reason> {
        while let Some(Step::Open(_) | Step::Close) = self.shape.steps.get(self.at) {
            self.pass();
        }
        let Some(Step::Value(expected)) = self.shape.steps.get(self.at) else {
            return Ok(false);
        };
        if !reading.cursor.take_text(&expected.given) {
            return Ok(false);
        }
        self.at += 1;
        let start = self.item.len();
        self.item.extend_from_slice(&expected.lead);
        let from = self.item.len();
        let wrote = reading.value(&mut self.item, expected.rule, 0)?;
        if wrote == Wrote::Null {
            self.item.truncate(start);
            return reading.omit().map(|()| true);
        }
        if let Some(capture) = expected.capture {
            self.captures[capture as usize] = Some(from..self.item.len());
        }
        self.item.push(b',');
        Ok(true)
    }

    /// Takes any other member.
    fn member(&mut self, reading: Reading<'_>) -> Result<(), Reason> {
        let cursor = reading.cursor;
        let name = cursor.plain().ok_or_else(other_shape)?;
        cursor.expect(b':')?;
        let value = Value::next(cursor, 1);
        let taken = self.take(reading.limits, reading.nulls, name, &value)?;
        match taken {
            Taken::Value => value.pass(),
            Taken::Object if cursor.peek() == Some(b'{') => {
                self.object(reading)?;
                self.leave();
                Ok(())
            }
            Taken::Object => {
                self.leave();
                reading.null()
            }
            Taken::Properties if cursor.peek() == Some(b'{') => self.properties(reading),
            Taken::Properties => reading.null(),
        }
    }

    fn properties(&mut self, reading: Reading<'_>) -> Result<(), Reason> {
        each(reading.cursor, b'{', b'}', || {
            self.property_of_text(reading)
        })
    }

    fn property_of_text(&mut self, reading: Reading<'_>) -> Result<(), Reason> {
        let start = self.item.len();
        let expected = match self.shape.steps.get(self.at - 1) {
            Some(Step::Properties(_, names)) => names.get(self.property),
            _ => None,
        };
        match expected {
            Some(expected) if reading.cursor.take_text(&expected.lead) => {
                self.property += 1;
                self.item.extend_from_slice(&expected.lead);
            }
            _ => {
                let name = reading.cursor.plain().filter(|name| *name != MARK);
                reading.cursor.expect(b':')?;
                key::write(name.ok_or_else(other_shape)?, &mut self.item);
            }
        }
        if reading.value(&mut self.item, Rule::ANYTHING, 0)? == Wrote::Null {
            self.item.truncate(start);
            return reading.omit();
        }
        self.item.push(b',');
        Ok(())
    }
}

impl Reading<'_> {
    /// A null that is left out.
    fn omit(self) -> Result<(), Reason> {
        match self.nulls {
            Nulls::Omit => Ok(()),
            Nulls::Clear | Nulls::Reject => Err(other_shape()),
        }
    }

    /// Takes a null that is left out.
    fn null(self) -> Result<(), Reason> {
        self.cursor.expect(b'n')?;
        self.cursor.word("ull")?;
        self.omit()
    }

    /// Writes the value at the cursor, which lies in so many arrays and objects.
    #[inline]
    fn value(self, out: &mut Vec<u8>, rule: Rule, depth: usize) -> Result<Wrote, Reason> {
        let cursor = self.cursor;
        match cursor.peek() {
            Some(b'"') => self.text(out, rule, depth),
            Some(b'[') => self.array(out, rule, depth),
            Some(b'{') => self.nested(out, rule, depth),
            Some(b't') => self.boolean(out, rule, "true"),
            Some(b'f') => self.boolean(out, rule, "false"),
            Some(b'n') => {
                cursor.word("null")?;
                Ok(Wrote::Null)
            }
            _ => self.number(out, rule, depth),
        }
    }

    fn text(self, out: &mut Vec<u8>, rule: Rule, depth: usize) -> Result<Wrote, Reason> {
        if rule.takes_any_text() {
            let start = self.cursor.place();
            match self.cursor.quoted() {
                Some(quoted) if quoted.len() - 2 <= self.limits.string_bytes => {
                    out.extend_from_slice(quoted);
                    return Ok(Wrote::Value);
                }
                _ => self.cursor.go_to(start),
            }
        }
        self.checked_text(out, rule, depth)
    }

    fn checked_text(self, out: &mut Vec<u8>, rule: Rule, depth: usize) -> Result<Wrote, Reason> {
        let Some(text) = self.cursor.plain() else {
            return self.general(out, rule, depth);
        };
        let writer = ValueWriter {
            out,
            rule,
            limits: self.limits,
            depth,
        };
        writer.checked_text(text)
    }

    fn boolean(self, out: &mut Vec<u8>, rule: Rule, word: &str) -> Result<Wrote, Reason> {
        self.cursor.word(word)?;
        rule.expect(Given::Boolean)?;
        out.extend_from_slice(word.as_bytes());
        Ok(Wrote::Value)
    }

    fn number(self, out: &mut Vec<u8>, rule: Rule, depth: usize) -> Result<Wrote, Reason> {
        let start = self.cursor.place();
        let digits = self.cursor.number()?;
        let Some(given) = as_sent(digits) else {
            self.cursor.go_to(start);
            return self.general(out, rule, depth);
        };
        rule.expect(given)?;
        out.extend_from_slice(digits.as_bytes());
        Ok(Wrote::Value)
    }

    /// Any value, by way of serde.
    #[cold]
    fn general(self, out: &mut Vec<u8>, rule: Rule, depth: usize) -> Result<Wrote, Reason> {
        Value::next(self.cursor, depth + 1).serialize(ValueWriter {
            out,
            rule,
            limits: self.limits,
            depth,
        })
    }

    fn array(self, out: &mut Vec<u8>, rule: Rule, depth: usize) -> Result<Wrote, Reason> {
        let elements = self.open(rule, Given::Array, depth)?;
        let mut count = 0;
        out.push(b'[');
        each(self.cursor, b'[', b']', || {
            count += 1;
            if count > self.limits.array_items {
                return Err(other_shape());
            }
            comma(out, count);
            self.inner(out, elements, depth + 1)
        })?;
        out.push(b']');
        Ok(Wrote::Value)
    }

    fn nested(self, out: &mut Vec<u8>, rule: Rule, depth: usize) -> Result<Wrote, Reason> {
        let members = self.open(rule, Given::Object, depth)?;
        let mut count = 0;
        out.push(b'{');
        each(self.cursor, b'{', b'}', || {
            count += 1;
            comma(out, count);
            let name = self.cursor.plain().filter(|name| *name != MARK);
            key::write_plain(name.ok_or_else(other_shape)?, out);
            out.push(b':');
            self.cursor.expect(b':')?;
            self.inner(out, members, depth + 1)
        })?;
        out.push(b'}');
        Ok(Wrote::Value)
    }

    /// The rule for what is in an array or object that begins here.
    fn open(self, rule: Rule, given: Given, depth: usize) -> Result<Rule, Reason> {
        rule.expect(given)?;
        if depth + 1 > self.limits.nesting {
            return Err(other_shape());
        }
        Ok(rule.of_elements())
    }

    /// Writes a value inside another one, where a null is data.
    fn inner(self, out: &mut Vec<u8>, rule: Rule, depth: usize) -> Result<(), Reason> {
        if self.value(out, rule, depth)? == Wrote::Null {
            out.extend_from_slice(b"null");
        }
        Ok(())
    }
}

/// Takes an array or object: its brackets, its commas, and each of its members by `member`.
#[inline]
fn each(
    cursor: &Cursor<'_>,
    opening: u8,
    closing: u8,
    mut member: impl FnMut() -> Result<(), Reason>,
) -> Result<(), Reason> {
    cursor.expect(opening)?;
    if cursor.take(closing) {
        return Ok(());
    }
    loop {
        member()?;
        if !cursor.take(b',') {
            return Ok(cursor.expect(closing)?);
        }
    }
}

/// Writes the comma before the member of that number, counted from 1.
#[inline]
fn comma(out: &mut Vec<u8>, number: usize) {
    if number > 1 {
        out.push(b',');
    }
}

/// The type of a number whose digits are those in which it would be written.
fn as_sent(digits: &str) -> Option<Given> {
    /// A float keeps so many digits, whatever they are.
    const EXACT: usize = 15;
    let unsigned = digits.strip_prefix('-').unwrap_or(digits);
    if unsigned.len() > EXACT || digits == "-0" {
        return None;
    }
    let bytes = unsigned.as_bytes();
    let Some(dot) = bytes.iter().position(|byte| !byte.is_ascii_digit()) else {
        return Some(Given::Integer);
    };
    let fraction = &bytes[dot + 1..];
    let is_plain = bytes[dot] == b'.' && fraction.iter().all(u8::is_ascii_digit);
    // Without zeros at its end, and not so small that it has an exponent.
    let is_shortest = fraction == b"0" || fraction.last().is_some_and(|last| *last != b'0');
    let is_large = bytes[0] != b'0' || fraction.first().is_some_and(|first| *first != b'0');
    (is_plain && is_shortest && is_large).then_some(Given::Number)
}
