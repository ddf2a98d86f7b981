//! What the typed client of a small document looks like.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::example;

/// The generated files by path.
fn files(document: Value) -> BTreeMap<String, String> {
    let document = Document::new(document).expect("it has a revision");
    let operations = Operation::all(&document).expect("its operations can be read");
    let typed = read(&document, &operations).expect("its schemas can be read");
    let describe = |operation: &Operation| format!("Does {}.", operation.id);
    let files = generate(&document, &typed, &describe).expect("it can be generated from");
    files
        .into_iter()
        .map(|(path, text)| (path.display().to_string(), text))
        .collect()
}

/// A document with `schemas` and with one operation for each of `operations`.
fn document(schemas: Value, operations: &[Value]) -> Value {
    let mut document = json!({
        "openapi": "3.0.2",
        "info": { "title": "Widgets", "version": "2001-02-03" },
        "paths": {},
        "components": { "schemas": schemas },
    });
    for operation in operations {
        let path = format!(
            "/api/{}",
            operation["operationId"].as_str().expect("it has an id")
        );
        document["paths"][path] = json!({ "post": operation });
    }
    document
}

/// An operation under `tag` that takes and gives bodies of named schemas.
fn operation(id: &str, tag: &str, body: Option<&str>, answer: Option<&str>) -> Value {
    let content = |name: &str, media_type: &str| json!({ "content": { media_type: { "schema": { "$ref": format!("#/components/schemas/{name}") } } } });
    let jsonapi = "application/vnd.api+json";
    let mut operation = json!({
        "operationId": id,
        "tags": [tag],
        "parameters": [],
        "responses": { "200": answer.map_or(json!({}), |name| content(name, jsonapi)) },
        "x-klaviyo-ratelimit": { "burst": "3/s", "steady": "60/m" },
        "x-klaviyo-scopes": [],
    });
    if let Some(name) = body {
        operation["requestBody"] = content(name, jsonapi);
    }
    operation
}

/// The lines of the struct called `name`, without attributes and comments.
fn fields(file: &str, name: &str) -> Vec<String> {
    let start = format!("pub struct {name} {{");
    let (_, rest) = file
        .split_once(&start)
        .unwrap_or_else(|| panic!("there is no {name} in {file}"));
    let (body, _) = rest.split_once('}').expect("it ends");
    let lines = body
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("pub "));
    lines
        .map(|line| {
            line.trim_start_matches("pub ")
                .trim_end_matches(',')
                .to_owned()
        })
        .collect()
}

/// An object with a property of each kind.
fn sorts() -> Value {
    json!({ "type": "object", "required": ["must", "must_or_null", "must_many"], "properties": {
        "must": { "type": "string" },
        "must_or_null": { "type": "string", "nullable": true },
        "must_many": { "type": "array", "items": { "type": "string" } },
        "may": { "type": "string" },
        "may_be_null": { "type": "string", "nullable": true },
        "may_be_many": { "type": "array", "items": { "type": "string" } },
    } })
}

#[test]
fn what_is_sent_says_what_the_document_demands() {
    let operation = operation("send", "Widgets", Some("Sorts"), None);
    let files = files(document(json!({ "Sorts": sorts() }), &[operation]));
    assert_eq!(
        fields(&files["client/types/widgets.rs"], "Sorts"),
        [
            "may: Option<String>",
            "may_be_many: Option<Vec<String>>",
            "may_be_null: Patch<String>",
            "must: String",
            "must_many: Vec<String>",
            "must_or_null: Option<String>",
        ]
    );
    assert!(files["client/types/widgets.rs"].contains("pub fn new("));
}

#[test]
fn nothing_that_is_received_is_mandatory() {
    let operation = operation("receive", "Widgets", None, Some("Sorts"));
    let files = files(document(json!({ "Sorts": sorts() }), &[operation]));
    assert_eq!(
        fields(&files["client/types/widgets.rs"], "Sorts"),
        [
            "may: Option<String>",
            "may_be_many: Vec<String>",
            "may_be_null: Option<String>",
            "must: Option<String>",
            "must_many: Vec<String>",
            "must_or_null: Option<String>",
        ]
    );
}

