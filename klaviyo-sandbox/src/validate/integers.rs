//! Whether the integers among custom properties fit into 64 bits with a sign.
//!
//! It is judged by their text: read as a number, an integer that is too large is a floating-point one.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::pointer::Pointer;
use crate::problem::Problem;

/// No integer with fewer digits is too large.
const DIGITS: usize = 19;

/// Names the integers that are too large in the properties of whatever resource has some.
pub(crate) fn integers(raw: &RawValue, at: &Pointer<'_>, problems: &mut Vec<Problem>) {
    if has_digits(raw.get(), DIGITS) {
        outside(raw, false, at, problems);
    }
}

fn has_digits(text: &str, most: usize) -> bool {
    let mut digits = 0;
    text.bytes().any(|byte| {
        digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
        digits >= most
    })
}

/// Looks for resources' attributes, and for the properties among these.
fn outside(raw: &RawValue, is_attributes: bool, at: &Pointer<'_>, problems: &mut Vec<Problem>) {
    inner(raw, at, |name, value, at| {
        if is_attributes && name == Some("properties") {
            inside(value, at, problems);
        } else {
            outside(value, name == Some("attributes"), at, problems);
        }
    });
}

/// Looks for integers that are too large.
fn inside(raw: &RawValue, at: &Pointer<'_>, problems: &mut Vec<Problem>) {
    let text = raw.get();
    if is_integer(text) && text.parse::<i64>().is_err() {
        problems.push(Problem::invalid(
            &at.to_string(),
            "The integer does not fit into 64 bits with a sign.",
        ));
    }
    inner(raw, at, |_, value, at| inside(value, at, problems));
}

fn is_integer(text: &str) -> bool {
    text.starts_with(|first: char| first == '-' || first.is_ascii_digit())
        && !text.contains(['.', 'e', 'E'])
}

/// Calls `look` for what stands in an object, by its name, or in an array.
fn inner(
    raw: &RawValue,
    at: &Pointer<'_>,
    mut look: impl FnMut(Option<&str>, &RawValue, &Pointer<'_>),
) {
    let text = raw.get();
    if text.starts_with('{') {
        let fields: BTreeMap<String, &RawValue> = serde_json::from_str(text).unwrap_or_default();
        for (name, value) in fields {
            at.within(&name, |at| look(Some(&name), value, at));
        }
    } else if text.starts_with('[') {
        let elements: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
        for (index, value) in elements.into_iter().enumerate() {
            at.within(index, |at| look(None, value, at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Source;

    fn refused(properties: &str) -> bool {
        let text = format!(r#"{{"data": [{{"attributes": {{"properties": {properties}}}}}]}}"#);
        let raw: Box<RawValue> = serde_json::from_str(&text).unwrap();
        let mut problems = Vec::new();
        integers(&raw, &Pointer::new(""), &mut problems);
        let at = Source::Pointer("/data/0/attributes/properties/p".to_owned());
        assert!(problems.iter().all(|problem| problem.source == at));
        !problems.is_empty()
    }

    #[test]
    fn what_fits_is_told_by_the_text() {
        for taken in [
            "9223372036854775807",
            "-9223372036854775808",
            "9223372036854775808.0",
            "1e30",
            "0.10000000000000000000001",
            r#""99999999999999999999""#,
        ] {
            assert!(!refused(&format!(r#"{{"p": {taken}}}"#)), "{taken}");
        }
        for large in [
            "9223372036854775808",
            "-9223372036854775809",
            "18446744073709551616",
            "100000000000000000000000000000",
        ] {
            assert!(refused(&format!(r#"{{"p": {large}}}"#)), "{large}");
        }
    }

    #[test]
    fn other_numbers_are_not_looked_at() {
        let text = r#"{"attributes": {"value": 18446744073709551616}, "properties": {"p": 18446744073709551616}}"#;
        let raw: Box<RawValue> = serde_json::from_str(text).unwrap();
        let mut problems = Vec::new();
        integers(&raw, &Pointer::new(""), &mut problems);
        assert!(problems.is_empty());
    }
}
