//! Custom properties: how deep, how long, how many.

use klaviyo_gen::FIELD_LIMITS;
use serde_json::{Map, Value};

use super::pointer::Pointer;
use crate::problem::Problem;

/// Checks the properties of an event.
pub(super) fn of_event(
    properties: &Map<String, Value>,
    max_string_bytes: Option<u64>,
    at: &Pointer<'_>,
    problems: &mut Vec<Problem>,
) {
    if properties.len() > FIELD_LIMITS.event_properties {
        let detail = format!(
            "There are more than {} properties.",
            FIELD_LIMITS.event_properties
        );
        problems.push(Problem::invalid(&at.to_string(), detail));
    }
    nested(properties, max_string_bytes, at, problems);
}

/// Checks properties of whatever they belong to.
pub(super) fn nested(
    properties: &Map<String, Value>,
    max_string_bytes: Option<u64>,
    at: &Pointer<'_>,
    problems: &mut Vec<Problem>,
) {
    for (name, value) in properties {
        at.within(name, |at| {
            property(value, 1, max_string_bytes, at, problems)
        });
    }
}

fn property(
    value: &Value,
    depth: usize,
    max_string_bytes: Option<u64>,
    at: &Pointer<'_>,
    problems: &mut Vec<Problem>,
) {
    // Arrays and objects are levels; what they hold in the end is none.
    if depth > FIELD_LIMITS.nesting && (value.is_array() || value.is_object()) {
        let detail = format!("It is nested more than {} deep.", FIELD_LIMITS.nesting);
        problems.push(Problem::invalid(&at.to_string(), detail));
        return;
    }
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                at.within(name, |at| {
                    property(value, depth + 1, max_string_bytes, at, problems)
                });
            }
        }
        Value::Array(elements) => {
            if elements.len() > FIELD_LIMITS.array_items {
                let detail = format!(
                    "The array has more than {} elements.",
                    FIELD_LIMITS.array_items
                );
                problems.push(Problem::invalid(&at.to_string(), detail));
            }
            for (index, value) in elements.iter().enumerate() {
                at.within(index, |at| {
                    property(value, depth + 1, max_string_bytes, at, problems)
                });
            }
        }
        Value::String(text) if max_string_bytes.is_some_and(|most| text.len() as u64 > most) => {
            problems.push(Problem::invalid(&at.to_string(), "The text is too long."));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problems(properties: Value) -> usize {
        let Value::Object(properties) = properties else {
            panic!("an object expected")
        };
        let mut problems = Vec::new();
        of_event(&properties, Some(100), &Pointer::new(""), &mut problems);
        problems.len()
    }

    #[test]
    fn figures_are_the_tables() {
        let deep = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!({"in": inner}));
        assert_eq!(problems(json!({"p": deep(FIELD_LIMITS.nesting)})), 0);
        assert_eq!(problems(json!({"p": deep(FIELD_LIMITS.nesting + 1)})), 1);

        let many =
            |count: usize| Value::Object((0..count).map(|n| (n.to_string(), json!(n))).collect());
        assert_eq!(problems(many(FIELD_LIMITS.event_properties)), 0);
        assert_eq!(problems(many(FIELD_LIMITS.event_properties + 1)), 1);

        assert_eq!(problems(json!({"p": vec![0; FIELD_LIMITS.array_items]})), 0);
        assert_eq!(
            problems(json!({"p": vec![0; FIELD_LIMITS.array_items + 1]})),
            1
        );

        assert_eq!(problems(json!({"p": "x".repeat(100)})), 0);
        assert_eq!(problems(json!({"p": "x".repeat(101)})), 1);
    }
}