#[test]
fn what_travels_both_ways_is_lenient_and_can_say_null() {
    let operation = operation("exchange", "Widgets", Some("Sorts"), Some("Sorts"));
    let files = files(document(json!({ "Sorts": sorts() }), &[operation]));
    assert_eq!(
        fields(&files["client/types/widgets.rs"], "Sorts"),
        [
            "may: Option<String>",
            "may_be_many: Option<Vec<String>>",
            "may_be_null: Patch<String>",
            "must: Option<String>",
            "must_many: Vec<String>",
            "must_or_null: Patch<String>",
        ]
    );
}

#[test]
fn types_stand_with_the_tags_that_need_them() {
    let schemas = json!({
        "Own": { "properties": { "common": { "$ref": "#/components/schemas/Common" } } },
        "Other": { "properties": { "common": { "$ref": "#/components/schemas/Common" } } },
        "Common": { "properties": { "size": { "type": "integer" } } },
        "Unneeded": { "properties": {} },
    });
    let files = files(document(
        schemas,
        &[
            operation("one", "Small Widgets", Some("Own"), None),
            operation("two", "Widgets", Some("Other"), None),
        ],
    ));
    assert!(files["client/types/small_widgets.rs"].contains("pub struct Own "));
    assert!(files["client/types/widgets.rs"].contains("pub struct Other "));
    assert!(files["client/types/small_widgets_and_widgets.rs"].contains("pub struct Common "));
    assert!(files.values().all(|text| !text.contains("Unneeded")));
    let index = &files["client/types/mod.rs"];
    assert!(index.contains("#[cfg(any(feature = \"small-widgets\", feature = \"widgets\"))]"));
}

#[test]
fn a_type_that_holds_itself_is_boxed() {
    let schemas = json!({ "Widget": { "properties": {
        "inner": { "$ref": "#/components/schemas/Widget" },
        "parts": { "type": "array", "items": { "$ref": "#/components/schemas/Widget" } },
    } } });
    let files = files(document(
        schemas,
        &[operation("send", "Widgets", Some("Widget"), None)],
    ));
    assert_eq!(
        fields(&files["client/types/widgets.rs"], "Widget"),
        ["inner: Option<Box<Widget>>", "parts: Option<Vec<Widget>>"]
    );
}

#[test]
fn texts_that_differ_in_signs_alone_have_their_own_names() {
    let schemas = json!({ "Zone": { "properties": { "name": {
        "type": "string", "enum": ["GMT+1", "GMT-1", "a b", "a-b", "", "1st"],
    } } } });
    let files = files(document(
        schemas,
        &[operation("send", "Widgets", Some("Zone"), None)],
    ));
    for line in [
        "GMTPlus1 = \"GMT+1\"",
        "GMTMinus1 = \"GMT-1\"",
        "AB = \"a b\"",
        "ABX = \"a-b\"",
        "Empty = \"\"",
        "N1st = \"1st\"",
    ] {
        assert!(files["client/types/widgets.rs"].contains(line), "{line}");
    }
}

#[test]
fn parameters_that_can_be_left_out_are_fields_and_the_others_arguments() {
    let mut operation = operation("find", "Widgets", None, None);
    operation["parameters"] = json!([
        { "name": "revision", "in": "header", "schema": { "type": "string" } },
        { "name": "company_id", "in": "query", "required": true, "schema": { "type": "string" } },
        { "name": "statistics", "in": "query", "required": true,
          "schema": { "type": "array", "items": { "type": "string" } } },
        { "name": "page[size]", "in": "query", "schema": { "type": "integer", "maximum": 50 } },
        { "name": "X-Filters", "in": "header", "schema": { "type": "string" } },
    ]);
    let files = files(document(json!({}), &[operation]));
    let text = &files["client/operations/widgets.rs"];
    assert_eq!(
        fields(text, "Find"),
        ["page_size: Option<i64>", "x_filters: Option<String>"]
    );
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("&self, company_id: &str, statistics: Values, parameters: Find,"),
        "{text}"
    );
    assert!(
        text.contains(".query(\"page[size]\", parameters.page_size)"),
        "{text}"
    );
    assert!(
        text.contains(".header(\"x-filters\", parameters.x_filters)"),
        "{text}"
    );
}

