//! What bulk operations have in common: items under caps, each with its place in the body.

use klaviyo_gen::{Caps, Operation, Schema};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::problem::{Problem, Refusal};
use crate::validate::{Pointer, shape};

/// The caps of an operation that is modelled as a bulk one.
pub(super) fn caps(operation: &'static Operation) -> &'static Caps {
    operation
        .caps
        .expect("a bulk operation has caps in the table")
}

/// The shape of an item of a bulk operation.
pub(super) fn item_schema(operation: &'static Operation) -> &'static Schema {
    caps(operation)
        .item
        .expect("a bulk operation has an item in the table")
}

/// Refuses more items than one request may bring.
pub(super) fn check_count(caps: &Caps, count: usize) -> Result<(), Refusal> {
    match caps.max_items {
        Some(most) if count > most as usize => {
            let pointer = caps
                .items
                .unwrap_or("/data")
                .split("/*")
                .next()
                .unwrap_or_default();
            let detail = format!("There are {count} items, more than {most}.");
            Err(Problem::invalid(pointer, detail).into())
        }
        _ => Ok(()),
    }
}

/// Reads one item and checks its size and shape; `None` when it cannot be worked with.
pub(super) fn read(
    raw: &RawValue,
    caps: &Caps,
    schema: &'static Schema,
    at: &mut Pointer,
    problems: &mut Vec<Problem>,
) -> Option<Map<String, Value>> {
    if let Some(most) = caps
        .max_item_bytes
        .filter(|most| raw.get().len() as u64 > *most)
    {
        problems.push(Problem::invalid(
            at.as_str(),
            format!("The item is larger than {most} bytes."),
        ));
        return None;
    }
    let value: Value = match serde_json::from_str(raw.get()) {
        Ok(value) => value,
        // The text is JSON, so what remains is nesting that no parser follows.
        Err(_) => {
            problems.push(Problem::invalid(
                at.as_str(),
                "The item is nested too deep.",
            ));
            return None;
        }
    };
    let before = problems.len();
    shape(&value, schema, at, problems);
    match value {
        Value::Object(object) if problems.len() == before => Some(object),
        _ => None,
    }
}
