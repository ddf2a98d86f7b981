//! Writes one value as JSON, checking it on the way: type, finiteness, range, length, depth.

use serde::ser::{self, Serialize, Serializer};

use super::check::Limits;
use super::given::{Given, Rule};
use super::inside::{Inside, write_mark};
use super::key;
use super::reason::Reason;
use super::untyped::{MISTYPED, TextType, Typed, UNTYPED, array_or_text, mistyped};

/// What became of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrote {
    /// It is written.
    Value,
    /// It was null; nothing is written.
    Null,
}

/// Writes one value behind what `out` holds.
pub(super) struct ValueWriter<'a> {
    pub(super) out: &'a mut Vec<u8>,
    /// What the value must be.
    pub(super) rule: Rule,
    pub(super) limits: &'a Limits,
    /// In how many arrays and objects the value lies.
    pub(super) depth: usize,
}

impl<'a> ValueWriter<'a> {
    fn scalar<T: Serialize>(self, given: Given, value: &T) -> Result<Wrote, Reason> {
        self.rule.expect(given)?;
        serde_json::to_writer(self.out, value).map_err(<Reason as ser::Error>::custom)?;
        Ok(Wrote::Value)
    }

    fn checked_text(self, text: &str) -> Result<Wrote, Reason> {
        let canonical = self.rule.check_text(self.limits, text)?;
        key::write_text(canonical.as_deref().unwrap_or(text), self.out);
        Ok(Wrote::Value)
    }

    fn float(self, value: f64) -> Result<Wrote, Reason> {
        if !value.is_finite() {
            return Err(Reason::new(
                "not_finite",
                format!("{value} has no JSON form; leave the field out or make it null"),
            ));
        }
        self.scalar(Given::Number, &value)
    }

    fn beyond_range(value: &dyn std::fmt::Display) -> Reason {
        Reason::new(
            "integer_out_of_range",
            format!("{value} is beyond 64 bits with a sign; send it as a text"),
        )
    }

    /// Opens an array or object.
    fn open(self, given: Given, opening: u8) -> Result<Inside<'a>, Reason> {
        self.rule.expect(given)?;
        let depth = self.depth + 1;
        if depth > self.limits.nesting {
            let most = self.limits.nesting;
            return Err(Reason::new(
                "too_deep",
                format!("the value is nested more than {most} levels deep; flatten it"),
            ));
        }
        let elements = self.rule.of_elements();
        self.out.push(opening);
        Ok(Inside::new(self.out, elements, self.limits, depth))
    }
}

macro_rules! integers {
    ($($method:ident: $type:ty,)*) => {
        $(fn $method(self, value: $type) -> Result<Wrote, Reason> {
            self.scalar(Given::Integer, &value)
        })*
    };
}

macro_rules! wide_integers {
    ($($method:ident: $type:ty,)*) => {
        $(fn $method(self, value: $type) -> Result<Wrote, Reason> {
            match i64::try_from(value) {
                Ok(value) => self.scalar(Given::Integer, &value),
                Err(_) => Err(Self::beyond_range(&value)),
            }
        })*
    };
}

impl<'a> Serializer for ValueWriter<'a> {
    type Ok = Wrote;
    type Error = Reason;
    type SerializeSeq = Inside<'a>;
    type SerializeTuple = Inside<'a>;
    type SerializeTupleStruct = Inside<'a>;
    type SerializeTupleVariant = ser::Impossible<Wrote, Reason>;
    type SerializeMap = Inside<'a>;
    type SerializeStruct = Inside<'a>;
    type SerializeStructVariant = ser::Impossible<Wrote, Reason>;

    integers! {
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
    }

    wide_integers! {
        serialize_u64: u64,
        serialize_i128: i128,
        serialize_u128: u128,
    }

    fn serialize_bool(self, value: bool) -> Result<Wrote, Reason> {
        self.scalar(Given::Boolean, &value)
    }

    fn serialize_f32(self, value: f32) -> Result<Wrote, Reason> {
        if value.is_finite() {
            // Through f64, 0.1 would become 0.10000000149011612.
            return self.scalar(Given::Number, &value);
        }
        self.float(f64::from(value))
    }

    fn serialize_f64(self, value: f64) -> Result<Wrote, Reason> {
        self.float(value)
    }

    fn serialize_char(self, letter: char) -> Result<Wrote, Reason> {
        self.serialize_str(letter.encode_utf8(&mut [0; 4]))
    }

    /// The most frequent value by far: a call costs more than what is done for a short text.
    #[inline(always)]
    fn serialize_str(self, text: &str) -> Result<Wrote, Reason> {
        if self.rule.takes_as_it_stands(Given::Text) && text.len() <= self.limits.string_bytes {
            key::write_text(text, self.out);
            return Ok(Wrote::Value);
        }
        self.checked_text(text)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<Wrote, Reason> {
        Err(Reason::new(
            "unsupported_value",
            "bytes have no JSON form; decode them to a text first",
        ))
    }

    fn serialize_none(self) -> Result<Wrote, Reason> {
        Ok(Wrote::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Wrote, Reason> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Wrote, Reason> {
        Ok(Wrote::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Wrote, Reason> {
        Ok(Wrote::Null)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Wrote, Reason> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Wrote, Reason> {
        if name == UNTYPED {
            return key::with_text(value, |text| {
                // Where rows are kept, fields are not known; the row that is made of it is JSON.
                if self.limits.marks && text.starts_with('[') {
                    write_mark(&array_or_text(), Some(text), self.out);
                    return Ok(Wrote::Value);
                }
                let stands_for = TextType::of_field(self.rule.schema(), text);
                Typed { text, stands_for }.serialize(self)
            });
        }
        if name.starts_with(MISTYPED) {
            return key::with_text(value, |text| {
                let reason = mistyped(name, text);
                if !self.limits.marks {
                    return Err(reason);
                }
                // As a mere text it would be sent when the row is given again.
                write_mark(&reason, Some(text), self.out);
                Ok(Wrote::Value)
            });
        }
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Wrote, Reason> {
        Err(Reason::of_variant(name, variant, value).unwrap_or_else(|| no_variants(name)))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Inside<'a>, Reason> {
        self.open(Given::Array, b'[')
    }

    fn serialize_tuple(self, _: usize) -> Result<Inside<'a>, Reason> {
        self.open(Given::Array, b'[')
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Inside<'a>, Reason> {
        self.open(Given::Array, b'[')
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Reason> {
        Err(no_variants(name))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Inside<'a>, Reason> {
        self.open(Given::Object, b'{')
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Inside<'a>, Reason> {
        // serde_json hands over raw values and numbers of any precision as structs of such names.
        if name.starts_with("$serde_json::private::") {
            return Err(Reason::new(
                "unsupported_value",
                "raw JSON and numbers of any precision cannot be checked; give a plain value",
            ));
        }
        self.open(Given::Object, b'{')
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Reason> {
        Err(no_variants(name))
    }
}

/// An enum that carries data has no one JSON form: which of serde's four is meant, only its owner knows.
fn no_variants(name: &str) -> Reason {
    Reason::new(
        "unsupported_value",
        format!("{name} is an enum that carries data; convert it to a plain value first"),
    )
}