#[test]
fn files_go_out_as_a_form() {
    let schemas = json!({ "Upload": { "type": "object", "required": ["file"], "properties": {
        "file": { "type": "string", "format": "binary" },
        "name": { "type": "string", "nullable": true },
    } } });
    let mut operation = operation("upload", "Widgets", Some("Upload"), None);
    let content = operation["requestBody"]["content"]["application/vnd.api+json"].take();
    operation["requestBody"]["content"] = json!({ "multipart/form-data": content });
    let files = files(document(schemas, &[operation]));
    let types = &files["client/types/widgets.rs"];
    assert_eq!(
        fields(types, "Upload"),
        ["file: File", "name: Option<String>"]
    );
    assert!(!types.contains("Deserialize"), "a form is no JSON: {types}");
    let methods = &files["client/operations/widgets.rs"];
    assert!(
        methods.contains(".file(\"file\", Some(&body.file))"),
        "{methods}"
    );
    assert!(
        methods.contains(".text(\"name\", body.name.as_ref())"),
        "{methods}"
    );
}

#[test]
fn a_case_takes_a_sample_when_there_is_something_to_fill_in() {
    let ping = operation("ping", "Widgets", None, None);
    let send = operation("send", "Widgets", Some("Sorts"), None);
    let files = files(document(json!({ "Sorts": sorts() }), &[ping, send]));
    let cases = &files["client/cases/widgets.rs"];
    assert!(cases.contains("|client, _|"), "{cases}");
    assert!(cases.contains("|client, sample|"), "{cases}");
}

#[test]
fn bodies_without_a_name_are_named_after_the_operation() {
    let mut operation = operation("send_widget", "Widgets", Some("Widget"), Some("Widget"));
    let inline = json!({ "schema": { "properties": { "size": { "type": "integer" } } } });
    operation["requestBody"]["content"]["application/vnd.api+json"] = inline.clone();
    operation["responses"]["200"]["content"]["application/vnd.api+json"] = inline;
    let files = files(document(json!({}), &[operation]));
    let types = &files["client/types/widgets.rs"];
    assert_eq!(fields(types, "SendWidgetBody"), ["size: Option<i64>"]);
    assert_eq!(fields(types, "SendWidgetAnswer200"), ["size: Option<i64>"]);
}

#[test]
fn nothing_changes_when_an_unrelated_operation_is_added() {
    let schemas = json!({
        "Widget": sorts(),
        "WidgetAnswer": { "properties": { "data": { "properties": { "type": { "enum": ["widget"] } } } } },
        "Gadget": sorts(),
        "AGadget": { "properties": { "data": { "properties": { "type": { "enum": ["gadget"] } } } } },
    });
    let widget = operation(
        "send_widget",
        "Widgets",
        Some("Widget"),
        Some("WidgetAnswer"),
    );
    let gadget = operation("a_gadget", "Gadgets", Some("Gadget"), Some("AGadget"));
    let before = files(document(schemas.clone(), std::slice::from_ref(&widget)));
    let after = files(document(schemas, &[gadget, widget]));
    let own = before.iter().filter(|(path, _)| !path.ends_with("mod.rs"));
    let own: Vec<_> = own.collect();
    assert_eq!(own.len(), 3, "types, operations and cases");
    for (path, text) in own {
        assert_eq!(after.get(path), Some(text), "{path}");
    }
}

#[test]
fn two_runs_write_the_same() {
    assert_eq!(files(example::document()), files(example::document()));
}
