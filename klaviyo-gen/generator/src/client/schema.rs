//! Reading and walking a JSON schema as it stands in an OpenAPI 3.0 document.

use serde_json::{Map, Value};

/// `components.schemas`: schemas by name.
pub(super) type Schemas = Map<String, Value>;

const REFERENCE: &str = "#/components/schemas/";

/// The name of the schema that `schema` refers to, when it is a reference.
pub(super) fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix(REFERENCE)
}

/// A reference to the schema called `name`.
pub(super) fn reference_to(name: &str) -> Value {
    serde_json::json!({ "$ref": format!("{REFERENCE}{name}") })
}

/// Whether `null` is allowed.
pub(super) fn is_nullable(schema: &Value) -> bool {
    schema.get("nullable") == Some(&Value::Bool(true))
}

/// The same schema, with `null` allowed when `nullable` says so.
pub(super) fn with_nullable(mut schema: Value, nullable: bool) -> Value {
    if let (true, Some(object)) = (nullable, schema.as_object_mut()) {
        object.insert("nullable".into(), Value::Bool(true));
    }
    schema
}

/// Takes back that `null` is allowed.
pub(super) fn forbid_null(schema: &mut Value) {
    if let Some(object) = schema.as_object_mut() {
        object.remove("nullable");
    }
}

/// The properties of an object with known fields.
pub(super) fn properties(schema: &Value) -> Option<&Map<String, Value>> {
    schema.get("properties")?.as_object()
}

/// The properties that an object with known fields must have.
pub(super) fn required(schema: &Value) -> impl Iterator<Item = &str> {
    array(schema, "required").iter().filter_map(Value::as_str)
}

/// The alternatives of a schema that is one of several.
pub(super) fn alternatives(schema: &Value) -> Option<&Vec<Value>> {
    schema
        .get("oneOf")
        .or_else(|| schema.get("anyOf"))?
        .as_array()
}

/// The texts that a string may be, when the schema lists them.
pub(super) fn texts(schema: &Value) -> Option<Vec<&str>> {
    let values = schema.get("enum")?.as_array()?;
    let texts: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
    (!texts.is_empty()).then_some(texts)
}

/// The `type` of a schema.
pub(super) fn kind(schema: &Value) -> Option<&str> {
    schema.get("type")?.as_str()
}

/// An array inside a JSON object; empty when there is none.
pub(super) fn array<'a>(object: &'a Value, key: &str) -> &'a [Value] {
    object
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// How a schema is reached from the one that contains it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// It is the property of that name.
    Property(String),
    /// It is what an array holds.
    Item,
    /// It is one of several, counted from 0.
    Alternative(usize),
}

/// The schemas directly inside a schema.
pub(super) fn children_mut(schema: &mut Value) -> Vec<(Step, &mut Value)> {
    let Some(object) = schema.as_object_mut() else {
        return Vec::new();
    };
    let mut children = Vec::new();
    for (key, value) in object {
        match (key.as_str(), value) {
            ("properties", Value::Object(properties)) => {
                let named = |(name, child)| (Step::Property(String::clone(name)), child);
                children.extend(properties.iter_mut().map(named));
            }
            ("items", child) => children.push((Step::Item, child)),
            ("oneOf" | "anyOf" | "allOf", Value::Array(alternatives)) => {
                let numbered = |(index, child)| (Step::Alternative(index), child);
                children.extend(alternatives.iter_mut().enumerate().map(numbered));
            }
            _ => {}
        }
    }
    children
}

/// Calls `change` on every schema inside `schema` and on itself, the inner ones first.
pub(super) fn rewrite(schema: &mut Value, change: &mut dyn FnMut(&mut Value)) {
    for (_, child) in children_mut(schema) {
        rewrite(child, change);
    }
    change(schema);
}

/// Calls `change` on every schema of the document, the inner ones first.
pub(super) fn rewrite_all(schemas: &mut Schemas, change: &mut dyn FnMut(&mut Value)) {
    for schema in schemas.values_mut() {
        rewrite(schema, change);
    }
}
