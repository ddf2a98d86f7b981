//! All settings by their names, for those that take them as text: both command lines, Python.

use std::fmt;

use super::text::{Spoken, Takes, words};
use super::{Settings, scopes};
use crate::nearest::did_you_mean;

/// A setting by its name.
#[derive(Debug, Clone, Copy)]
pub struct NamedSetting {
    /// The name of the field of [`Settings`].
    pub name: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// Under what heading a command line's help shows it.
    pub heading: &'static str,
    /// What it is about, in a line; of a switch, what its option does.
    pub about: &'static str,
    set: fn(&mut Settings, &str) -> bool,
    say: fn(&Settings) -> String,
}

/// Why a setting is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingError(pub(super) String);

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SettingError {}

macro_rules! settings {
    ($($heading:literal { $($name:ident: $about:literal;)+ })+) => {
        impl Settings {
            /// All settings that can be said as text: all but the clock.
            pub const NAMED: &'static [NamedSetting] = &[$($(NamedSetting {
                name: stringify!($name),
                takes: takes(|settings| settings.$name),
                heading: $heading,
                about: $about,
                set: |settings, text| set(&mut settings.$name, text),
                say: |settings| settings.$name.say(),
            },)+)+];
        }

        /// A setting that has no name here does not compile.
        const _: fn(Settings) = |settings| {
            let Settings { $($($name: _,)+)+ clock: _ } = settings;
        };
    };
}

/// What a field takes; the closure only says which field.
const fn takes<T: Spoken>(_: fn(Settings) -> T) -> Takes {
    T::TAKES
}

fn set<T: Spoken>(field: &mut T, text: &str) -> bool {
    T::parse(text).is_some_and(|value| {
        *field = value;
        true
    })
}

settings! {
    "Address and access" {
        port: "the port on 127.0.0.1; 0 takes a free one";
        key: "the private key that requests must carry";
        scopes: "the key's scopes, such as profiles:read; all if not given";
        company: "the company's id, which requests to /client/… name in place of a key";
    }
    "Limits and jobs" {
        limits: "switch the rate limits off";
        predictive_analytics_limits: "switch off the rate limit that predictive analytics have beside their operation's";
        job_time: "how long a job takes from its request to its end";
    }
    "What Klaviyo's documentation leaves open" {
        window_alignment: "how far all windows of the rate limits are shifted against the clock; drawn for each if not given";
        refused_requests_count: "count requests answered 429 against the rate limits, too";
        unauthorized_code: "which code a 401 has; by_cause tells a missing key from a wrong one";
        compressed_body: "what becomes of a body compressed with gzip; refuse is a 415";
        oversized_body: "what the 413 says that a body over its cap gets";
        filter_any_values: "how many values any(…) takes in a filter; without end if not given";
        repeated_event: "what becomes of a unique_id that stands twice in one request; refuse is a 400";
        known_event: "what becomes of a unique_id that an earlier request used; refuse is a 400";
        taken_phone_number: "what becomes of an imported row with another profile's phone number; refuse is a 400";
        job_error_pointer: "where the errors point that stand in a job of the catalog or of coupon codes";
        confirmation: "what comes of a double opt-in; awaited: nobody confirms, given: everybody does";
        suppression_lag: "how long a suppression job shows as processing after its effect";
    }
    "An app with OAuth" {
        client_id: "the app's id";
        client_secret: "the app's secret";
        refresh_token: "the app's first refresh token";
        access_token_lifetime: "how long an access token lives";
        on_refresh: "what becomes of a refresh token that is used; rotate gives another one";
    }
    "Benchmarks and repeatable runs" {
        sink: "count and hash bulk profiles and events, but neither parse nor keep them";
        seed: "what ids, windows and faults are drawn from; drawn itself if not given";
    }
}

impl Settings {
    /// Chooses a setting by its name, as text: `set("job_time", "0.5")`.
    ///
    /// # Errors
    /// When there is no such setting, or it does not take this; the error says what it takes.
    pub fn set(&mut self, name: &str, text: &str) -> Result<(), SettingError> {
        let setting = Self::NAMED.iter().find(|setting| setting.name == name);
        let setting = setting.ok_or_else(|| {
            let names: Vec<_> = Self::NAMED.iter().map(|setting| setting.name).collect();
            let hint = did_you_mean(name, &names);
            let names = names.join(", ");
            SettingError(format!(
                "No setting is named {name}{hint}; there are {names}."
            ))
        })?;
        if (setting.set)(self, text) {
            return Ok(());
        }
        if setting.takes == Takes::Scopes {
            scopes::check_each(words(text))?;
        }
        let takes = setting.takes;
        Err(SettingError(format!("{name} is {takes}, not {text:?}.")))
    }
}

/// Refuses texts that are empty, and scopes that no operation needs, however they were set.
pub(crate) fn check(settings: &Settings) -> Result<(), SettingError> {
    for setting in Settings::NAMED {
        if setting.takes == Takes::Text {
            settings.clone().set(setting.name, &setting.of(settings))?;
        }
    }
    scopes::check(settings.scopes.as_deref())
}

