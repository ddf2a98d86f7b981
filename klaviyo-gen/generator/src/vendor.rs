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

use crate::caps::{self, CapsFile};
use crate::document::{Document, file_name};
use crate::facts::Operation;
use crate::output;
use crate::prose;

/// Reads an upstream document, writes its facts to `out`, and says where its prose differs from
/// the `caps.toml` in `openapi`.
pub(crate) fn run(file: &Path, out: &Path, openapi: &Path) -> Result<()> {
    let text =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let upstream: Value =
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))?;
    let facts = facts(&upstream);
    let text = to_text(&facts)?;
    let document = Document::new(facts)?;
    let target = out.join(file_name(document.revision()));
    output::write(&target, &text)?;
    println!("wrote {}", target.display());
    report_caps(&upstream, &document, openapi)
}

fn report_caps(upstream: &Value, document: &Document, openapi: &Path) -> Result<()> {
    let operations = Operation::all(document)?;
    let caps = CapsFile::load(openapi)?;
    match prose::compare(upstream, &operations, &caps) {
        None => println!("the document holds no prose to compare with {}", caps::FILE),
        Some(differences) if differences.is_empty() => {
            println!("its prose states the caps of {}", caps::FILE);
        }
        Some(differences) => {
            println!("its prose differs from {}:", caps::FILE);
            for difference in differences {
                println!("  {difference}");
            }
        }
    }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::example;

    #[test]
    fn prose_goes_and_facts_stay() {
        let upstream = json!({
            "info": { "title": "T", "description": "prose", "license": { "name": "L" } },
            "x-readme": { "explorer-enabled": false },
            "paths": { "/a": { "get": {
                "summary": "prose",
                "parameters": [{ "name": "id", "description": "prose", "example": "AbC" }],
                "x-klaviyo-scopes": ["a:read"],
            } } },
        });
        let expected = json!({
            "info": { "title": "T" },
            "paths": { "/a": { "get": {
                "parameters": [{ "name": "id" }],
                "x-klaviyo-scopes": ["a:read"],
            } } },
        });
        assert_eq!(facts(&upstream), expected);
    }

    #[test]
    fn a_property_may_bear_the_name_of_a_keyword() {
        let schema = json!({ "properties": {
            "description": { "type": "string", "description": "prose" },
            "properties": { "type": "object", "properties": {
                "example": { "type": "string", "default": { "summary": "a value" } },
            } },
        } });
        let expected = json!({ "properties": {
            "description": { "type": "string" },
            "properties": { "type": "object", "properties": {
                "example": { "type": "string", "default": { "summary": "a value" } },
            } },
        } });
        assert_eq!(facts(&schema), expected);
    }

    #[test]
    fn a_response_is_described_by_its_own_name() {
        let upstream = json!({ "responses": {
            "200": { "description": "prose" },
            "4XX": { "$ref": "#/components/responses/ClientError" },
        } });
        let expected = json!({ "responses": {
            "200": { "description": "200" },
            "4XX": { "$ref": "#/components/responses/ClientError" },
        } });
        assert_eq!(facts(&upstream), expected);
    }

    #[test]
    fn facts_alone_stay_as_they_are() {
        let once = facts(&example::document());
        assert_eq!(facts(&once), once);
        let text = to_text(&once).expect("it can be written");
        let again: Value = serde_json::from_str(&text).expect("it is JSON");
        assert_eq!(to_text(&facts(&again)).expect("it can be written"), text);
    }

    #[test]
    fn the_revision_names_the_file_and_the_directory_is_made() {
        let directory = tempfile::tempdir().expect("there is a temporary directory");
        let upstream = directory.path().join("openapi.json");
        fs::write(&upstream, example::document().to_string()).expect("it can be written");
        fs::write(directory.path().join(caps::FILE), example::CAPS).expect("it can be written");
        let out = directory.path().join("new/openapi");
        run(&upstream, &out, directory.path()).expect("it can be vendored");
        let document = Document::load(&out, None).expect("it can be loaded");
        assert_eq!(document.revision(), "2001-02-03");
    }
}
