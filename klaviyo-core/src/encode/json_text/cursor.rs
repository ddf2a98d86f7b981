//! Goes through a JSON text token by token. What it takes as one is JSON; it tells nothing of what is
//! wrong with anything else.

use std::cell::Cell;

use serde::de::IgnoredAny;

use super::super::plain::plain_length;

/// The text is not JSON from here on; what exactly is wrong, serde_json says better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::encode) struct NotJson;

/// A text, and how far it has been read.
#[derive(Debug)]
pub(in crate::encode) struct Cursor<'a> {
    text: &'a str,
    at: Cell<usize>,
}

impl<'a> Cursor<'a> {
    pub(in crate::encode) fn new(text: &'a str) -> Self {
        Cursor {
            text,
            at: Cell::new(0),
        }
    }

    pub(in crate::encode) fn place(&self) -> usize {
        self.at.get()
    }

    pub(in crate::encode) fn go_to(&self, place: usize) {
        self.at.set(place);
    }

    fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// The next byte that is no space.
    #[inline]
    pub(in crate::encode) fn peek(&self) -> Option<u8> {
        match self.bytes().get(self.at.get()) {
            Some(&byte) if byte > b' ' => Some(byte),
            _ => self.peek_behind_spaces(),
        }
    }

    #[cold]
    fn peek_behind_spaces(&self) -> Option<u8> {
        loop {
            let byte = *self.bytes().get(self.at.get())?;
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.at.set(self.at.get() + 1);
        }
    }

    /// Takes this byte if it is the next one.
    #[inline]
    pub(in crate::encode) fn take(&self, wanted: u8) -> bool {
        let is_next = self.peek() == Some(wanted);
        if is_next {
            self.at.set(self.at.get() + 1);
        }
        is_next
    }

    /// Takes this byte.
    #[inline]
    pub(in crate::encode) fn expect(&self, wanted: u8) -> Result<(), NotJson> {
        self.take(wanted).then_some(()).ok_or(NotJson)
    }

    /// Takes this word, which stands at the cursor.
    pub(in crate::encode) fn word(&self, wanted: &str) -> Result<(), NotJson> {
        let start = self.at.get();
        if !self.bytes()[start..].starts_with(wanted.as_bytes()) {
            return Err(NotJson);
        }
        self.at.set(start + wanted.len());
        Ok(())
    }

    /// Takes a text without escapes; gives what stands between its quotes. None when there is none
    /// here: the cursor then stays where it is.
    #[inline]
    pub(in crate::encode) fn plain(&self) -> Option<&'a str> {
        if self.peek() != Some(b'"') {
            return None;
        }
        let start = self.at.get() + 1;
        let inside = self.bytes().get(start..)?;
        let length = plain_length(inside);
        if inside.get(length) != Some(&b'"') {
            return None;
        }
        self.at.set(start + length + 1);
        self.text.get(start..start + length)
    }

    /// Takes any text; gives it with its quotes and escapes, which are not looked at.
    pub(in crate::encode) fn escaped(&self) -> Result<&'a str, NotJson> {
        self.expect(b'"')?;
        let bytes = self.bytes();
        let start = self.at.get() - 1;
        let mut at = start + 1;
        at += plain_length(&bytes[at..]);
        while bytes.get(at) == Some(&b'\\') && at + 2 <= bytes.len() {
            // Whatever is escaped, it does not end the text.
            at += 2;
            at += plain_length(&bytes[at..]);
        }
        if bytes.get(at) != Some(&b'"') {
            return Err(NotJson);
        }
        self.at.set(at + 1);
        self.text.get(start..=at).ok_or(NotJson)
    }

    /// Takes a number.
    pub(in crate::encode) fn number(&self) -> Result<&'a str, NotJson> {
        let start = self.at.get();
        let bytes = self.bytes();
        let mut at = start + usize::from(bytes.get(start) == Some(&b'-'));
        let whole = at;
        at = digits(bytes, at)?;
        if bytes[whole] == b'0' && at > whole + 1 {
            return Err(NotJson);
        }
        if bytes.get(at) == Some(&b'.') {
            at = digits(bytes, at + 1)?;
        }
        if let Some(b'e' | b'E') = bytes.get(at) {
            at += 1;
            at += usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
            at = digits(bytes, at)?;
        }
        self.at.set(at);
        Ok(&self.text[start..at])
    }

    /// Takes any value.
    pub(in crate::encode) fn skip(&self) -> Result<(), NotJson> {
        let start = self.at.get();
        let rest = self.text.get(start..).ok_or(NotJson)?;
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
        match values.next() {
            Some(Ok(_)) => {
                self.at.set(start + values.byte_offset());
                Ok(())
            }
            _ => Err(NotJson),
        }
    }
}

/// Behind the digits that stand here; there must be one at least.
fn digits(bytes: &[u8], start: usize) -> Result<usize, NotJson> {
    let digits = bytes[start.min(bytes.len())..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if digits == 0 {
        return Err(NotJson);
    }
    Ok(start + digits)
}
