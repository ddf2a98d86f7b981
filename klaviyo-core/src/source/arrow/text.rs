//! Dates and times of Arrow as texts, in the forms that Python's `isoformat` gives, so that a row is the
//! same whichever way it comes.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow_schema::{DataType, TimeUnit};
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime, Timelike};

/// Milliseconds in a day.
pub(super) const DAY_MS: i64 = 24 * 60 * 60 * 1000;

const DAY_SECONDS: i64 = DAY_MS / 1000;

/// The number behind a time or timestamp.
pub(super) fn ticks(array: &dyn Array, index: usize) -> Option<i64> {
    use TimeUnit::{Microsecond, Millisecond, Nanosecond, Second};
    macro_rules! value {
        ($type:ty) => {
            i64::from(array.as_primitive::<$type>().value(index))
        };
    }
    Some(match array.data_type() {
        DataType::Time32(Second) => value!(Time32SecondType),
        DataType::Time32(_) => value!(Time32MillisecondType),
        DataType::Time64(Microsecond) => value!(Time64MicrosecondType),
        DataType::Time64(_) => value!(Time64NanosecondType),
        DataType::Timestamp(Second, _) => value!(TimestampSecondType),
        DataType::Timestamp(Millisecond, _) => value!(TimestampMillisecondType),
        DataType::Timestamp(Microsecond, _) => value!(TimestampMicrosecondType),
        DataType::Timestamp(Nanosecond, _) => value!(TimestampNanosecondType),
        _ => return None,
    })
}

/// Whole seconds and the nanoseconds that are left.
fn split(ticks: i64, unit: TimeUnit) -> (i64, u32) {
    let per_second: i64 = match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    };
    let nanos = ticks.rem_euclid(per_second) * (1_000_000_000 / per_second);
    (
        ticks.div_euclid(per_second),
        u32::try_from(nanos).unwrap_or_default(),
    )
}

/// The day that so many days after 1970-01-01 is; none beyond chrono's years.
pub(super) fn day(days: i64) -> Option<String> {
    let moment = DateTime::from_timestamp(days.checked_mul(DAY_SECONDS)?, 0)?;
    let mut text = Written::default();
    text.date(moment.date_naive());
    Some(text.0)
}

/// A time of no day in particular.
pub(super) fn time_of_day(ticks: i64, unit: TimeUnit) -> Option<String> {
    let (seconds, nanos) = split(ticks, unit);
    let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds.try_into().ok()?, nanos)?;
    let mut text = Written::default();
    text.time(time);
    Some(text.0)
}

/// A moment. One without a zone is taken as UTC. One of a zone with a name, whose offset only a
/// calendar knows, is written in UTC, which is the same moment.
pub(super) fn timestamp(ticks: i64, unit: TimeUnit, zone: Option<&str>) -> Option<String> {
    let (seconds, nanos) = split(ticks, unit);
    let moment = DateTime::from_timestamp(seconds, nanos)?;
    let offset = zone.map(|zone| zone.parse().unwrap_or(UTC));
    let local = moment
        .naive_utc()
        .checked_add_offset(offset.unwrap_or(UTC))?;
    let mut text = Written::default();
    text.date(local.date());
    text.0.push('T');
    text.time(local.time());
    match offset {
        None => text.0.push('Z'),
        // What most have.
        Some(UTC) => text.0.push_str("+00:00"),
        Some(offset) => text.0 += &offset.to_string(),
    }
    Some(text.0)
}

/// No offset.
const UTC: FixedOffset = match FixedOffset::east_opt(0) {
    Some(utc) => utc,
    None => panic!(),
};

/// A text in the making. It is put together by hand: there may be millions, and a format is read anew for each.
struct Written(String);

impl Default for Written {
    fn default() -> Self {
        const LONGEST: usize = "2026-10-31T09:30:00.000000001+02:00".len();
        Written(String::with_capacity(LONGEST))
    }
}

