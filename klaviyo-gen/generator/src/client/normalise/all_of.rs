//! Folds `allOf` away.
//!
//! Klaviyo writes it in two ways: around a single reference, to say that it may be null; and to add
//! properties to a resource that come only on request (`additional-fields`). Such properties join the
//! resource itself, as optional ones: one type for a resource wherever it appears.

use serde_json::{Map, Value};

use crate::client::schema::{self, Schemas};

/// The schemas without `allOf`.
pub(super) fn fold(mut schemas: Schemas) -> Schemas {
    let mut extensions = Vec::new();
    schema::rewrite_all(&mut schemas, &mut |schema| {
        if let Some(Value::Array(parts)) = schema
            .as_object_mut()
            .and_then(|object| object.remove("allOf"))
        {
            let nullable = schema::is_nullable(schema);
            *schema = schema::with_nullable(fold_one(parts, &mut extensions), nullable);
        }
    });
    for (name, extension) in extensions {
        extend(&mut schemas, &name, extension);
    }
    schemas
}

/// One schema for all `parts`: a reference to the named one, or all properties in one object.
fn fold_one(parts: Vec<Value>, extensions: &mut Vec<(String, Value)>) -> Value {
    let (named, anonymous): (Vec<_>, Vec<_>) = parts
        .into_iter()
        .partition(|part| schema::reference(part).is_some());
    let target = named.into_iter().next();
    let Some(name) = target.as_ref().and_then(schema::reference) else {
        let mut whole = serde_json::json!({ "type": "object", "properties": {} });
        anonymous
            .into_iter()
            .for_each(|part| merge(&mut whole, part));
        return whole;
    };
    extensions.extend(anonymous.into_iter().map(|part| (name.to_owned(), part)));
    target.unwrap_or_default()
}

/// Adds the properties of `extension` to the schema called `name`.
fn extend(schemas: &mut Schemas, name: &str, extension: Value) {
    let Some(mut target) = schemas.get(name).cloned() else {
        return;
    };
    let Some(Value::Object(added)) = extension.get("properties").cloned() else {
        return;
    };
    for (property, addition) in added {
        let existing = target["properties"]
            .get(&property)
            .and_then(schema::reference)
            .map(str::to_owned);
        match existing {
            Some(existing) => extend(schemas, &existing, addition),
            None => merge_property(&mut target, &property, addition),
        }
    }
    schemas.insert(name.to_owned(), target);
}

/// Adds the properties of `part` to the object `whole`.
fn merge(whole: &mut Value, part: Value) {
    let Value::Object(mut part) = part else {
        return;
    };
    if let Some(Value::Object(properties)) = part.remove("properties") {
        for (name, property) in properties {
            merge_property(whole, &name, property);
        }
    }
}

/// Adds one property; what `whole` already says of it stays.
fn merge_property(whole: &mut Value, name: &str, addition: Value) {
    let properties = &mut whole["properties"];
    if !properties.is_object() {
        *properties = Value::Object(Map::new());
    }
    match properties.get_mut(name) {
        Some(existing) if existing.get("properties").is_some() => merge(existing, addition),
        Some(_) => {}
        None => properties[name] = addition,
    }
}
