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

use serde_json::Value;

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
    // Another shape that would take the same name keeps its place and is named after that.
    if *shared.entry(name.clone()).or_insert_with(|| plain.clone()) == plain {
        *schema = schema::with_nullable(schema::reference_to(&name), nullable);
    }
}

/// The name of an object that is nothing but `type` (one fixed text) and `id`.
fn identifier_name(schema: &Value, known: &Schemas) -> Option<String> {
    let properties = schema::properties(schema)?;
    let only_both = properties.len() == 2 && properties.contains_key("id");
    let kind = properties.get("type").filter(|_| only_both)?;
    let kind = schema::reference(kind)
        .and_then(|name| known.get(name))
        .unwrap_or(kind);
    match schema::texts(kind)?.as_slice() {
        [only] => Some(format!("{}Identifier", names::type_name(only))),
        _ => None,
    }
}

/// The name of an object that is nothing but `data` (identifiers) and perhaps `links`.
fn relationship_name(schema: &Value) -> Option<String> {
    let properties = schema::properties(schema)?;
    let data = properties.get("data")?;
    let linked = properties.contains_key("links");
    if properties.len() != 1 + usize::from(linked) {
        return None;
    }
    let many = data.get("items");
    let resource = schema::reference(many.unwrap_or(data))?.strip_suffix("Identifier")?;
    let noun = if linked { "Relationship" } else { "Reference" };
    let plural = if many.is_some() { "s" } else { "" };
    Some(format!("{resource}{noun}{plural}"))
}
