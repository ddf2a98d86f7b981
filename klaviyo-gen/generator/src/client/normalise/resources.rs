//! Recognises a named resource where the document repeats it in place.
//!
//! The answer to a creation describes its resource in full, although the answer to a reading has a name
//! for the same. An object with a fixed `type` and with `attributes` that equals a named schema is
//! that schema.

use std::collections::HashMap;

use serde_json::Value;

use crate::client::schema::{self, Schemas};

/// The schemas with repeated resources as references.
pub(super) fn share(mut schemas: Schemas) -> Schemas {
    let mut named: HashMap<String, &str> = HashMap::new();
    for (name, schema) in schemas.iter().filter(|(_, schema)| is_resource(schema)) {
        let shortest = named.entry(schema.to_string()).or_insert(name);
        if (name.len(), name.as_str()) < (shortest.len(), *shortest) {
            *shortest = name;
        }
    }
    let named: HashMap<String, String> = named
        .into_iter()
        .map(|(text, name)| (text, name.to_owned()))
        .collect();
    for schema in schemas.values_mut() {
        for (_, child) in schema::children_mut(schema) {
            schema::rewrite(child, &mut |inner| share_one(inner, &named));
        }
    }
    schemas
}

fn share_one(schema: &mut Value, named: &HashMap<String, String>) {
    if !is_resource(schema) {
        return;
    }
    let nullable = schema::is_nullable(schema);
    let mut plain = schema.clone();
    schema::forbid_null(&mut plain);
    if let Some(name) = named.get(&plain.to_string()) {
        *schema = schema::with_nullable(schema::reference_to(name), nullable);
    }
}

fn is_resource(schema: &Value) -> bool {
    schema::properties(schema).is_some_and(|properties| {
        properties.contains_key("type") && properties.contains_key("attributes")
    })
}