impl Written {
    fn date(&mut self, date: NaiveDate) {
        match u32::try_from(date.year()) {
            Ok(year) if year <= 9999 => self.number(year, 1000),
            // With its sign.
            _ => self.0 += &date.format("%Y").to_string(),
        }
        self.0.push('-');
        self.number(date.month(), 10);
        self.0.push('-');
        self.number(date.day(), 10);
    }

    /// A time, with six or nine digits behind the point if it is between two seconds.
    fn time(&mut self, time: NaiveTime) {
        self.number(time.hour(), 10);
        self.0.push(':');
        self.number(time.minute(), 10);
        self.0.push(':');
        self.number(time.second(), 10);
        let nanos = time.nanosecond();
        if nanos == 0 {
            return;
        }
        self.0.push('.');
        if nanos.is_multiple_of(1000) {
            self.number(nanos / 1000, 100_000);
        } else {
            self.number(nanos, 100_000_000);
        }
    }

    /// A number below ten times `place`, with all digits from that place on.
    fn number(&mut self, number: u32, place: u32) {
        let mut place = place;
        while place > 0 {
            let digit = number / place % 10;
            self.0.extend(char::from_digit(digit, 10));
            place /= 10;
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDateTime, Utc};
    use proptest::prelude::*;

    use super::*;

    /// What formats make of a moment: its day, and its time.
    fn formatted(local: NaiveDateTime, nanos: u32) -> (String, String) {
        let fraction = match nanos {
            0 => String::new(),
            nanos if nanos % 1000 == 0 => format!(".{:06}", nanos / 1000),
            nanos => format!(".{nanos:09}"),
        };
        let time = local.format("%H:%M:%S").to_string() + &fraction;
        (local.format("%Y-%m-%d").to_string(), time)
    }

    proptest! {
        #[test]
        fn texts_are_what_formats_make_of_them(
            seconds in prop_oneof![
                0..4_000_000_000i64,
                -9_000_000_000..0i64,
                -8_000_000_000_000..8_000_000_000_000i64,
            ],
            micros in prop_oneof![Just(0), 0..1_000_000i64],
            nanos in prop_oneof![Just(0), 0..1000i64],
            offset in (-1439..1440i32).prop_map(|minutes| FixedOffset::east_opt(minutes * 60).unwrap_or(UTC)),
        ) {
            let zone = offset.to_string();
            let below = u32::try_from(micros * 1000).unwrap();
            let utc = DateTime::from_timestamp(seconds, below).unwrap();
            let (day, time) = formatted(utc.naive_utc(), below);
            prop_assert_eq!(super::day(seconds.div_euclid(DAY_SECONDS)), Some(day.clone()));
            let ticks = seconds * 1_000_000 + micros;
            prop_assert_eq!(timestamp(ticks, TimeUnit::Microsecond, None), Some(format!("{day}T{time}Z")));
            let of_the_day = ticks.rem_euclid(DAY_MS * 1000);
            prop_assert_eq!(time_of_day(of_the_day, TimeUnit::Microsecond), Some(time));
            let (day, time) = formatted(utc.with_timezone(&offset).naive_local(), below);
            let expected = Some(format!("{day}T{time}{zone}"));
            prop_assert_eq!(timestamp(ticks, TimeUnit::Microsecond, Some(&zone)), expected);
            if let Some(ticks) = ticks.checked_mul(1000).and_then(|ticks| ticks.checked_add(nanos)) {
                let below = below + u32::try_from(nanos).unwrap();
                let (day, time) = formatted(utc.naive_utc(), below);
                prop_assert_eq!(timestamp(ticks, TimeUnit::Nanosecond, None), Some(format!("{day}T{time}Z")));
            }
        }
    }

    #[test]
    fn moments_beyond_the_years_have_no_text() {
        let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        for (moment, zone, beyond) in [(first, "+02:00", "-02:00"), (last, "-02:00", "+02:00")] {
            let text = |zone| timestamp(moment.timestamp(), TimeUnit::Second, Some(zone));
            assert!(text(zone).is_some());
            assert_eq!(text(beyond), None);
        }
    }
}
