//! A small API with a bit of everything, for the tests: widgets, which can be listed, imported and
//! deleted.

use serde_json::{Value, json};

use crate::caps::CapsFile;
use crate::document::Document;
use crate::generate::{Generated, from_document};
use crate::output::Outputs;

/// The text of a `caps.toml` that fits [`document`].
pub(crate) const CAPS: &str = r#"
[general]
max_request_bytes = 5_000_000

[fields]
email_chars = { value = 100, source = "a page", sure = "docs" }
metric_name_chars = { value = 127, source = "a page", sure = "docs" }
unique_id_chars = { value = 255, source = "a page", sure = "docs" }
event_properties = { value = 300, source = "a page", sure = "docs" }
array_items = { value = 4_000, source = "a page", sure = "live" }
nesting = { value = 10, source = "a page", sure = "unverified" }
event_profile_bytes = { value = 95_000, source = "a page", sure = "docs" }
event_first_year = { value = 2000, source = "a page", sure = "docs" }
event_future_days = { value = 365, source = "a page", sure = "docs" }
predictions_burst = { value = 10, source = "a page", sure = "docs" }
predictions_steady = { value = 150, source = "a page", sure = "docs" }

[operations.import_widgets]
items = "/data/attributes/widgets/data"
max_items = 100
max_request_bytes = 4_000_000
max_item_bytes = 1_000
job = "get_widget_job"
item_errors = "job"
repeat = { safe = true, why = "It creates or updates." }

[since]
"2001-02-03" = ["delete_widget"]
"#;

/// The document, as upstream would publish it but without prose.
pub(crate) fn document() -> Value {
    json!({
        "openapi": "3.0.2",
        "info": { "title": "Widgets", "version": "2001-02-03" },
        "paths": {
            "/api/widgets": { "get": list_widgets() },
            "/api/widgets/{id}": { "delete": delete_widget() },
            "/api/widget-jobs": { "post": import_widgets() },
            "/api/widget-jobs/{id}": { "get": get_widget_job() },
        },
        "components": { "schemas": schemas() },
    })
}

/// The Rust for a document and [`CAPS`].
pub(crate) fn outputs(document: Value) -> Outputs {
    generated(document).rust
}

/// The Rust and the Python for a document and [`CAPS`].
pub(crate) fn generated(document: Value) -> Generated {
    let document = Document::new(document).expect("the example has a revision");
    from_document(&document, &caps()).expect("the example can be generated from")
}

/// The parsed [`CAPS`].
pub(crate) fn caps() -> CapsFile {
    toml::from_str(CAPS).expect("the caps of the example are well-formed")
}

fn list_widgets() -> Value {
    json!({
        "operationId": "get_widgets",
        "tags": ["Widgets"],
        "parameters": [
            { "name": "revision", "in": "header", "schema": { "type": "string" } },
            fields_parameter(),
            {
                "name": "page[size]",
                "in": "query",
                "schema": { "type": "integer", "default": 20, "minimum": 1, "maximum": 100 },
            },
        ],
        "responses": {
            "200": answer("GetWidgetResponse"),
            "4XX": { "$ref": "#/components/responses/ClientError" },
        },
        "x-klaviyo-ratelimit": { "burst": "3/s", "steady": "60/m" },
        "x-klaviyo-scopes": ["widgets:read"],
        "x-klaviyo-filters": {
            "name": {
                "operators": { "single": ["equals"], "list": ["any", "equals"] },
                "value": { "type": "string" },
            },
        },
    })
}

fn delete_widget() -> Value {
    json!({
        "operationId": "delete_widget",
        "tags": ["Widgets"],
        "parameters": [id_parameter()],
        "responses": { "204": { "description": "204" } },
        "x-klaviyo-ratelimit": { "burst": "3/s", "steady": "60/m", "daily": "100/d" },
        "x-klaviyo-scopes": ["widgets:write"],
    })
}

fn import_widgets() -> Value {
    json!({
        "operationId": "import_widgets",
        "tags": ["Widgets"],
        "parameters": [fields_parameter()],
        "requestBody": {
            "required": true,
            "content": {
                "application/vnd.api+json": { "schema": { "$ref": "#/components/schemas/WidgetImport" } },
            },
        },
        "responses": { "202": answer("GetWidgetResponse") },
        "x-klaviyo-operation-aliases": ["spawn_widget_import"],
        "x-klaviyo-ratelimit": { "burst": "10/s", "steady": "150/m" },
        "x-klaviyo-scopes": ["widgets:write"],
    })
}

fn get_widget_job() -> Value {
    json!({
        "operationId": "get_widget_job",
        "tags": ["Widgets"],
        "parameters": [id_parameter()],
        "responses": { "200": answer("GetWidgetResponse") },
        "x-klaviyo-ratelimit": { "burst": "10/s", "steady": "150/m" },
        "x-klaviyo-scopes": ["widgets:read"],
    })
}

fn id_parameter() -> Value {
    json!({
        "name": "id",
        "in": "path",
        "required": true,
        "schema": { "type": "string", "nullable": true },
    })
}

fn fields_parameter() -> Value {
    json!({
        "name": "fields[widget]",
        "in": "query",
        "explode": false,
        "schema": { "type": "array", "items": { "type": "string", "enum": ["name", "size"] } },
    })
}

fn answer(schema: &str) -> Value {
    let reference = format!("#/components/schemas/{schema}");
    json!({
        "content": { "application/vnd.api+json": { "schema": { "$ref": reference } } },
        "description": "200",
    })
}

fn schemas() -> Value {
    json!({
        "GetWidgetResponse": { "type": "object", "properties": { "data": { "type": "object" } } },
        "Widget": {
            "type": "object",
            "required": ["type"],
            "properties": {
                "type": { "type": "string", "enum": ["widget"] },
                "attributes": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {
                        "name": { "type": "string" },
                        "description": { "type": "string", "nullable": true },
                        "size": { "nullable": true, "oneOf": [{ "type": "string" }, { "type": "number" }] },
                        "made": { "$ref": "#/components/schemas/Place", "nullable": true },
                        "properties": { "type": "object" },
                    },
                },
            },
        },
        "Place": { "type": "object", "properties": { "city": { "type": "string" } } },
        "WidgetImport": {
            "type": "object",
            "properties": {
                "data": {
                    "type": "object",
                    "properties": {
                        "attributes": {
                            "type": "object",
                            "properties": {
                                "widgets": {
                                    "type": "object",
                                    "properties": {
                                        "data": {
                                            "type": "array",
                                            "items": { "$ref": "#/components/schemas/Widget" },
                                        },
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    })
}
