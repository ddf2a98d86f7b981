//! Strings for which Klaviyo lists the values, as enums that any other text fits into too.
//!
//! The generated code makes each with the macro, which keeps it short for the reader and cheap for the
//! compiler.

/// Makes an enum of texts. Reading an unlisted text keeps it, in `UnknownValue`.
///
/// An enum of a single text has it as its default.
macro_rules! texts {
    ($(#[$attribute:meta])* pub enum $name:ident { $only:ident = $text:literal $(,)? }) => {
        $crate::typed::texts::texts!(@define $(#[$attribute])* $name { $only = $text });

        impl Default for $name {
            fn default() -> Self {
                Self::$only
            }
        }
    };
    ($(#[$attribute:meta])* pub enum $name:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        $crate::typed::texts::texts!(@define $(#[$attribute])* $name { $($variant = $text),+ });
    };
    (@define $(#[$attribute:meta])* $name:ident { $($variant:ident = $text:literal),+ }) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`")] $variant,)+
            /// A text that this revision does not list.
            UnknownValue(String),
        }

        impl $name {
            /// The text on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::UnknownValue(text) => text,
                }
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                match text.as_str() {
                    $($text => Self::$variant,)+
                    _ => Self::UnknownValue(text),
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                text.to_owned().into()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <String as serde::Deserialize>::deserialize(deserializer).map(Self::from)
            }
        }
    };
}

pub(crate) use texts;
