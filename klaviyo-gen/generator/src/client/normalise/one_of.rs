//! Reduces `oneOf` to what needs a type of its own.
//!
//! Widenings: text of which some is listed becomes any text; several plain kinds become one `scalar`
//! that takes them all; arrays of this or of that become an array of both.

use serde_json::{Value, json};

use super::SCALAR;
use crate::client::schema::{self, Schemas};

/// The schemas with every `oneOf` as simple as it can be.
pub(super) fn simplify(mut schemas: Schemas) -> Schemas {
    schema::rewrite_all(&mut schemas, &mut simplify_one);
    schemas
}

fn simplify_one(schema: &mut Value) {
    if is_null_only(schema) {
        *schema = json!({ "nullable": true });
        return;
    }
    let Some(alternatives) = schema::alternatives(schema).cloned() else {
        return;
    };
    let (nulls, alternatives): (Vec<_>, Vec<_>) =
        flatten(alternatives).into_iter().partition(is_null_only);
    let nullable = schema::is_nullable(schema)
        || !nulls.is_empty()
        || alternatives.iter().any(schema::is_nullable);
    *schema = schema::with_nullable(combine(alternatives), nullable);
}

/// Whether nothing but `null` is listed as a value.
fn is_null_only(schema: &Value) -> bool {
    schema
        .get("enum")
        .and_then(Value::as_array)
        .is_some_and(|values| values.iter().all(Value::is_null))
}

/// Takes the alternatives out of those that are one of several themselves.
fn flatten(alternatives: Vec<Value>) -> Vec<Value> {
    alternatives
        .into_iter()
        .flat_map(|schema| {
            schema::alternatives(&schema)
                .cloned()
                .map_or_else(|| vec![schema], flatten)
        })
        .collect()
}

/// One schema for all `alternatives`.
fn combine(alternatives: Vec<Value>) -> Value {
    if let [only] = alternatives.as_slice() {
        return only.clone();
    }
    let all = |kinds: &[&str]| {
        let is_one =
            |schema: &Value| schema::kind(schema).is_some_and(|kind| kinds.contains(&kind));
        alternatives.iter().all(is_one)
    };
    if all(&["string"]) {
        combine_texts(&alternatives)
    } else if all(&["string", "integer", "number", "boolean", SCALAR]) {
        json!({ "type": SCALAR })
    } else if all(&["array"]) {
        let items = alternatives
            .iter()
            .map(|schema| schema["items"].clone())
            .collect();
        let mut items = json!({ "oneOf": Value::Array(items) });
        simplify_one(&mut items);
        json!({ "type": "array", "items": items })
    } else {
        let mut distinct: Vec<Value> = Vec::new();
        for schema in alternatives {
            if !distinct.contains(&schema) {
                distinct.push(schema);
            }
        }
        json!({ "oneOf": distinct })
    }
}

/// Listed values of all, unless one of them takes any text.
fn combine_texts(alternatives: &[Value]) -> Value {
    let Some(lists) = alternatives
        .iter()
        .map(schema::texts)
        .collect::<Option<Vec<_>>>()
    else {
        return json!({ "type": "string" });
    };
    let mut values = lists.concat();
    values.sort_unstable();
    values.dedup();
    json!({ "type": "string", "enum": values })
}
