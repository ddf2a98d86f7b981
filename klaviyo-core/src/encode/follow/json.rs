//! Rows that are JSON text, written from the text: what is written as it is to be sent is taken as it
//! stands, byte by byte what [`ValueWriter`] would make of it.
//!
//! A text that is anything but the usual (other names, escapes in a name, no JSON at all) has another
//! shape: the long way says what it is.

use serde::Serialize;

use super::progress::{Found, Progress};
use super::scan::{Scan, Scanned};
use super::{Captures, Follower, other_shape};
use crate::encode::Nulls;
use crate::encode::check::Limits;
use crate::encode::given::{Given, Rule};
use crate::encode::json_text::{Cursor, Value};
use crate::encode::key;
use crate::encode::reason::Reason;
use crate::encode::shape::{Expected, Shape};
use crate::encode::value::{ValueWriter, Wrote};

/// A text on its way into the item of a shape.
struct Following<'a> {
    shape: &'a Shape,
    progress: &'a mut Progress,
    captures: &'a mut Captures,
    out: &'a mut Vec<u8>,
    text: &'a str,
    /// How far it has been read.
    at: usize,
    scan: Scan<'a>,
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
        let scan = Scan::new(text, limits);
        if self.copy(scan) {
            return Ok(());
        }
        self.begin();
        let mut following = Following {
            shape: &self.shape,
            progress: &mut self.progress,
            captures: &mut self.captures,
            out: &mut self.item,
            text,
            at: 0,
            scan,
            limits,
            nulls,
        };
        following.row()
    }
}

