//! One of several shapes: telling from a value which of them it is.
//!
//! The document gives no discriminator, so a value is held against the marks of each shape: the texts
//! that its fields take and the fields that it has. The shape that fits best is taken; a value that
//! fits none is kept as it is.

use serde_json::Value;

use crate::{JsonObject, Scalar};

/// A shape that may be one of several.
pub(crate) trait Alternative {
    /// How well the value fits; `None` when it is of another shape.
    fn fit(value: &Value) -> Option<i32>;
}

impl<T: Alternative> Alternative for Box<T> {
    fn fit(value: &Value) -> Option<i32> {
        T::fit(value)
    }
}

impl<T> Alternative for Vec<T> {
    fn fit(value: &Value) -> Option<i32> {
        value.is_array().then_some(0)
    }
}

impl Alternative for String {
    fn fit(value: &Value) -> Option<i32> {
        value.is_string().then_some(0)
    }
}

impl Alternative for Scalar {
    fn fit(value: &Value) -> Option<i32> {
        (value.is_string() || value.is_number() || value.is_boolean()).then_some(0)
    }
}

/// Anything: the last resort.
impl Alternative for Value {
    fn fit(_: &Value) -> Option<i32> {
        Some(i32::MIN)
    }
}

impl Alternative for JsonObject {
    fn fit(value: &Value) -> Option<i32> {
        value.is_object().then_some(0)
    }
}

/// The marks of an object.
pub(crate) struct Marks {
    /// Fields that take listed texts only, and these texts.
    pub(crate) texts: &'static [(&'static str, &'static [&'static str])],
    /// Fields that take `true` only or `false` only.
    pub(crate) flags: &'static [(&'static str, bool)],
    /// The fields that the object must have.
    pub(crate) required: &'static [&'static str],
    /// The other fields that it may have.
    pub(crate) optional: &'static [&'static str],
}

impl Marks {
    /// How well the value fits: a point for each mark found, one less for each that is missing and
    /// for each field that the object does not have.
    ///
    /// An object whose only text or flag differs is another one, however similar.
    pub(crate) fn fit(&self, value: &Value) -> Option<i32> {
        let object = value.as_object()?;
        let mut points = 0;
        for (name, listed) in self.texts {
            match object.get(*name).and_then(Value::as_str) {
                Some(text) if listed.contains(&text) => points += 1,
                Some(_) if listed.len() == 1 => return None,
                Some(_) => points -= 1,
                None => {}
            }
        }
        for (name, expected) in self.flags {
            match object.get(*name).and_then(Value::as_bool) {
                Some(flag) if flag != *expected => return None,
                Some(_) => points += 1,
                None => {}
            }
        }
        for name in self.required {
            points += if object.contains_key(*name) { 1 } else { -1 };
        }
        for name in object.keys().map(String::as_str) {
            if !self.required.contains(&name) && !self.optional.contains(&name) {
                points -= 1;
            }
        }
        Some(points)
    }
}

/// One of the shapes that an enum `E` stands for.
pub(crate) struct Way<E> {
    /// How well a value fits it.
    pub(crate) fit: fn(&Value) -> Option<i32>,
    /// Reads a value as it.
    pub(crate) read: fn(&Value) -> Result<E, serde_json::Error>,
}

/// The value, read as the shape that fits best; of those that fit alike, as the first.
pub(crate) fn read<E>(value: &Value, ways: &[Way<E>]) -> Option<E> {
    let fits = ways
        .iter()
        .rev()
        .filter_map(|way| Some(((way.fit)(value)?, way)));
    let (_, best) = fits.max_by_key(|(points, _)| *points)?;
    (best.read)(value).ok()
}

/// Makes an enum of alternative shapes; a value of none of them is kept in `UnknownValue`.
macro_rules! alternatives {
    ($(#[$attribute:meta])* pub enum $name:ident { $($variant:ident($held:ty)),+ $(,)? }) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize)]
        #[allow(clippy::large_enum_variant, reason = "there are few of them, and a box is in the way")]
        #[serde(untagged)]
        pub enum $name {
            $(#[doc = concat!("A `", stringify!($held), "`.")] $variant($held),)+
            /// A value of a shape that this revision does not list.
            UnknownValue(serde_json::Value),
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = <serde_json::Value as serde::Deserialize>::deserialize(deserializer)?;
                let ways: &[$crate::typed::alternatives::Way<Self>] = &[$($crate::typed::alternatives::Way {
                    fit: <$held as $crate::typed::alternatives::Alternative>::fit,
                    read: |value| <$held as serde::Deserialize>::deserialize(value).map(Self::$variant),
                }),+];
                Ok($crate::typed::alternatives::read(&value, ways).unwrap_or(Self::UnknownValue(value)))
            }
        }

        $(impl From<$held> for $name {
            fn from(held: $held) -> Self {
                Self::$variant(held)
            }
        })+
    };
}

pub(crate) use alternatives;
