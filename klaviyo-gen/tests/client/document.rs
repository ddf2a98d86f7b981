//! The vendored document, and validators of the JSON Schema that is made from it.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jsonschema::Validator;
use klaviyo_gen::schema::definition;
use klaviyo_gen::{Operation, REVISION};
use serde_json::{Map, Value, json};

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let path = format!(
        "{}/../openapi/klaviyo-{REVISION}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(path).expect("the vendored document is there");
    serde_json::from_str(&text).expect("the vendored document is JSON")
});

/// Where the document has the operation, and what it says there.
pub(crate) struct Described {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) operation: &'static Value,
}

/// What the document says of an operation.
pub(crate) fn described(operation: &Operation) -> Described {
    let paths = DOCUMENT["paths"]
        .as_object()
        .expect("the document has paths");
    for (path, methods) in paths {
        for (method, found) in methods.as_object().expect("a path has methods") {
            if found["operationId"] == operation.id {
                return Described {
                    method: method.to_uppercase(),
                    path: path.clone(),
                    operation: found,
                };
            }
        }
    }
    panic!("the document has no {}", operation.id)
}

impl Described {
    /// The parameters of one place (`query`, `path`, `header`) by name, without `revision`.
    pub(crate) fn parameters(&self, place: &str) -> impl Iterator<Item = &'static str> {
        let parameters = self.operation["parameters"]
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        let names = parameters.iter().filter(move |one| one["in"] == place);
        names
            .filter_map(|one| one["name"].as_str())
            .filter(|name| *name != "revision")
    }
}

/// Complains when `value` is not as the definition called `name` demands.
pub(crate) fn assert_valid(value: &Value, validator: &Validator, name: &str) {
    let complaints: Vec<String> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(
        complaints.is_empty(),
        "{value:#}\nis not a {name}: {complaints:#?}"
    );
}

/// A validator of one definition.
pub(crate) fn validator(name: &str) -> Validator {
    let mut definitions = Map::new();
    let mut waiting = BTreeSet::from([name.to_owned()]);
    while let Some(name) = waiting.pop_first() {
        let found = definition(&name).expect("a reference leads somewhere");
        references(found, &mut |target| {
            if !definitions.contains_key(target) {
                waiting.insert(target.to_owned());
            }
        });
        definitions.insert(name, found.clone());
    }
    let schema = json!({ "$ref": format!("#/$defs/{name}"), "$defs": definitions });
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .expect("the schema is one")
}

fn references(schema: &Value, found: &mut dyn FnMut(&str)) {
    match schema {
        Value::Object(keywords) => {
            if let Some(target) = schema["$ref"]
                .as_str()
                .and_then(|text| text.strip_prefix("#/$defs/"))
            {
                found(target);
            }
            keywords.values().for_each(|inner| references(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| references(inner, found)),
        _ => {}
    }
}
