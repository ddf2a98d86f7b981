//! How deep a body may be nested, whatever it says.
//!
//! What is free-form in the document has no bound of its own, but serde reads 128 levels at most.
//! In a snapshot a value stands below others: what is nested nearly as deep in a request could be
//! written there and never be read again. The figure is ours; where Klaviyo has one
//! (properties), the smaller one holds.

use serde_json::Value;

use super::pointer::Pointer;
use crate::problem::Problem;

/// Levels of arrays and objects in a body, or in an item of a bulk body.
const MOST_LEVELS: usize = 100;

/// Refuses a value that is nested too deep.
pub(crate) fn nesting(value: &Value, at: &Pointer<'_>, problems: &mut Vec<Problem>) {
    if !has_at_most(MOST_LEVELS, value) {
        let detail = format!("It is nested more than {MOST_LEVELS} deep.");
        problems.push(Problem::invalid(&at.to_string(), detail));
    }
}

fn has_at_most(levels: usize, value: &Value) -> bool {
    let is_within = |inner| levels > 0 && has_at_most(levels - 1, inner);
    match value {
        Value::Array(elements) => levels > 0 && elements.iter().all(is_within),
        Value::Object(fields) => levels > 0 && fields.values().all(is_within),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn arrays_and_objects_are_levels() {
        assert!(has_at_most(0, &json!("text")));
        assert!(has_at_most(2, &json!({"a": [1, 2], "b": 3})));
        assert!(!has_at_most(1, &json!({"a": [1, 2], "b": 3})));
        assert!(!has_at_most(0, &json!([])));
    }
}
