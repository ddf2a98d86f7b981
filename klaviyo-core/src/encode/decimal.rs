//! Decimals as JSON numbers. Whoever reads JSON reads floats, and only those decimals arrive as they
//! were whose digits are the shortest that name their float: up to 15 significant digits always,
//! 17 at most.

use serde::{Serialize, Serializer};

use super::Unsendable;

/// A decimal by its digits, with or without an exponent: written as the JSON number that is exactly it;
/// one that no JSON number is rejects its row.
#[derive(Debug, Clone, Copy)]
pub struct Decimal<'a>(pub &'a str);

impl Serialize for Decimal<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let digits = self.0;
        match number(digits) {
            Number::Integer(number) => to.serialize_i128(number),
            Number::Float(number) => to.serialize_f64(number),
            Number::Inexact => Unsendable {
                code: "inexact_number",
                detail: format!(
                    "{digits} has more digits than a JSON number keeps, or is beyond the largest or smallest; \
                     round it, or send it as a text"
                ),
            }
            .serialize(to),
        }
    }
}

/// What a decimal is in JSON.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Number {
    Integer(i128),
    /// Written with the fewest digits that name it, this is the decimal exactly; or it is no number.
    Float(f64),
    /// No JSON number would arrive as this decimal.
    Inexact,
}

fn number(text: &str) -> Number {
    if let Ok(integer) = text.parse() {
        return Number::Integer(integer);
    }
    let Ok(float) = text.parse::<f64>() else {
        // `sNaN`, or a NaN with a payload.
        return Number::Float(f64::NAN);
    };
    let has_digits = text.contains(|letter: char| letter.is_ascii_digit());
    if !has_digits || significance(text) == significance(&format!("{float:e}")) {
        return Number::Float(float);
    }
    Number::Inexact
}

/// Significant digits, and the power of ten of the last of them.
fn significance(text: &str) -> (String, i64) {
    let text = text.trim_start_matches(['+', '-']);
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let kept = digits.trim_end_matches('0');
    let significant = kept.trim_start_matches('0').to_owned();
    if significant.is_empty() {
        return (significant, 0);
    }
    let dropped = (digits.len() - kept.len()) as i64 - fraction.len() as i64;
    (significant, exponent.parse::<i64>().unwrap_or(0) + dropped)
}
