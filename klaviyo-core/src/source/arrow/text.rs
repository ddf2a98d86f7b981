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
use chrono::{DateTime, FixedOffset, NaiveTime, Timelike};

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
    Some(moment.format("%Y-%m-%d").to_string())
}

/// A time of no day in particular.
pub(super) fn time_of_day(ticks: i64, unit: TimeUnit) -> Option<String> {
    let (seconds, nanos) = split(ticks, unit);
    let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds.try_into().ok()?, nanos)?;
    Some(format!("{}{}", time.format("%H:%M:%S"), fraction(nanos)))
}

/// A moment. One without a zone is taken as UTC. One of a zone with a name, whose offset only a
/// calendar knows, is written in UTC, which is the same moment.
pub(super) fn timestamp(ticks: i64, unit: TimeUnit, zone: Option<&str>) -> Option<String> {
    let (seconds, nanos) = split(ticks, unit);
    let moment = DateTime::from_timestamp(seconds, nanos)?;
    let Some(zone) = zone else {
        let whole = moment.format("%Y-%m-%dT%H:%M:%S");
        return Some(format!("{whole}{}Z", fraction(nanos)));
    };
    let utc = || FixedOffset::east_opt(0);
    let moment = moment.with_timezone(&zone.parse().ok().or_else(utc)?);
    let whole = moment.format("%Y-%m-%dT%H:%M:%S");
    Some(format!(
        "{whole}{}{}",
        fraction(moment.nanosecond()),
        moment.format("%:z")
    ))
}

fn fraction(nanos: u32) -> String {
    match nanos {
        0 => String::new(),
        nanos if nanos % 1000 == 0 => format!(".{:06}", nanos / 1000),
        nanos => format!(".{nanos:09}"),
    }
}
