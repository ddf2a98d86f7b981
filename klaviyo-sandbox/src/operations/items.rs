//! What operations have in common that take items under caps, or one resource of an item's shape.

use klaviyo_gen::{Caps, Operation, Schema};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::api::Call;
use crate::problem::{Problem, Refusal};
use crate::validate::{Pointer, integers, nesting, shape};

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

/// The resource in the body of an operation that takes one. Its shape is that of an item of a bulk
/// operation, the only one that the table has.
pub(super) fn single(
    call: &Call<'_>,
    like: &'static Operation,
) -> Result<Map<String, Value>, Refusal> {
    let mut body: Map<String, Value> = call.parse()?;
    let data = body
        .remove("data")
        .ok_or_else(|| Problem::invalid("/data", "The field is required."))?;
    let mut problems = Vec::new();
    let at = Pointer::new("/data");
    shape(&data, item_schema(like), &at, &mut problems);
    Refusal::unless_empty(problems)?;
    match data {
        Value::Object(resource) => Ok(resource),
        _ => Err(Problem::invalid("/data", "It must be an object.").into()),
    }
}

/// Refuses a resource of another type than the operation takes.
pub(super) fn check_type(given: &str, expected: &str) -> Result<(), Refusal> {
    if given == expected {
        return Ok(());
    }
    let detail = format!("It must be {expected}.");
    Err(Problem::invalid("/data/type", detail).into())
}

/// Refuses a change of another resource than the one that the path names.
pub(super) fn check_id(given: Option<&str>, call: &Call<'_>) -> Result<(), Refusal> {
    if given == Some(call.path.get("id")) {
        return Ok(());
    }
    Err(Problem::invalid("/data/id", "It must be the id in the path.").into())
}

/// Demands that a relationship says what the resource is related to. The document lets it be empty.
pub(super) fn require_related(
    resource: &Map<String, Value>,
    name: &str,
    at: &Pointer<'_>,
    problems: &mut Vec<Problem>,
) {
    let relationship = resource.get("relationships").map(|names| &names[name]);
    if relationship.is_some_and(|relationship| relationship.get("data").is_none()) {
        let pointer = at.at(format_args!("relationships/{name}/data"));
        problems.push(Problem::invalid(&pointer, "The field is required."));
    }
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
    at: &Pointer<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Map<String, Value>> {
    if let Some(most) = caps
        .max_item_bytes
        .filter(|most| raw.get().len() as u64 > *most)
    {
        problems.push(Problem::invalid(
            &at.to_string(),
            format!("The item is larger than {most} bytes."),
        ));
        return None;
    }
    let value: Value = match serde_json::from_str(raw.get()) {
        Ok(value) => value,
        // The text is JSON, so what remains is nesting that no parser follows.
        Err(_) => {
            problems.push(Problem::invalid(
                &at.to_string(),
                "The item is nested too deep.",
            ));
            return None;
        }
    };
    let before = problems.len();
    nesting(&value, at, problems);
    integers(raw, at, problems);
    shape(&value, schema, at, problems);
    match value {
        Value::Object(object) if problems.len() == before => Some(object),
        _ => None,
    }
}
