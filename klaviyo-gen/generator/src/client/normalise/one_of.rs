//! Reduces `oneOf` to what needs a type of its own.
//!
//! Widenings: text of which some is listed becomes any text; several plain kinds become one `scalar`
//! that takes them all; arrays of this or of that become an array of both.

use serde_json::{Value, json};

use super::SCALAR;
use crate::client::schema::{self, Schemas};

/// The schemas with every `oneOf` as simple as it can be.
pub(super) fn simplify(mut schemas: Schemas) -> Schemas {
    schema::rewrite_all(&mut schemas, &mut say_what_lists_are);
    let plain: Schemas = schemas
        .iter()
        .filter(|(_, schema)| is_plain(schema))
        .map(cloned)
        .collect();
    schema::rewrite_all(&mut schemas, &mut |schema| simplify_one(schema, &plain));
    schemas
}

fn cloned((name, schema): (&String, &Value)) -> (String, Value) {
    (name.clone(), schema.clone())
}

/// Listed values say themselves of what type they are; some schemas leave it at that.
fn say_what_lists_are(schema: &mut Value) {
    if schema::kind(schema).is_some() {
        return;
    }
    let values: Vec<&Value> = schema::array(schema, "enum")
        .iter()
        .filter(|value| !value.is_null())
        .collect();
    let all =
        |is_one: fn(&Value) -> bool| !values.is_empty() && values.iter().all(|value| is_one(value));
    let kind = if all(Value::is_string) {
        "string"
    } else if all(Value::is_boolean) {
        "boolean"
    } else if all(Value::is_i64) {
        "integer"
    } else {
        return;
    };
    schema["type"] = kind.into();
}

/// Whether a value of the schema is text, a number or a boolean.
fn is_plain(schema: &Value) -> bool {
    matches!(
        schema::kind(schema),
        Some("string" | "integer" | "number" | "boolean")
    )
}

fn simplify_one(schema: &mut Value, plain: &Schemas) {
    if is_null_only(schema) {
        *schema = json!({ "nullable": true });
        return;
    }
    let Some(alternatives) = schema::alternatives(schema).cloned() else {
        return;
    };
    let named = |schema: Value| match schema::reference(&schema).and_then(|name| plain.get(name)) {
        Some(target) => target.clone(),
        None => schema,
    };
    let (nulls, alternatives): (Vec<_>, Vec<_>) = flatten(alternatives)
        .into_iter()
        .map(named)
        .partition(is_null_only);
    let nullable = schema::is_nullable(schema)
        || !nulls.is_empty()
        || alternatives.iter().any(schema::is_nullable);
    *schema = schema::with_nullable(combine(alternatives, plain), nullable);
}

/// Whether nothing but `null` is a value, be it listed or what is left after simplifying.
fn is_null_only(schema: &Value) -> bool {
    let values = schema::array(schema, "enum");
    let lists_null = !values.is_empty() && values.iter().all(Value::is_null);
    lists_null || *schema == json!({ "nullable": true })
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
fn combine(alternatives: Vec<Value>, plain: &Schemas) -> Value {
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
        simplify_one(&mut items, plain);
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
