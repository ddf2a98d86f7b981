//! Names of members: read from whatever the row uses as a key, written as JSON.

use serde::ser::{Impossible, Serialize, Serializer};

use super::plain::is_plain;
use super::reason::Reason;

/// Writes `"name":`, escaped.
#[inline]
pub(super) fn write(name: &str, out: &mut Vec<u8>) {
    write_text(name, out);
    out.push(b':');
}

/// Writes a text with its quotes, escaped.
#[inline]
pub(super) fn write_text(text: &str, out: &mut Vec<u8>) {
    if is_plain(text.as_bytes()) {
        write_plain(text, out);
    } else {
        write_escaped(text, out);
    }
}

/// Writes a text with its quotes that needs no escapes.
#[inline]
pub(super) fn write_plain(text: &str, out: &mut Vec<u8>) {
    out.reserve(text.len() + 3);
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

#[cold]
#[inline(never)]
fn write_escaped(text: &str, out: &mut Vec<u8>) {
    let written = serde_json::to_writer(out, text);
    debug_assert!(
        written.is_ok(),
        "a text always has a JSON form, and memory takes it"
    );
}

/// Calls `take` with the text of a key.
pub(super) fn with_text<K, T>(
    key: &K,
    take: impl FnOnce(&str) -> Result<T, Reason>,
) -> Result<T, Reason>
where
    K: Serialize + ?Sized,
{
    key.serialize(KeyText(take))
}

/// A serializer for keys: texts only.
struct KeyText<F>(F);

fn no_text<T>() -> Result<T, Reason> {
    Err(Reason::new(
        "invalid_name",
        "names of fields and properties must be texts (csv.DictReader gives None as the name of cells \
         beyond the header)",
    ))
}

macro_rules! refuse {
    ($($method:ident: $type:ty,)*) => {
        $(fn $method(self, _: $type) -> Result<T, Reason> { no_text() })*
    };
}

impl<T, F: FnOnce(&str) -> Result<T, Reason>> Serializer for KeyText<F> {
    type Ok = T;
    type Error = Reason;
    type SerializeSeq = Impossible<T, Reason>;
    type SerializeTuple = Impossible<T, Reason>;
    type SerializeTupleStruct = Impossible<T, Reason>;
    type SerializeTupleVariant = Impossible<T, Reason>;
    type SerializeMap = Impossible<T, Reason>;
    type SerializeStruct = Impossible<T, Reason>;
    type SerializeStructVariant = Impossible<T, Reason>;

    fn serialize_str(self, text: &str) -> Result<T, Reason> {
        (self.0)(text)
    }

    fn serialize_char(self, letter: char) -> Result<T, Reason> {
        (self.0)(letter.encode_utf8(&mut [0; 4]))
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<T, Reason> {
        (self.0)(variant)
    }

    fn serialize_newtype_struct<V: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &V,
    ) -> Result<T, Reason> {
        value.serialize(self)
    }

    refuse! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_i128: i128,
        serialize_u128: u128,
        serialize_f32: f32,
        serialize_f64: f64,
        serialize_bytes: &[u8],
        serialize_unit_struct: &'static str,
    }

    fn serialize_none(self) -> Result<T, Reason> {
        no_text()
    }

    fn serialize_some<V: Serialize + ?Sized>(self, value: &V) -> Result<T, Reason> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<T, Reason> {
        no_text()
    }

    fn serialize_newtype_variant<V: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        value: &V,
    ) -> Result<T, Reason> {
        match Reason::of_variant(name, variant, value) {
            Some(reason) => Err(reason),
            None => no_text(),
        }
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Reason> {
        no_text()
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Reason> {
        no_text()
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Reason> {
        no_text()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Reason> {
        no_text()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Reason> {
        no_text()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Reason> {
        no_text()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Reason> {
        no_text()
    }
}

/// Calls `see` with each name of a JSON object, those that come twice included.
pub(super) fn each_name(object: &[u8], see: impl FnMut(String)) -> serde_json::Result<()> {
    use serde::Deserializer;
    use serde::de::{IgnoredAny, MapAccess, Visitor};

    struct Names<F>(F);

    impl<'de, F: FnMut(String)> Visitor<'de> for Names<F> {
        type Value = ();

        fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
            while let Some((name, _)) = map.next_entry::<String, IgnoredAny>()? {
                (self.0)(name);
            }
            Ok(())
        }
    }

    serde_json::Deserializer::from_slice(object).deserialize_map(Names(see))
}