impl Following<'_> {
    fn row(&mut self) -> Result<(), Reason> {
        self.object(Self::member)?;
        if self.peek().is_some() {
            return Err(other_shape());
        }
        self.progress.finish(self.shape, self.out);
        Ok(())
    }

    /// Takes an object: its brackets, its commas, and each of its members by `member`.
    #[inline]
    fn object(&mut self, member: impl Fn(&mut Self) -> Result<(), Reason>) -> Result<(), Reason> {
        self.each(b'{', b'}', |this, _| member(this))
    }

    /// The same for what stands between any brackets; `member` is told which it is, counted from 1.
    #[inline]
    fn each(
        &mut self,
        opening: u8,
        closing: u8,
        member: impl Fn(&mut Self, usize) -> Result<(), Reason>,
    ) -> Result<(), Reason> {
        self.expect(opening)?;
        if self.pass(closing) {
            return Ok(());
        }
        for number in 1.. {
            member(self, number)?;
            if !self.pass(b',') {
                break;
            }
        }
        self.expect(closing)
    }

    /// Takes a member of the row, or of an object in it.
    fn member(&mut self) -> Result<(), Reason> {
        self.peek();
        let end = self.scan.name_end(self.at).ok_or_else(other_shape)?;
        let name = &self.text[self.at + 1..end - 1];
        self.at = end;
        self.expect(b':')?;
        let found = self.progress.seek(self.shape, self.out, name)?;
        match found {
            Found::Value(expected) => self.value(expected),
            Found::Object if self.peek() == Some(b'{') => {
                self.object(Self::member)?;
                self.progress.leave(self.shape, self.out);
                Ok(())
            }
            Found::Object => {
                self.progress.leave(self.shape, self.out);
                self.null()
            }
            Found::Properties if self.peek() == Some(b'{') => self.object(Self::property),
            Found::Properties => self.null(),
        }
    }

    /// Takes a member of an object that takes every name.
    fn property(&mut self) -> Result<(), Reason> {
        let start = self.out.len();
        self.name()?;
        self.any_value(Rule::ANYTHING, start).map(drop)
    }

    /// Takes a value whose name was read.
    #[inline]
    fn value(&mut self, expected: &Expected) -> Result<(), Reason> {
        let start = self.out.len();
        self.out.extend_from_slice(&expected.lead);
        let from = self.out.len();
        let wrote = self.any_value(expected.rule, start)?;
        if let Some(capture) = expected.capture.filter(|_| wrote == Wrote::Value) {
            // Without the comma behind it.
            self.captures[capture as usize] = Some(from..self.out.len() - 1);
        }
        Ok(())
    }

    /// Takes a value behind its name, which begins at `start` in the item; a null takes that back.
    #[inline]
    fn any_value(&mut self, rule: Rule, start: usize) -> Result<Wrote, Reason> {
        self.peek();
        let wrote = match self.scan.value(self.at, 0) {
            Some(Scanned { end, given: None }) => {
                self.at = end;
                Wrote::Null
            }
            Some(Scanned {
                end,
                given: Some(given),
            }) if rule.takes_as_it_stands(given) => {
                self.take(end);
                Wrote::Value
            }
            Some(Scanned {
                end,
                given: Some(Given::Text),
            }) => self.checked_text(rule, end)?,
            _ => self.unlike(rule, 0)?,
        };
        if wrote == Wrote::Null {
            self.out.truncate(start);
            self.omit()?;
        } else {
            self.out.push(b',');
        }
        Ok(wrote)
    }

    /// Takes a text up to there, if it passes its checks.
    fn checked_text(&mut self, rule: Rule, end: usize) -> Result<Wrote, Reason> {
        let text = &self.text[self.at + 1..end - 1];
        match rule.check_text(self.limits, text)? {
            None => self.take(end),
            Some(canonical) => {
                key::write_text(&canonical, self.out);
                self.at = end;
            }
        }
        Ok(Wrote::Value)
    }

    /// Takes a value that is not written as it is to be sent, and lies in so many arrays and objects.
    fn unlike(&mut self, rule: Rule, depth: usize) -> Result<Wrote, Reason> {
        match self.peek() {
            Some(b'[') => self.array(rule, depth),
            Some(b'{') => self.nested(rule, depth),
            _ => self.by_serde(rule, depth),
        }
    }

    fn array(&mut self, rule: Rule, depth: usize) -> Result<Wrote, Reason> {
        let elements = self.open(rule, Given::Array, depth)?;
        self.out.push(b'[');
        self.each(b'[', b']', |this, number| {
            if number > this.limits.array_items {
                return Err(other_shape());
            }
            this.comma(number);
            this.inner(elements, depth + 1)
        })?;
        self.out.push(b']');
        Ok(Wrote::Value)
    }

    fn nested(&mut self, rule: Rule, depth: usize) -> Result<Wrote, Reason> {
        let members = self.open(rule, Given::Object, depth)?;
        self.out.push(b'{');
        self.each(b'{', b'}', |this, number| {
            this.comma(number);
            this.name()?;
            this.inner(members, depth + 1)
        })?;
        self.out.push(b'}');
        Ok(Wrote::Value)
    }

    /// The rule for what is in an array or object that begins here.
    fn open(&self, rule: Rule, given: Given, depth: usize) -> Result<Rule, Reason> {
        rule.expect(given)?;
        if depth + 1 > self.limits.nesting {
            return Err(other_shape());
        }
        Ok(rule.of_elements())
    }

    /// Writes the comma before the member of that number, counted from 1.
    #[inline]
    fn comma(&mut self, number: usize) {
        if number > 1 {
            self.out.push(b',');
        }
    }

    /// Takes over the name that is next, and its colon.
    fn name(&mut self) -> Result<(), Reason> {
        self.peek();
        let end = self.scan.name_end(self.at).ok_or_else(other_shape)?;
        self.take(end);
        self.expect(b':')?;
        self.out.push(b':');
        Ok(())
    }

    /// Takes a value inside another one, where a null is data.
    fn inner(&mut self, rule: Rule, depth: usize) -> Result<(), Reason> {
        self.peek();
        match self.scan.value(self.at, depth) {
            Some(Scanned { end, given })
                if given.is_none_or(|given| rule.takes_as_it_stands(given)) =>
            {
                self.take(end);
            }
            _ => {
                if self.unlike(rule, depth)? == Wrote::Null {
                    self.out.extend_from_slice(b"null");
                }
            }
        }
        Ok(())
    }

    /// Takes a value by way of serde.
    #[inline(never)]
    fn by_serde(&mut self, rule: Rule, depth: usize) -> Result<Wrote, Reason> {
        let cursor = Cursor::new(self.text);
        cursor.go_to(self.at);
        let value = Value::next(&cursor, depth + 1);
        let wrote = value.serialize(ValueWriter {
            out: self.out,
            rule,
            limits: self.limits,
            depth,
        })?;
        self.at = cursor.place();
        Ok(wrote)
    }

    /// Takes a null that is left out.
    fn null(&mut self) -> Result<(), Reason> {
        match self.scan.value(self.at, 0) {
            Some(Scanned { end, given: None }) => {
                self.at = end;
                self.omit()
            }
            _ => Err(other_shape()),
        }
    }

    /// A null that is left out.
    fn omit(&self) -> Result<(), Reason> {
        match self.nulls {
            Nulls::Omit => Ok(()),
            Nulls::Clear | Nulls::Reject => Err(other_shape()),
        }
    }

    /// Takes over all up to there.
    #[inline]
    fn take(&mut self, end: usize) {
        let taken = &self.text.as_bytes()[self.at..end];
        self.out.extend_from_slice(taken);
        self.at = end;
    }

    /// The next byte that is no space.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        match self.text.as_bytes().get(self.at) {
            Some(&byte) if byte > b' ' => Some(byte),
            _ => self.peek_behind_spaces(),
        }
    }

    #[cold]
    fn peek_behind_spaces(&mut self) -> Option<u8> {
        let cursor = Cursor::new(self.text);
        cursor.go_to(self.at);
        let byte = cursor.peek();
        self.at = cursor.place();
        byte
    }

    /// Passes this byte, if it is next.
    #[inline]
    fn pass(&mut self, wanted: u8) -> bool {
        let is_next = self.peek() == Some(wanted);
        self.at += usize::from(is_next);
        is_next
    }

    #[inline]
    fn expect(&mut self, wanted: u8) -> Result<(), Reason> {
        if self.pass(wanted) {
            Ok(())
        } else {
            Err(other_shape())
        }
    }
}
