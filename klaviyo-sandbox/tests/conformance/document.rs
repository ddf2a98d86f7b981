//! Answers against Klaviyo's own document: whatever a test asks for, the answer must be valid.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::Validator;
use klaviyo_gen::{OPERATIONS, Operation, schema};
use serde_json::{Map, Value, json};

static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// Fails unless the body is a valid answer of the operation that has this method and path.
pub(crate) fn check(method: &str, path: &str, status: u16, body: &Value) {
    if let Some(complaint) = complaint(method, path, status, body) {
        panic!("{method} {path}, {status}: {complaint}\n{body:#}");
    }
}

/// Why the body is no valid answer of the operation that has this method and path.
pub(crate) fn complaint(method: &str, path: &str, status: u16, body: &Value) -> Option<String> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let Some(reference) = reference(method, path, status) else {
        return (!body.is_null()).then(|| "there should be no body".to_owned());
    };
    // A sparse fieldset leaves out what the document requires.
    if query.contains("fields[") || query.contains("fields%5B") {
        return None;
    }
    let errors: Vec<String> = validator(&reference)
        .iter_errors(body)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    (!errors.is_empty()).then(|| errors.join("\n"))
}

fn reference(method: &str, path: &str, status: u16) -> Option<String> {
    if status >= 400 {
        return Some(schema::ERROR.to_owned());
    }
    schema::answer(operation(method, path)?, status)
}

fn operation(method: &str, path: &str) -> Option<&'static Operation> {
    let segments: Vec<&str> = path.split('/').collect();
    let fits = |template: &str, segment: &str| template.starts_with('{') || template == segment;
    OPERATIONS.iter().copied().find(|operation| {
        let template: Vec<&str> = operation.path.split('/').collect();
        operation.method.as_str() == method
            && template.len() == segments.len()
            && template
                .iter()
                .zip(&segments)
                .all(|(template, segment)| fits(template, segment))
    })
}

fn validator(reference: &str) -> Arc<Validator> {
    let mut validators = VALIDATORS.lock().unwrap();
    if let Some(validator) = validators.get(reference) {
        return Arc::clone(validator);
    }
    let mut definitions = Map::new();
    reach(reference, &mut definitions);
    let schema = json!({"$ref": reference, "$defs": definitions});
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .expect("it is a schema");
    let validator = Arc::new(validator);
    validators.insert(reference.to_owned(), Arc::clone(&validator));
    validator
}

/// Collects a definition and those that it refers to: the whole schema takes long to compile.
fn reach(reference: &str, reached: &mut Map<String, Value>) {
    let name = reference.trim_start_matches("#/$defs/");
    if reached.contains_key(name) {
        return;
    }
    let definition = schema::definition(name).expect("a reference leads somewhere");
    reached.insert(name.to_owned(), definition.clone());
    follow(definition, reached);
}

fn follow(value: &Value, reached: &mut Map<String, Value>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get("$ref") {
                reach(reference, reached);
            }
            object.values().for_each(|value| follow(value, reached));
        }
        Value::Array(array) => array.iter().for_each(|value| follow(value, reached)),
        _ => {}
    }
}

#[test]
#[should_panic(expected = "/data/attributes/profile_count")]
fn an_answer_that_is_not_valid_is_noticed() {
    let list = json!({"type": "list", "id": "AbCdEf", "attributes": {"profile_count": "two"}, "links": {"self": "/"}});
    check(
        "GET",
        "/api/lists/AbCdEf",
        200,
        &json!({"data": list, "links": {"self": "/"}}),
    );
}
