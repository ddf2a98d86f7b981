//! One JSON Schema (2020-12) of all that goes in and comes out, for validation in tests and in the
//! sandbox.
//!
//! A validator of JSON Schema cannot use the document as it is: it ignores `nullable`, and refuses
//! a value that fits two alternatives of a `oneOf`.

mod convert;

use anyhow::Result;
use serde_json::{Map, Value, json};

use crate::document::Document;
use crate::facts::{Operation, Place};
use crate::output::{MARK, Outputs};
use convert::converted;

/// The name of the file, in the directory of generated code.
const FILE: &str = "schema.json";

/// Appends the schema to `outputs`.
///
/// Its `$defs` are the document's schemas by name, and for every operation `request.<id>` and
/// `answer.<id>.<status>` where there is a body, and `parameters.<id>`: an object of the
/// parameters by their names on the wire. `error` is the body of any refusal.
pub(crate) fn write(
    document: &Document,
    operations: &[Operation],
    outputs: &mut Outputs,
) -> Result<()> {
    let mut definitions = Map::new();
    if let Some(schemas) = document.root()["components"]["schemas"].as_object() {
        for (name, schema) in schemas {
            definitions.insert(name.clone(), converted(schema));
        }
    }
    for operation in operations {
        define(operation, &mut definitions);
    }
    if let Some(error) = error(document) {
        definitions.insert("error".into(), converted(error));
    }
    let text = to_text(document, &definitions)?;
    outputs.files.push((FILE.into(), text));
    Ok(())
}

fn define(operation: &Operation, definitions: &mut Map<String, Value>) {
    let id = &operation.id;
    if let Some(body) = &operation.body {
        definitions.insert(format!("request.{id}"), converted(&body.schema));
    }
    for answer in &operation.success {
        if let Some(schema) = &answer.schema {
            let name = format!("answer.{id}.{}", answer.status);
            definitions.insert(name, converted(schema));
        }
    }
    definitions.insert(format!("parameters.{id}"), parameters(operation));
}

/// The parameters as an object. Nothing else may be given: an unknown parameter is refused.
fn parameters(operation: &Operation) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for parameter in &operation.parameters {
        let mut schema = parameter.schema.clone();
        if let (Place::Path, Some(schema)) = (parameter.place, schema.as_object_mut()) {
            // There is no way to write null into a path.
            schema.remove("nullable");
        }
        properties.insert(parameter.name.clone(), converted(&schema));
        if parameter.required {
            required.push(parameter.name.as_str());
        }
    }
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// The body of a refusal: every response of the document that has a name is one.
fn error(document: &Document) -> Option<&Value> {
    let responses = document.root()["components"]["responses"].as_object()?;
    let content = responses.values().next()?["content"].as_object()?;
    content.values().next()?.get("schema")
}

/// One definition a line: compact, and a change shows where it is.
fn to_text(document: &Document, definitions: &Map<String, Value>) -> Result<String> {
    let mut lines = Vec::new();
    for (name, schema) in definitions {
        lines.push(format!(
            "{}:{}",
            serde_json::to_string(name)?,
            serde_json::to_string(schema)?
        ));
    }
    lines.sort();
    Ok(format!(
        "{{\n\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\n\
         \"$comment\":\"{MARK} from revision {}; do not edit.\",\n\
         \"$defs\":{{\n{}\n}}\n}}\n",
        document.revision(),
        lines.join(",\n"),
    ))
}

#[cfg(test)]
mod tests {
    use jsonschema::Validator;

    use super::*;
    use crate::example;

    /// A validator for one definition of the example's schema.
    fn validator(definition: &str) -> Validator {
        let outputs = example::outputs(example::document());
        let (_, text) = outputs
            .files
            .iter()
            .find(|(path, _)| path.as_os_str() == FILE)
            .expect("the schema is generated");
        let mut schema: Value = serde_json::from_str(text).expect("it is JSON");
        schema["$ref"] = json!(format!("#/$defs/{definition}"));
        jsonschema::validator_for(&schema).expect("it is a schema")
    }

    fn import(attributes: &Value) -> Value {
        let widget = json!({ "type": "widget", "attributes": attributes });
        json!({ "data": { "attributes": { "widgets": { "data": [widget] } } } })
    }

    #[test]
    fn requests_are_checked_through_references() {
        let validator = validator("request.import_widgets");
        assert!(validator.is_valid(&import(&json!({ "name": "a" }))));
        assert!(!validator.is_valid(&import(&json!({ "name": 1 }))));
        assert!(!validator.is_valid(&import(&json!({}))));
    }

    #[test]
    fn null_is_taken_where_the_document_says_so() {
        let validator = validator("request.import_widgets");
        for field in ["description", "size", "made"] {
            let attributes = json!({ "name": "a", field: null });
            assert!(validator.is_valid(&import(&attributes)), "{field}");
        }
        assert!(!validator.is_valid(&import(&json!({ "name": null }))));
    }

    #[test]
    fn parameters_are_checked_by_their_names_on_the_wire() {
        let list = validator("parameters.get_widgets");
        assert!(list.is_valid(&json!({ "fields[widget]": ["name"], "page[size]": 100 })));
        assert!(!list.is_valid(&json!({ "page[size]": 101 })));
        assert!(!list.is_valid(&json!({ "page_size": 10 })));
        let delete = validator("parameters.delete_widget");
        assert!(delete.is_valid(&json!({ "id": "a" })));
        assert!(!delete.is_valid(&json!({})));
        assert!(!delete.is_valid(&json!({ "id": null })));
    }

    #[test]
    fn answers_are_found_by_their_status() {
        assert!(!validator("answer.import_widgets.202").is_valid(&json!([])));
        assert!(validator("answer.import_widgets.202").is_valid(&json!({ "data": {} })));
    }

    #[test]
    fn every_definition_of_the_vendored_document_is_sound() {
        let openapi = crate::generate::Paths::default().openapi;
        let document = Document::load(&openapi, None).expect("a document is vendored");
        let operations = Operation::all(&document).expect("it can be read");
        let mut outputs = Outputs::default();
        write(&document, &operations, &mut outputs).expect("it can be written");

        let mut schema: Value = serde_json::from_str(&outputs.files[0].1).expect("it is JSON");
        let definitions = schema["$defs"].as_object().expect("it has definitions");
        let references: Vec<_> = definitions
            .keys()
            .map(|name| json!({ "$ref": format!("#/$defs/{name}") }))
            .collect();
        schema["anyOf"] = references.into();
        // Building follows every reference, and checks the schema against its own schema.
        jsonschema::validator_for(&schema).expect("it is a schema");
    }
}
