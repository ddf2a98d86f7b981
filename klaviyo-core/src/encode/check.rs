//! Checks of single values that Klaviyo would refuse, one malformed row taking the whole batch along.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, SecondsFormat, Utc};
use klaviyo_gen::{FIELD_LIMITS, Operation};

use super::address::is_address;
use super::catalog;
use super::reason::Reason;

/// What a text is checked for, beyond its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// Nothing.
    Nothing,
    /// It must not be empty.
    NotEmpty,
    /// The form and length of an e-mail address.
    Email,
    /// E.164: a plus sign and up to 15 digits.
    PhoneNumber,
    /// An ISO 8601 time in the span that Klaviyo takes.
    Time,
    /// A day: `YYYY-MM-DD`.
    Date,
    /// The id of a catalog's item, variant or category.
    CatalogId,
    /// The same, or the `external_id` of one in the usual catalog.
    CatalogReference,
    /// The length of a metric's name.
    MetricName,
    /// The length of a `unique_id`.
    UniqueId,
}

/// The limits that values are held against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) string_bytes: usize,
    pub(super) array_items: usize,
    pub(super) nesting: usize,
    /// The latest time of an event; `None` where times are not limited.
    latest: Option<DateTime<Utc>>,
    /// Whether a value that cannot be sent is marked in its place, not an error.
    pub(super) marks: bool,
}

impl Limits {
    /// The limits of an operation; those of event data hold only where `now` is given.
    pub(super) fn of(operation: &Operation, now: Option<DateTime<Utc>>) -> Self {
        let string_bytes = operation.caps.and_then(|caps| caps.max_string_bytes);
        let of_events = |most: usize| if now.is_some() { most } else { usize::MAX };
        let ahead = Days::new(FIELD_LIMITS.event_future_days.unsigned_abs());
        Limits {
            string_bytes: string_bytes
                .and_then(|most| usize::try_from(most).ok())
                .unwrap_or(usize::MAX),
            array_items: of_events(FIELD_LIMITS.array_items),
            nesting: FIELD_LIMITS.nesting,
            latest: now.and_then(|now| now.checked_add_days(ahead)),
            marks: false,
        }
    }

    /// No limits at all.
    pub(super) fn none() -> Self {
        Limits {
            string_bytes: usize::MAX,
            array_items: usize::MAX,
            nesting: usize::MAX,
            latest: None,
            marks: false,
        }
    }

    /// No limits, and marks where there is no JSON form.
    pub(super) fn marking() -> Self {
        Limits {
            marks: true,
            ..Limits::none()
        }
    }

    /// Checks a text; gives the form in which it is to be sent when that is another.
    #[inline]
    pub(super) fn check(&self, check: Check, text: &str) -> Result<Option<String>, Reason> {
        if text.len() <= self.string_bytes && is_plainly_fine(check, text) {
            return Ok(None);
        }
        self.check_further(check, text)
    }

    #[inline(never)]
    fn check_further(&self, check: Check, text: &str) -> Result<Option<String>, Reason> {
        if text.len() > self.string_bytes {
            let (bytes, most) = (text.len(), self.string_bytes);
            return Err(Reason::new(
                "string_too_long",
                format!("the text takes {bytes} bytes; Klaviyo takes at most {most}: shorten it"),
            ));
        }
        match check {
            Check::Nothing => {}
            Check::NotEmpty => not_empty(text)?,
            Check::Email => email(text)?,
            Check::PhoneNumber => phone_number(text)?,
            Check::Time => return self.time(text),
            Check::Date => date(text)?,
            Check::CatalogId => catalog::check_id(text)?,
            Check::CatalogReference => return catalog::resolve(text),
            Check::MetricName => length(text, FIELD_LIMITS.metric_name_chars)?,
            Check::UniqueId => length(text, FIELD_LIMITS.unique_id_chars)?,
        }
        Ok(None)
    }

