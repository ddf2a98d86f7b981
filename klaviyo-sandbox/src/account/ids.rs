//! Ids that look like Klaviyo's: short, opaque, unique, and the same for the same seed.
//!
//! Every id comes from a count, spread by a bijection, so none is ever given out twice and an
//! event's number can be read back from its id without an index.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// An odd number, so that multiplying by it loses nothing: the golden ratio's 64 bits.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
/// Undoes a multiplication by [`SPREAD`].
const GATHER: u64 = 0xF1DE_83E1_9937_733D;

/// Where segments count from: lists and metrics share the 32 bits below.
const SEGMENTS: u64 = 1 << 31;

const BASE_32: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BASE_62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Hands out ids.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Ids {
    seed: u64,
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// A profile's id, in the shape of a ULID: ten characters of time, sixteen of chance.
    pub(crate) fn profile(self, number: u64, now: DateTime<Utc>) -> String {
        let time = now.timestamp_millis().unsigned_abs();
        let chance = (u128::from(spread(number)) << 64) | u128::from(spread(number ^ self.seed));
        let mut id = String::with_capacity(26);
        push_digits(&mut id, BASE_32, u128::from(time), 10);
        push_digits(&mut id, BASE_32, chance >> 48, 16);
        id
    }

    /// The id of something that belongs to custom objects, a ULID too; no profile has the same.
    pub(crate) fn object(self, number: u64, now: DateTime<Utc>) -> String {
        self.profile(u64::MAX - 1 - number, now)
    }

    /// The six characters of a list's id.
    pub(crate) fn list(self, number: u64) -> String {
        self.short(2 * number)
    }

    /// The six characters of a metric's id; no list has the same.
    pub(crate) fn metric(self, number: u64) -> String {
        self.short(2 * number + 1)
    }

    /// The six characters of a segment's id; no list and no metric has the same.
    pub(crate) fn segment(self, number: u64) -> String {
        self.short(SEGMENTS + number)
    }

    /// The id of a resource that is not held: the same for the same kind and number in every sandbox.
    pub(crate) fn made_up(kind: &str, number: u64) -> String {
        Self::new(Self::number_of(kind.as_bytes())).short(number)
    }

    /// A number that stands for some bytes: their FNV-1a hash, the same on every machine.
    pub(crate) fn number_of(bytes: &[u8]) -> u64 {
        const BASIS: u64 = 0xCBF2_9CE4_8422_2325;
        const PRIME: u64 = 0x0000_0100_0000_01B3;
        let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(PRIME);
        bytes.iter().fold(BASIS, mix)
    }

    fn short(self, number: u64) -> String {
        // 32 bits fit into six characters of base 62; the multiplier is odd there too.
        #[allow(
            clippy::cast_possible_truncation,
            reason = "the lower half is what is wanted"
        )]
        let spread = (number as u32).wrapping_mul(SPREAD as u32) ^ self.seed as u32;
        let mut id = String::with_capacity(6);
        push_digits(&mut id, BASE_62, u128::from(spread), 6);
        id
    }

    /// An event's id.
    pub(crate) fn event(self, number: u64) -> String {
        let mut id = String::with_capacity(11);
        push_digits(&mut id, BASE_62, u128::from(spread(number) ^ self.seed), 11);
        id
    }

    /// The number of the event with this id, if it has the shape of one.
    pub(crate) fn event_number(self, id: &str) -> Option<u64> {
        if id.len() != 11 {
            return None;
        }
        let value = id.bytes().try_fold(0_u128, |value, byte| {
            let digit = BASE_62.iter().position(|digit| *digit == byte)?;
            Some(value * 62 + digit as u128)
        })?;
        gather(u64::try_from(value).ok()? ^ self.seed)
    }

    /// A job's id: opaque, with the `=` at its end that surprises naive URL builders.
    pub(crate) fn job(self, kind: &str, number: u64) -> String {
        STANDARD.encode(format!("{kind}:{:016x}", spread(number) ^ self.seed))
    }

    /// A UUID for one of several things that belong to a numbered one, such as a job's errors.
    pub(crate) fn nth_of(self, owner: u64, nth: usize) -> String {
        self.uuid((owner << 32) | nth as u64)
    }

    /// A push token's id.
    pub(crate) fn push_token(self, number: u64) -> String {
        format!(
            "{:032x}",
            u128::from(spread(number) ^ self.seed) << 64 | u128::from(number)
        )
    }

    /// A UUID for an error or an event.
    pub(crate) fn uuid(self, number: u64) -> String {
        let [high, low] = [spread(number), spread(number ^ self.seed.rotate_left(32))];
        format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xFFFF,
            high & 0xFFF,
            low >> 52,
            low & 0xFFFF_FFFF_FFFF,
        )
    }
}

/// Counts from one, so that the first id is not all zeros.
fn spread(number: u64) -> u64 {
    number.wrapping_add(1).wrapping_mul(SPREAD)
}

/// The number that [`spread`] made this of.
fn gather(spread: u64) -> Option<u64> {
    spread.wrapping_mul(GATHER).checked_sub(1)
}

/// Appends `count` digits of `value`, the highest first; higher digits than that are cut off.
fn push_digits<const BASE: usize>(
    text: &mut String,
    alphabet: &[u8; BASE],
    mut value: u128,
    count: usize,
) {
    // A constant, so that dividing by a power of two is no division.
    let base = BASE as u128;
    let mut digits = [0_u8; 26];
    for digit in digits[..count].iter_mut().rev() {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "a remainder is below the base"
        )]
        let index = (value % base) as usize;
        *digit = alphabet[index];
        value /= base;
    }
    text.extend(digits[..count].iter().map(|digit| char::from(*digit)));
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_id_is_given_out_twice() {
        let ids = Ids::new(7);
        let now = DateTime::UNIX_EPOCH;
        for make in [
            (|ids: Ids, n, now| ids.profile(n, now)) as fn(Ids, u64, DateTime<Utc>) -> String,
            |ids, n, _| {
                if n % 2 == 0 {
                    ids.list(n / 2)
                } else {
                    ids.metric(n / 2)
                }
            },
            |ids, n, _| ids.event(n),
            |ids, n, _| ids.job("bulk_import", n),
            |ids, n, _| ids.nth_of(n / 100, (n % 100) as usize),
            |ids, n, _| ids.uuid(n),
        ] {
            let seen: HashSet<String> = (0..50_000).map(|n| make(ids, n, now)).collect();
            assert_eq!(seen.len(), 50_000);
        }
    }

    #[test]
    fn an_events_number_is_read_back_from_its_id() {
        let ids = Ids::new(0xDEAD_BEEF_0000_0001);
        for number in [0, 1, 69_658, u64::from(u32::MAX)] {
            assert_eq!(ids.event_number(&ids.event(number)), Some(number));
        }
        assert_eq!(ids.event_number("not an id!!"), None);
        assert_eq!(ids.event_number(""), None);
    }
}
