//! Writes the members of an array or object, and marks those that have no JSON form where that is wanted.

use serde::ser::{self, Serialize};

use super::check::Limits;
use super::given::Rule;
use super::key;
use super::reason::Reason;
use super::value::{ValueWriter, Wrote};

/// An array or object whose members are being written.
pub(super) struct Inside<'a> {
    out: &'a mut Vec<u8>,
    elements: Rule,
    limits: &'a Limits,
    depth: usize,
    count: usize,
}

impl<'a> Inside<'a> {
    /// Behind its opening; each member lies in `depth` arrays and objects.
    pub(super) fn new(
        out: &'a mut Vec<u8>,
        elements: Rule,
        limits: &'a Limits,
        depth: usize,
    ) -> Self {
        Inside {
            out,
            elements,
            limits,
            depth,
            count: 0,
        }
    }

    fn comma(&mut self) {
        if self.count > 0 {
            self.out.push(b',');
        }
        self.count += 1;
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Reason> {
        self.comma();
        if self.count > self.limits.array_items {
            let most = self.limits.array_items;
            return Err(Reason::new(
                "too_many_elements",
                format!("the array has more than {most} elements; Klaviyo takes no more"),
            ));
        }
        self.value(value)
    }

    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Reason> {
        self.comma();
        let start = self.out.len();
        let written = key::with_text(key, |text| {
            if text == MARK && !self.limits.marks {
                return Err(marked());
            }
            key::write(text, self.out);
            Ok(())
        });
        match written {
            Err(_) if self.limits.marks => {
                self.out.truncate(start);
                key::write(MARK, self.out);
                Ok(())
            }
            other => other,
        }
    }

    /// Writes a value that is inside another: there a null is data.
    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Reason> {
        let start = self.out.len();
        let wrote = value.serialize(ValueWriter {
            out: self.out,
            rule: self.elements,
            limits: self.limits,
            depth: self.depth,
        });
        match wrote {
            Ok(Wrote::Value) => Ok(()),
            Ok(Wrote::Null) => {
                self.out.extend_from_slice(b"null");
                Ok(())
            }
            Err(reason) if self.limits.marks => {
                self.out.truncate(start);
                write_mark(&reason, None, self.out);
                Ok(())
            }
            Err(reason) => Err(reason),
        }
    }

    fn close(self, closing: u8) -> Wrote {
        self.out.push(closing);
        Wrote::Value
    }
}

/// The name in an object that stands for a value, or a row, without a JSON form.
pub(crate) const MARK: &str = "$unsendable";

/// Writes what stands for a value that cannot be sent, with its text if it was one.
pub(super) fn write_mark(reason: &Reason, text: Option<&str>, out: &mut Vec<u8>) {
    out.push(b'{');
    key::write(MARK, out);
    key::write_text(&format!("{}: {}", reason.code, reason.detail), out);
    if let Some(text) = text {
        out.push(b',');
        key::write("$unsendable_text", out);
        key::write_text(text, out);
    }
    out.push(b'}');
}

/// A dead letter that is sent again as it is must not put our words into somebody's profile.
pub(super) fn marked() -> Reason {
    Reason::new(
        "unmended_value",
        "what stood here had no JSON form when the row was rejected; put the right value in its place, \
         or leave it out",
    )
}

impl ser::SerializeSeq for Inside<'_> {
    type Ok = Wrote;
    type Error = Reason;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Reason> {
        self.element(value)
    }

    fn end(self) -> Result<Wrote, Reason> {
        Ok(self.close(b']'))
    }
}

impl ser::SerializeTuple for Inside<'_> {
    type Ok = Wrote;
    type Error = Reason;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Reason> {
        self.element(value)
    }

    fn end(self) -> Result<Wrote, Reason> {
        Ok(self.close(b']'))
    }
}

impl ser::SerializeTupleStruct for Inside<'_> {
    type Ok = Wrote;
    type Error = Reason;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Reason> {
        self.element(value)
    }

    fn end(self) -> Result<Wrote, Reason> {
        Ok(self.close(b']'))
    }
}

impl ser::SerializeMap for Inside<'_> {
    type Ok = Wrote;
    type Error = Reason;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Reason> {
        self.key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Reason> {
        self.value(value)
    }

    fn end(self) -> Result<Wrote, Reason> {
        Ok(self.close(b'}'))
    }
}

impl ser::SerializeStruct for Inside<'_> {
    type Ok = Wrote;
    type Error = Reason;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Reason> {
        self.key(key)?;
        self.value(value)
    }

    fn end(self) -> Result<Wrote, Reason> {
        Ok(self.close(b'}'))
    }
}