    /// Checks a time. Klaviyo wants it with a zone (RFC 3339); what has none is sent as UTC.
    fn time(&self, text: &str) -> Result<Option<String>, Reason> {
        let usual = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
        let (time, canonical) = match usual {
            Ok(time) => (time, None),
            Err(_) => {
                let time = other_time(text)?;
                let canonical = time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
                (time, Some(canonical))
            }
        };
        self.span(time, text)?;
        Ok(canonical)
    }

    fn span(&self, time: DateTime<Utc>, text: &str) -> Result<(), Reason> {
        let Some(latest) = self.latest else {
            return Ok(());
        };
        let first_year = FIELD_LIMITS.event_first_year;
        if time.year() < first_year || time > latest {
            return Err(Reason::new(
                "time_out_of_range",
                format!(
                    "{text} is outside what Klaviyo takes: the year {first_year} to {}",
                    latest.format("%Y-%m-%d")
                ),
            ));
        }
        Ok(())
    }
}

/// Whether nothing is wrong with a text that most rows give, which most often nothing is. Of any other, it
/// remains to be seen.
#[inline]
fn is_plainly_fine(check: Check, text: &str) -> bool {
    match check {
        Check::Nothing => true,
        Check::NotEmpty => !text.is_empty(),
        // A character takes a byte at least.
        Check::Email => text.len() <= FIELD_LIMITS.email_chars && is_address(text),
        _ => false,
    }
}

/// Reads an ISO 8601 time; without a zone it is taken as UTC, and a date as its first moment.
fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    const CLOCKS: [&str; 2] = ["%H:%M:%S%.f", "%H:%M"];
    let forms = ["T", " "]
        .iter()
        .flat_map(|between| CLOCKS.map(|clock| format!("%Y-%m-%d{between}{clock}")));
    for form in forms {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, &form) {
            return Some(time.and_utc());
        }
        if let Ok(time) = DateTime::parse_from_str(text, &format!("{form}%#z")) {
            return Some(time.to_utc());
        }
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(day.and_hms_opt(0, 0, 0)?.and_utc())
}

fn other_time(text: &str) -> Result<DateTime<Utc>, Reason> {
    parse_time(text).ok_or_else(|| {
        Reason::new(
            "invalid_time",
            format!("{text:?} is no ISO 8601 time; write it like 2026-11-01T09:30:00Z"),
        )
    })
}

fn date(text: &str) -> Result<(), Reason> {
    let read = NaiveDate::parse_from_str(text, "%Y-%m-%d");
    if text.len() == "YYYY-MM-DD".len() && read.is_ok() {
        return Ok(());
    }
    let detail = format!("{text:?} is no day; write it like 2026-11-01");
    Err(Reason::new("invalid_date", detail))
}

pub(super) fn not_empty(text: &str) -> Result<(), Reason> {
    if text.is_empty() {
        return Err(Reason::new(
            "empty",
            "the text is empty; leave the field out instead",
        ));
    }
    Ok(())
}

fn length(text: &str, most: usize) -> Result<(), Reason> {
    not_empty(text)?;
    // A character takes a byte at least.
    let length = if text.len() > most {
        text.chars().count()
    } else {
        text.len()
    };
    if length > most {
        return Err(Reason::new(
            "string_too_long",
            format!("the text has {length} characters; Klaviyo takes at most {most}: shorten it"),
        ));
    }
    Ok(())
}

fn email(text: &str) -> Result<(), Reason> {
    length(text, FIELD_LIMITS.email_chars)?;
    if is_address(text) {
        return Ok(());
    }
    Err(Reason::new(
        "invalid_email",
        format!(
            "{text:?} is no e-mail address; correct it, or leave it out if the row has another identifier"
        ),
    ))
}

