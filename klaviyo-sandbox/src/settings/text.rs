//! Settings as text, as a command line or another language gives them.

use std::time::Duration;

use super::scopes::is_scope;
use super::{
    Confirmation, JobErrorPointer, OnCompressedBody, OnKnownEvent, OnOversizedBody, OnRefresh,
    OnRepeatedEvent, OnTakenPhoneNumber, UnauthorizedCode,
};

/// What a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Takes {
    /// `true` or `false`.
    Switch,
    /// A number of seconds, 0 or more, such as `0.5`.
    Seconds,
    /// A whole number, at most this one.
    Number(u64),
    /// Any text but an empty one.
    Text,
    /// Scopes of the document, such as `profiles:read`, with commas between them.
    Scopes,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

/// A value that can be said as text.
pub(super) trait Spoken: Sized {
    const TAKES: Takes;

    fn parse(text: &str) -> Option<Self>;

    /// What `parse` reads; empty for what was not chosen.
    fn say(&self) -> String;
}

impl Spoken for bool {
    const TAKES: Takes = Takes::Switch;

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn say(&self) -> String {
        self.to_string()
    }
}

impl Spoken for u16 {
    const TAKES: Takes = Takes::Number(Self::MAX as u64);

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn say(&self) -> String {
        self.to_string()
    }
}

impl Spoken for u64 {
    const TAKES: Takes = Takes::Number(Self::MAX);

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn say(&self) -> String {
        self.to_string()
    }
}

impl Spoken for Duration {
    const TAKES: Takes = Takes::Seconds;

    fn parse(text: &str) -> Option<Self> {
        Self::try_from_secs_f64(text.parse().ok()?).ok()
    }

    fn say(&self) -> String {
        self.as_secs_f64().to_string()
    }
}

impl Spoken for String {
    const TAKES: Takes = Takes::Text;

    fn parse(text: &str) -> Option<Self> {
        (!text.trim().is_empty()).then(|| text.to_owned())
    }

    fn say(&self) -> String {
        self.clone()
    }
}

/// Of all settings, scopes alone are several.
impl Spoken for Vec<String> {
    const TAKES: Takes = Takes::Scopes;

    fn parse(text: &str) -> Option<Self> {
        let known = |word: &str| is_scope(word).then(|| word.to_owned());
        words(text).map(known).collect()
    }

    fn say(&self) -> String {
        self.join(",")
    }
}

impl<T: Spoken> Spoken for Option<T> {
    const TAKES: Takes = T::TAKES;

    fn parse(text: &str) -> Option<Self> {
        T::parse(text).map(Some)
    }

    fn say(&self) -> String {
        self.as_ref().map(T::say).unwrap_or_default()
    }
}

/// The words of a text that has commas between them.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(',').map(str::trim);
    words.filter(|word| !word.is_empty())
}

macro_rules! choices {
    ($($kind:ident { $($word:literal => $choice:ident),+ $(,)? })+) => {
        $(impl Spoken for $kind {
            const TAKES: Takes = Takes::OneOf(&[$($word),+]);

            fn parse(text: &str) -> Option<Self> {
                match text {
                    $($word => Some(Self::$choice),)+
                    _ => None,
                }
            }

            fn say(&self) -> String {
                match self {
                    $(Self::$choice => $word,)+
                }
                .to_owned()
            }
        })+
    };
}

choices! {
    UnauthorizedCode {
        "by_cause" => ByCause,
        "authentication_failed" => AuthenticationFailed,
        "not_authenticated" => NotAuthenticated,
    }
    OnCompressedBody { "refuse" => Refuse, "take" => Take }
    OnOversizedBody { "json_api" => JsonApi, "html" => Html, "empty" => Empty }
    OnRefresh { "keep" => Keep, "rotate" => Rotate }
    OnRepeatedEvent { "refuse" => Refuse, "drop" => Drop }
    OnKnownEvent { "drop" => Drop, "refuse" => Refuse }
    OnTakenPhoneNumber {
        "import_error" => ImportError, "drop_number" => DropNumber, "refuse" => Refuse,
    }
    JobErrorPointer { "row" => Row, "request" => Request }
    Confirmation { "awaited" => Awaited, "given" => Given }
}
