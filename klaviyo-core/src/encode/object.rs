//! A serializer that takes an object apart, member by member: the row itself, or an object in it
//! whose members have places of their own; or the only object of an array.

use serde::ser::{self, Impossible, Serialize, Serializer};

use super::key;
use super::layout::NodeId;
use super::reason::Reason;
use super::remembered::Scope;
use super::row::RowWriter;
use super::value::Wrote;

/// What is taken apart.
#[derive(Debug, Clone, Copy)]
pub(super) enum Within {
    /// The row itself.
    Row,
    /// An object in it, and what its names are names in.
    Object(NodeId, Scope),
    /// The row, or an object in it, when the row has the shape of the rows before it.
    Shape,
    /// The same, and the object takes every name.
    ShapeOfProperties,
}

/// Hands the members of an object to the row writer.
pub(super) struct ObjectReader<'a> {
    writer: &'a mut RowWriter,
    within: Within,
    pending: Option<String>,
    /// Whether the object is the only one of an array, and whether it was found there.
    only: Option<bool>,
}

impl<'a> ObjectReader<'a> {
    /// Takes the row apart.
    pub(super) fn row(writer: &'a mut RowWriter) -> Self {
        ObjectReader {
            writer,
            within: Within::Row,
            pending: None,
            only: None,
        }
    }

    /// Takes the row apart, or an object of it, that has the shape of the rows before it.
    pub(super) fn of_shape(writer: &'a mut RowWriter) -> Self {
        ObjectReader {
            within: Within::Shape,
            ..ObjectReader::row(writer)
        }
    }

    /// Takes an object of such a row apart that takes every name.
    pub(super) fn of_shape_of_properties(writer: &'a mut RowWriter) -> Self {
        ObjectReader {
            within: Within::ShapeOfProperties,
            ..ObjectReader::row(writer)
        }
    }

    /// Takes an object of the row apart.
    pub(super) fn inside(writer: &'a mut RowWriter, node: NodeId, scope: Scope) -> Self {
        ObjectReader {
            writer,
            within: Within::Object(node, scope),
            pending: None,
            only: None,
        }
    }

    /// Takes the only object of an array of the row apart.
    pub(super) fn only(writer: &'a mut RowWriter, node: NodeId, scope: Scope) -> Self {
        ObjectReader {
            only: Some(false),
            ..ObjectReader::inside(writer, node, scope)
        }
    }

    /// The name of the object, as the row writes it; empty for the row itself.
    fn path(&self) -> &str {
        match self.within {
            Within::Row | Within::Shape | Within::ShapeOfProperties => "",
            Within::Object(_, scope) => self.writer.path(scope),
        }
    }

    #[cold]
    fn no_object<T>(&self, given: &str) -> Result<T, Reason> {
        Err(match self.within {
            Within::Row => Reason::new(
                "not_an_object",
                format!("the row is {given}; expected an object with a name for each value"),
            ),
            _ => Reason::new(
                "wrong_type",
                format!("expected an object, got {given}; convert it first"),
            )
            .at(self.path()),
        })
    }
}

macro_rules! refuse {
    ($($method:ident($($argument:ty),*): $given:literal,)*) => {
        $(fn $method(self, $(_: $argument),*) -> Result<Wrote, Reason> { self.no_object($given) })*
    };
}

impl Serializer for ObjectReader<'_> {
    type Ok = Wrote;
    type Error = Reason;
    type SerializeSeq = Self;
    type SerializeTuple = Impossible<Wrote, Reason>;
    type SerializeTupleStruct = Impossible<Wrote, Reason>;
    type SerializeTupleVariant = Impossible<Wrote, Reason>;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Impossible<Wrote, Reason>;

    refuse! {
        serialize_bool(bool): "true or false",
        serialize_i8(i8): "an integer",
        serialize_i16(i16): "an integer",
        serialize_i32(i32): "an integer",
        serialize_i64(i64): "an integer",
        serialize_i128(i128): "an integer",
        serialize_u8(u8): "an integer",
        serialize_u16(u16): "an integer",
        serialize_u32(u32): "an integer",
        serialize_u64(u64): "an integer",
        serialize_u128(u128): "an integer",
        serialize_f32(f32): "a number",
        serialize_f64(f64): "a number",
        serialize_char(char): "a text",
        serialize_str(&str): "a text",
        serialize_bytes(&[u8]): "bytes",
        serialize_unit_struct(&'static str): "an empty struct",
        serialize_unit_variant(&'static str, u32, &'static str): "a text",
    }

    fn serialize_none(self) -> Result<Wrote, Reason> {
        Ok(Wrote::Null)
    }

    fn serialize_unit(self) -> Result<Wrote, Reason> {
        Ok(Wrote::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Wrote, Reason> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Wrote, Reason> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Wrote, Reason> {
        match Reason::of_variant(name, variant, value) {
            Some(reason) => Err(reason.at(self.path())),
            None => self.no_object("an enum that carries data"),
        }
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, Reason> {
        if self.only.is_some() {
            return Ok(self);
        }
        self.no_object("an array")
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Reason> {
        self.no_object("an array")
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Reason> {
        self.no_object("an array")
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Reason> {
        self.no_object("an enum that carries data")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, Reason> {
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Reason> {
        Ok(self)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Reason> {
        self.no_object("an enum that carries data")
    }
}

impl ser::SerializeSeq for ObjectReader<'_> {
    type Ok = Wrote;
    type Error = Reason;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Reason> {
        if self.only.replace(true) == Some(true) {
            let detail = "the array holds several items; give each a row of its own";
            return Err(Reason::new("several_items", detail).at(self.path()));
        }
        let object = ObjectReader {
            writer: self.writer,
            within: self.within,
            pending: None,
            only: None,
        };
        value.serialize(object).map(drop)
    }

    fn end(self) -> Result<Wrote, Reason> {
        Ok(if self.only == Some(true) {
            Wrote::Value
        } else {
            Wrote::Null
        })
    }
}

impl ser::SerializeMap for ObjectReader<'_> {
    type Ok = Wrote;
    type Error = Reason;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Reason> {
        self.pending = Some(key::with_text(key, |text| Ok(text.to_owned()))?);
        Ok(())
    }

    #[inline]
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Reason> {
        let name = self.pending.take().unwrap_or_default();
        self.writer.member(self.within, &name, value)
    }

    /// The way without keeping the name.
    #[inline]
    fn serialize_entry<K: Serialize + ?Sized, V: Serialize + ?Sized>(
        &mut self,
        key: &K,
        value: &V,
    ) -> Result<(), Reason> {
        key::with_text(key, |name| self.writer.member(self.within, name, value))
    }

    fn end(self) -> Result<Wrote, Reason> {
        Ok(Wrote::Value)
    }
}

impl ser::SerializeStruct for ObjectReader<'_> {
    type Ok = Wrote;
    type Error = Reason;

    #[inline]
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Reason> {
        self.writer.member(self.within, name, value)
    }

    fn end(self) -> Result<Wrote, Reason> {
        Ok(Wrote::Value)
    }
}