fn phone_number(text: &str) -> Result<(), Reason> {
    not_empty(text)?;
    let digits = text.strip_prefix('+').unwrap_or("");
    let fine = (7..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|letter| letter.is_ascii_digit());
    if fine {
        return Ok(());
    }
    Err(Reason::new(
        "invalid_phone_number",
        format!("{text:?} is not in E.164 form; write it like +12025550123"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;
    use klaviyo_gen::operations::{BULK_CREATE_EVENTS, BULK_IMPORT_PROFILES};

    fn code(check: Check, text: &str) -> Option<&'static str> {
        let now = Utc.with_ymd_and_hms(2026, 11, 1, 0, 0, 0).unwrap();
        let limits = Limits::of(&BULK_CREATE_EVENTS, Some(now));
        limits.check(check, text).err().map(|reason| reason.code)
    }

    #[test]
    fn addresses() {
        for fine in [
            "a@shop.example",
            "a.b+c@sub.shop.example",
            "o'neil@shop.example",
            "a..b.@shop.example",
            "ü@müller.example",
        ] {
            assert_eq!(code(Check::Email, fine), None, "{fine}");
        }
        let long = format!("{}@shop.example", "a".repeat(90));
        assert_eq!(code(Check::Email, &long), Some("string_too_long"));
        assert_eq!(code(Check::Email, ""), Some("empty"));
        for bad in [
            "a",
            "a@",
            "@shop.example",
            "a b@shop.example",
            "a@shop",
            "a@@shop.example",
            "a@-shop.example",
            "a@shop..example",
            "a@shop.example\n",
        ] {
            assert_eq!(code(Check::Email, bad), Some("invalid_email"), "{bad}");
        }
    }

    #[test]
    fn phone_numbers() {
        assert_eq!(code(Check::PhoneNumber, "+12025550123"), None);
        for bad in [
            "12025550123",
            "+1 202 555 0123",
            "+0202555012",
            "+123456",
            "+1234567890123456",
        ] {
            assert_eq!(
                code(Check::PhoneNumber, bad),
                Some("invalid_phone_number"),
                "{bad}"
            );
        }
    }

    #[test]
    fn times() {
        for fine in [
            "2026-11-01T09:30:00Z",
            "2000-01-01T00:00:00+00:00",
            "2027-10-30",
            "2026-11-01T09:30:00.123",
            "2026-11-01 09:30:00",
            "2026-11-01T09:30:00+0200",
            "2026-11-01 09:30:00+0200",
            "2026-11-01T09:30Z",
            "2026-11-01T09:30+00:00",
            "2026-11-01T09:30",
        ] {
            assert_eq!(code(Check::Time, fine), None, "{fine}");
        }
        for bad in ["1999-12-31T23:59:59Z", "2028-01-01"] {
            assert_eq!(code(Check::Time, bad), Some("time_out_of_range"), "{bad}");
        }
        for bad in ["", "yesterday", "2026-13-01", "1761989400"] {
            assert_eq!(code(Check::Time, bad), Some("invalid_time"), "{bad}");
        }
    }

    #[test]
    fn a_time_without_a_zone_is_sent_as_utc() {
        let limits = Limits::of(&BULK_IMPORT_PROFILES, None);
        let sent = |text| limits.check(Check::Time, text).unwrap();
        assert_eq!(sent("2026-11-01T09:30:00+02:00"), None);
        for (given, expected) in [
            ("2026-11-01", "2026-11-01T00:00:00Z"),
            ("2026-11-01 09:30:00", "2026-11-01T09:30:00Z"),
            ("2026-11-01T09:30:00.25", "2026-11-01T09:30:00.250Z"),
            ("2026-11-01 09:30:00+0200", "2026-11-01T07:30:00Z"),
        ] {
            assert_eq!(sent(given).as_deref(), Some(expected), "{given}");
        }
    }

    #[test]
    fn lengths_are_those_of_the_table() {
        let text = |length: usize| "x".repeat(length);
        let most = FIELD_LIMITS.metric_name_chars;
        assert_eq!(code(Check::MetricName, &text(most)), None);
        assert_eq!(
            code(Check::MetricName, &text(most + 1)),
            Some("string_too_long")
        );
        assert_eq!(
            code(Check::Nothing, &text(100_001)),
            Some("string_too_long")
        );
        let profiles = Limits::of(&BULK_IMPORT_PROFILES, None);
        assert_eq!(profiles.check(Check::Nothing, &text(100_001)), Ok(None));
    }
}
