//! Takes an upstream document in: facts stay, prose goes.
//!
//! What Klaviyo publishes is MIT-licensed, but its sentences are not ours to ship, and they change
//! far more often than the facts. What is left is written with sorted keys, so that two revisions
//! can be compared line by line.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::document::{Document, file_name};

/// Reads an upstream document and writes its facts to `out`.
pub(crate) fn run(file: &Path, out: &Path) -> Result<()> {
    let text =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let upstream: Value =
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))?;
    let facts = facts(&upstream);
    let revision = Document::new(facts.clone())?.revision().to_owned();
    let target = out.join(file_name(&revision));
    fs::write(&target, to_text(&facts)?)
        .with_context(|| format!("cannot write {}", target.display()))?;
    println!("wrote {}", target.display());
    Ok(())
}

/// The facts of a document: everything but its prose, with sorted keys. Facts alone stay as they
/// are.
pub(crate) fn facts(document: &Value) -> Value {
    let mut facts = strip(document, Place::Keywords);
    facts.sort_all_objects();
    facts
}

/// The text of a vendored document: one space of indentation, a newline at the end.
pub(crate) fn to_text(document: &Value) -> Result<String> {
    let mut bytes = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b" ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    document.serialize(&mut serializer)?;
    bytes.push(b'\n');
    Ok(String::from_utf8(bytes)?)
}

/// What the keys of an object are. A schema may well have a property called `description`, so
/// whether a key is prose depends on where it stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// OpenAPI's own words: `description` is prose.
    Keywords,
    /// Names from the API: properties, paths, schemas. None of them is prose.
    Names,
    /// Names of responses, each of which must have a description.
    Responses,
    /// A value that is a fact as it is.
    Value,
}

/// Keywords that hold prose, examples, or the publisher's own tooling.
const PROSE: [&str; 9] = [
    "contact",
    "description",
    "example",
    "examples",
    "externalDocs",
    "license",
    "summary",
    "termsOfService",
    "x-readme",
];

fn strip(value: &Value, place: Place) -> Value {
    match value {
        value if place == Place::Value => value.clone(),
        Value::Object(object) => Value::Object(strip_object(object, place)),
        Value::Array(elements) => elements
            .iter()
            .map(|element| strip(element, Place::Keywords))
            .collect(),
        scalar => scalar.clone(),
    }
}

fn strip_object(object: &Map<String, Value>, place: Place) -> Map<String, Value> {
    let mut kept = Map::new();
    for (key, value) in object {
        let stripped = match place {
            Place::Keywords if PROSE.contains(&key.as_str()) => continue,
            Place::Keywords => strip(value, inside(key)),
            Place::Responses => name_response(key, strip(value, Place::Keywords)),
            Place::Names | Place::Value => strip(value, Place::Keywords),
        };
        kept.insert(key.clone(), stripped);
    }
    kept
}

/// What the keys below a keyword are.
fn inside(keyword: &str) -> Place {
    match keyword {
        "properties" | "patternProperties" | "schemas" | "paths" | "parameters" | "headers"
        | "content" | "encoding" | "requestBodies" | "securitySchemes" | "x-klaviyo-filters" => {
            Place::Names
        }
        "responses" => Place::Responses,
        "default" | "enum" | "mapping" => Place::Value,
        _ => Place::Keywords,
    }
}

/// OpenAPI demands a description of every response; its own name says as much as any.
fn name_response(name: &str, mut response: Value) -> Value {
    if let Some(fields) = response.as_object_mut()
        && !fields.contains_key("$ref")
    {
        fields.insert("description".into(), name.into());
    }
    response
}