impl NamedSetting {
    /// What is chosen for it; empty if that is left to the sandbox.
    #[must_use]
    pub fn of(&self, settings: &Settings) -> String {
        (self.say)(settings)
    }

    /// Its option on a command line, without the hyphens in front: a switch that is on has one to
    /// turn it off, such as `no-limits`.
    #[must_use]
    pub fn flag(&self) -> String {
        let name = self.name.replace('_', "-");
        match self.switched() {
            Some("false") => format!("no-{name}"),
            _ => name,
        }
    }

    /// What a switch's option, which takes no value, chooses; `None` for other settings.
    #[must_use]
    pub fn switched(&self) -> Option<&'static str> {
        (self.takes == Takes::Switch).then(|| match self.of(&Settings::default()).as_str() {
            "true" => "false",
            _ => "true",
        })
    }

    /// What stands for its value in a command line's help.
    #[must_use]
    pub fn placeholder(&self) -> String {
        match self.takes {
            Takes::Seconds => "SECONDS".to_owned(),
            Takes::Number(_) => "NUMBER".to_owned(),
            Takes::Text | Takes::Switch => "TEXT".to_owned(),
            Takes::Scopes => "SCOPE,…".to_owned(),
            Takes::OneOf(words) => words.join("|"),
        }
    }
}

impl fmt::Display for Takes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Switch => f.write_str("true or false"),
            Self::Seconds => f.write_str("a number of seconds, 0 or more"),
            Self::Number(most) => write!(f, "a whole number from 0 to {most}"),
            Self::Text => f.write_str("a text that is not empty"),
            Self::Scopes => f.write_str("scopes with commas between them"),
            Self::OneOf(words) => f.write_str(&words.join(" or ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::OnTakenPhoneNumber;
    use super::*;

    fn refusal(name: &str, text: &str) -> String {
        Settings::default().set(name, text).unwrap_err().to_string()
    }

    #[test]
    fn what_a_setting_says_it_takes() {
        for setting in Settings::NAMED {
            let mut settings = Settings::default();
            let words = match setting.takes {
                Takes::Switch => vec!["true", "false"],
                Takes::Seconds => vec!["0", "1.5"],
                Takes::Number(_) => vec!["0", "65535"],
                Takes::Text => vec!["text"],
                Takes::Scopes => vec!["", "lists:read,profiles:write"],
                Takes::OneOf(words) => words.to_vec(),
            };
            for word in words {
                settings.set(setting.name, word).unwrap();
                assert_eq!(setting.of(&settings), word, "{}", setting.name);
            }
        }
    }

    #[test]
    fn a_setting_changes_its_own_field() {
        let mut settings = Settings::default();
        settings.set("window_alignment", "0.25").unwrap();
        settings.set("taken_phone_number", "drop_number").unwrap();
        settings.set("scopes", "lists:read, profiles:read").unwrap();
        assert_eq!(settings.window_alignment, Some(Duration::from_millis(250)));
        assert_eq!(settings.taken_phone_number, OnTakenPhoneNumber::DropNumber);
        let scopes = ["lists:read", "profiles:read"].map(str::to_owned);
        assert_eq!(settings.scopes, Some(scopes.to_vec()));
    }

    #[test]
    fn what_it_does_not_take_is_refused_with_the_choices() {
        assert_eq!(
            refusal("known_event", "keep"),
            "known_event is drop or refuse, not \"keep\"."
        );
        for text in ["-1", "NaN", "soon", ""] {
            assert!(refusal("job_time", text).contains("a number of seconds, 0 or more"));
        }
        assert!(refusal("port", "65536").contains("from 0 to 65535"));
        assert!(refusal("limits", "1").contains("true or false"));
        for text in ["", " "] {
            assert!(refusal("key", text).starts_with("key is a text that is not empty"));
        }
    }

    #[test]
    fn a_name_that_is_misspelt_is_refused_with_the_nearest() {
        let misspelt = refusal("job-tim", "1");
        assert!(
            misspelt.starts_with(
                "No setting is named job-tim (did you mean job_time?); there are port, key,"
            ),
            "{misspelt}"
        );
        let misspelt = refusal("scopes", "lists:read, profile:read");
        assert!(
            misspelt.starts_with("There is no scope profile:read (did you mean profiles:read?); there are accounts:read,"),
            "{misspelt}"
        );
    }

    #[test]
    fn every_setting_is_documented() {
        let readme = include_str!("../../README.md");
        for setting in Settings::NAMED {
            let name = format!("| `{}` |", setting.name);
            assert!(readme.contains(&name), "{name} in README.md");
        }
    }

    #[test]
    fn switches_have_options_that_turn_them_over() {
        let flags = |name: &str| {
            let setting = Settings::NAMED.iter().find(|it| it.name == name).unwrap();
            (setting.flag(), setting.switched())
        };
        assert_eq!(flags("limits"), ("no-limits".to_owned(), Some("false")));
        assert_eq!(flags("sink"), ("sink".to_owned(), Some("true")));
        assert_eq!(flags("job_time"), ("job-time".to_owned(), None));
    }
}
