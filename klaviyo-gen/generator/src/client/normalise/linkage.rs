//! Shares the small objects by which one resource points at another.
//!
//! JSON:API repeats them everywhere: an identifier (`type` and `id`), and a relationship, which holds
//! one identifier or many in `data`. They are told by their shape and named after the resource type
//! they point at, so that a name depends on nothing else in the document:
//!
//! | shape | name |
//! |---|---|
//! | `{type: "list", id}` | `ListIdentifier` |
//! | `{data: ListIdentifier}` | `ListReference` |
//! | `{data: [ListIdentifier]}` | `ListReferences` |
//! | `{data: ListIdentifier, links}` | `ListRelationship` |
//! | `{data: [ListIdentifier], links}` | `ListRelationships` |

use serde_json::{Value, json};

use crate::client::names;
use crate::client::schema::{self, Schemas};

/// The schemas with identifiers and relationships as schemas of their own.
pub(super) fn share(mut schemas: Schemas) -> Schemas {
    let known = schemas.clone();
    let mut shared = Schemas::new();
    for schema in schemas.values_mut() {
        for (_, child) in schema::children_mut(schema) {
            schema::rewrite(child, &mut |inner| share_one(inner, &known, &mut shared));
        }
    }
    schemas.append(&mut shared);
    schemas
}

fn share_one(schema: &mut Value, known: &Schemas, shared: &mut Schemas) {
    let name = identifier_name(schema, known).or_else(|| relationship_name(schema));
    let Some(name) = name.filter(|name| !known.contains_key(name)) else {
        return;
    };
    let nullable = schema::is_nullable(schema);
    let mut plain = schema.clone();
    schema::forbid_null(&mut plain);
    // Another shape that would take the same name stays where it is and is named after that.
    if *shared.entry(name.clone()).or_insert_with(|| plain.clone()) == plain {
        *schema = schema::with_nullable(schema::reference_to(&name), nullable);
    }
}

/// The name of an object that is nothing but `type` (one fixed text) and `id`, both required.
fn identifier_name(schema: &Value, known: &Schemas) -> Option<String> {
    let properties = schema::properties(schema)?;
    let is_plain_id = properties.get("id") == Some(&json!({ "type": "string" }));
    if properties.len() != 2 || !is_plain_id || schema::required(schema).count() != 2 {
        return None;
    }
    let kind = properties.get("type")?;
    let name = schema::reference(kind);
    let texts = name.and_then(|name| known.get(name)).unwrap_or(kind);
    let [only] = schema::texts(texts)?[..] else {
        return None;
    };
    // The name of the text's schema, when it has one: two resources may have the same `type`.
    let resource = name.map_or(only, |name| name.strip_suffix("Enum").unwrap_or(name));
    Some(format!("{}Identifier", names::type_name(resource)))
}

/// The name of an object that is nothing but `data` (identifiers) and perhaps `links`, none required.
fn relationship_name(schema: &Value) -> Option<String> {
    let properties = schema::properties(schema)?;
    let data = properties.get("data")?;
    let linked = properties
        .get("links")
        .is_some_and(|links| schema::reference(links).is_some());
    if properties.len() != 1 + usize::from(linked)
        || schema::required(schema).count() != 0
        || schema::is_nullable(data)
    {
        return None;
    }
    let many = data.get("items");
    let resource = schema::reference(many.unwrap_or(data))?.strip_suffix("Identifier")?;
    let noun = if linked { "Relationship" } else { "Reference" };
    let plural = if many.is_some() { "s" } else { "" };
    Some(format!("{resource}{noun}{plural}"))
}
