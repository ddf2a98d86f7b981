//! Answers against Klaviyo's own document: whatever a test asks for, the answer must be valid.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::Validator;
use klaviyo_gen::{OPERATIONS, Operation, schema};
use serde_json::{Map, Value, json};

/// Which attributes an answer must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Attributes {
    /// All that the document requires.
    All,
    /// Those of a sparse fieldset, which leaves out what the document requires.
    AsAskedFor,
    /// The same for a fieldset that reaches into attributes (`subscriptions.email`), and leaves out
    /// what is required inside them.
    PartsAskedFor,
}

impl Attributes {
    /// Those that an answer to this query must have.
    fn of(query: &str) -> Self {
        let mut asked = query.split('&').filter(|pair| pair.starts_with("fields"));
        match (query.contains("fields["), query.contains("fields%5B")) {
            (false, false) => Attributes::All,
            _ if asked.any(|pair| pair.contains('.')) => Attributes::PartsAskedFor,
            _ => Attributes::AsAskedFor,
        }
    }
}

type Validators = HashMap<(String, Attributes), Arc<Validator>>;

static VALIDATORS: LazyLock<Mutex<Validators>> = LazyLock::new(Mutex::default);

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
    let errors: Vec<String> = validator(&reference, Attributes::of(query))
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

fn validator(reference: &str, attributes: Attributes) -> Arc<Validator> {
    let mut validators = VALIDATORS.lock().unwrap();
    let key = (reference.to_owned(), attributes);
    if let Some(validator) = validators.get(&key) {
        return Arc::clone(validator);
    }
    let mut definitions = Map::new();
    reach(reference, &mut definitions);
    if attributes != Attributes::All {
        let deep = attributes == Attributes::PartsAskedFor;
        let values = definitions.values_mut();
        values.for_each(|schema| require_no_attribute(schema, deep));
    }
    let schema = json!({"$ref": reference, "$defs": definitions});
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .expect("it is a schema");
    let validator = Arc::new(validator);
    validators.insert(key, Arc::clone(&validator));
    validator
}

fn definition(reference: &str) -> &'static Value {
    let name = reference.trim_start_matches("#/$defs/");
    schema::definition(name).expect("a reference leads somewhere")
}

/// Collects a definition and those that it refers to: the whole schema takes long to compile.
fn reach(reference: &str, reached: &mut Map<String, Value>) {
    let name = reference.trim_start_matches("#/$defs/");
    if reached.contains_key(name) {
        return;
    }
    let definition = definition(reference);
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

/// Lets any attribute of any resource be missing; one that is there must still be valid.
fn require_no_attribute(schema: &mut Value, deep: bool) {
    if let Some(attributes) = schema.pointer_mut("/properties/attributes") {
        // A definition of its own may be required whole elsewhere.
        if let Some(reference) = attributes["$ref"].as_str() {
            *attributes = definition(reference).clone();
        }
        if let Some(attributes) = attributes.as_object_mut() {
            attributes.remove("required");
        }
        if deep {
            require_nothing(attributes);
        }
    }
    each_inside(schema, |inside| require_no_attribute(inside, deep));
}

/// Lets anything in it be missing, behind references too.
fn require_nothing(schema: &mut Value) {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        *schema = definition(reference).clone();
    }
    if let Some(object) = schema.as_object_mut() {
        object.remove("required");
    }
    each_inside(schema, require_nothing);
}

fn each_inside(schema: &mut Value, change: impl FnMut(&mut Value)) {
    match schema {
        Value::Object(object) => object.values_mut().for_each(change),
        Value::Array(array) => array.iter_mut().for_each(change),
        _ => {}
    }
}

#[test]
fn a_sparse_answer_is_held_against_the_document_too() {
    let complaint = |attributes: Value| {
        let group = json!({"type": "tag-group", "id": "1", "attributes": attributes, "links": {"self": "https://shop.example/"}});
        let body = json!({"data": group, "links": {"self": "https://shop.example/"}});
        let path = "/api/tag-groups/1?fields[tag-group]=name";
        complaint("GET", path, 200, &body)
    };
    assert_eq!(complaint(json!({"name": "Season"})), None);
    assert!(complaint(json!({"name": 7})).is_some());
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
