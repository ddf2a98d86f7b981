//! Tests of the comparison, on the example and changes to it.

use serde_json::{Value, json};

use super::*;
use crate::example;

fn side(document: Value, caps: &str) -> Side {
    let document = Document::new(document).expect("it has a revision");
    let caps = toml::from_str(caps).expect("it is well-formed");
    Side::new(document, Some(caps)).expect("it can be read")
}

/// What is reported when `change` is made to the example.
fn report(change: impl FnOnce(&mut Value)) -> Vec<(bool, String)> {
    let mut document = example::document();
    change(&mut document);
    reported(&side(document, example::CAPS))
}

/// What is reported from the example to `new`: whether it is breaking, and its text.
fn reported(new: &Side) -> Vec<(bool, String)> {
    let old = side(example::document(), example::CAPS);
    let report = Report::new(&old, new).expect("they can be compared");
    let changes = report.changes();
    changes
        .map(|change| (!change.harmless, change.text.clone()))
        .collect()
}

fn breaking(text: &str) -> (bool, String) {
    (true, text.to_owned())
}

fn harmless(text: &str) -> (bool, String) {
    (false, text.to_owned())
}

fn list_widgets(document: &mut Value) -> &mut Value {
    &mut document["paths"]["/api/widgets"]["get"]
}

fn attributes(document: &mut Value) -> &mut Value {
    &mut document["components"]["schemas"]["Widget"]["properties"]["attributes"]
}

#[test]
fn equal_documents_have_no_differences() {
    assert_eq!(report(|_| {}), []);
}

#[test]
fn new_and_removed_operations_are_reported() {
    let changes = report(|document| {
        let removed = document["paths"]["/api/widgets/{id}"]["delete"].take();
        let paths = document["paths"].as_object_mut().expect("there are paths");
        paths.remove("/api/widgets/{id}");
        document["paths"]["/api/gadgets/{id}"]["delete"] = removed;
        document["paths"]["/api/gadgets/{id}"]["delete"]["operationId"] = json!("delete_gadget");
    });
    assert_eq!(
        changes,
        [
            breaking("removed: `delete_widget`, `DELETE /api/widgets/{id}`"),
            harmless("added: `delete_gadget`, `DELETE /api/gadgets/{id}` (Widgets)"),
        ]
    );
}

#[test]
fn a_renamed_operation_is_known_by_its_alias_or_its_request_line() {
    let rename = |aliases: Value| {
        report(move |document| {
            list_widgets(document)["operationId"] = json!("find_widgets");
            list_widgets(document)["x-klaviyo-operation-aliases"] = aliases;
        })
    };
    assert_eq!(
        rename(json!(["get_widgets"])),
        [harmless("renamed: `get_widgets` is now `find_widgets`")]
    );
    assert_eq!(
        rename(json!([])),
        [breaking(
            "renamed: `get_widgets` is now `find_widgets`, and its old name is not known any more"
        )]
    );
}

#[test]
fn limits_and_scopes_are_compared() {
    let changes = report(|document| {
        let operation = list_widgets(document);
        operation["x-klaviyo-ratelimit"] = json!({ "burst": "1/s", "daily": "9/d" });
        operation["x-klaviyo-scopes"] = json!(["gadgets:read"]);
    });
    assert_eq!(
        changes,
        [
            breaking("needs the scope `gadgets:read`"),
            harmless("no longer needs the scope `widgets:read`"),
            harmless("requests a day: now 9"),
            harmless("requests a minute: no longer 60"),
            harmless("requests a second: 3 → 1"),
        ]
    );
}

#[test]
fn parameters_are_compared() {
    let changes = report(|document| {
        let parameters = &mut list_widgets(document)["parameters"];
        parameters[1]["schema"]["items"]["enum"] = json!(["name", "colour"]);
        parameters[2] = json!({
            "name": "shop",
            "in": "query",
            "required": true,
            "schema": { "type": "string" },
        });
    });
    assert_eq!(
        changes,
        [
            breaking("needs the parameter `shop`"),
            breaking("no longer takes the parameter `page[size]`"),
            breaking("parameter `fields[widget]` may no longer be `size`"),
            harmless("parameter `fields[widget]` may be `colour`"),
        ]
    );
}

#[test]
fn page_sizes_are_compared() {
    let changes = report(|document| {
        let size = &mut list_widgets(document)["parameters"][2];
        size["required"] = json!(true);
        size["schema"]["maximum"] = json!(50);
    });
    assert_eq!(
        changes,
        [
            breaking("parameter `page[size]` is now required"),
            harmless("parameter `page[size]`: greatest value: 100 → 50"),
        ]
    );
}

#[test]
fn filters_are_compared() {
    let changes = report(|document| {
        list_widgets(document)["x-klaviyo-filters"]["name"]["operators"] =
            json!({ "single": ["contains", "equals"] });
    });
    assert_eq!(
        changes,
        [
            breaking("no longer filters `name` by `any`"),
            harmless("filters `name` by `contains`"),
        ]
    );
}

#[test]
fn fields_of_a_request_are_compared_where_they_stand() {
    let changes = report(|document| {
        let attributes = attributes(document);
        attributes["required"] = json!(["name", "size", "colour"]);
        let fields = attributes["properties"]
            .as_object_mut()
            .expect("it has fields");
        fields.remove("description");
        fields.insert("colour".into(), json!({ "type": "string" }));
        fields.insert(
            "name".into(),
            json!({ "type": "integer", "nullable": true }),
        );
    });
    assert_eq!(
        changes,
        [
            breaking("`attributes.colour` added: string, required"),
            breaking("`attributes.description` removed"),
            breaking("`attributes.name`: string → integer"),
            breaking("`attributes.size` is now required"),
            harmless("`attributes.name` may be null now"),
        ]
    );
}

#[test]
fn choices_are_compared_by_what_they_are() {
    let changes = report(|document| {
        attributes(document)["properties"]["size"]["oneOf"] =
            json!([{ "type": "number" }, { "type": "boolean" }]);
    });
    assert_eq!(
        changes,
        [
            breaking("`attributes.size` may no longer be string"),
            harmless("`attributes.size` may be boolean"),
        ]
    );
}

#[test]
fn an_answer_may_gain_fields_and_values_but_not_lose_fields() {
    let answer = |properties: Value| {
        move |document: &mut Value| {
            document["components"]["schemas"]["GetWidgetResponse"]["properties"] = properties;
        }
    };
    let added = json!({ "data": { "type": "object" }, "meta": { "type": "object" } });
    assert_eq!(
        report(answer(added)),
        [harmless("`meta` added: object, optional")]
    );
    assert_eq!(report(answer(json!({}))), [breaking("`data` removed")]);
}

#[test]
fn a_named_object_is_listed_once_with_all_that_it_concerns() {
    let mut document = example::document();
    document["components"]["schemas"]["Place"]["properties"]["street"] =
        json!({ "type": "string" });
    let mut second = document["paths"]["/api/widget-jobs"]["post"].clone();
    second["operationId"] = json!("replace_widgets");
    let mut before = example::document();
    for document in [&mut before, &mut document] {
        document["paths"]["/api/widget-jobs"]["patch"] = second.clone();
    }
    let old = side(before, example::CAPS);
    let new = side(document, example::CAPS);
    let report = Report::new(&old, &new).expect("they can be compared");
    assert_eq!(report.fields.len(), 1);
    assert_eq!(
        report.fields[0].heading,
        "`Place`, in the request of `import_widgets`, `replace_widgets`"
    );
}

#[test]
fn what_changes_alike_is_listed_once() {
    let mut document = example::document();
    let fields = json!(["name", "size", "colour"]);
    for pointer in [
        "~1api~1widgets/get/parameters/1",
        "~1api~1widget-jobs/post/parameters/0",
    ] {
        let pointer = format!("/paths/{pointer}/schema/items/enum");
        *document.pointer_mut(&pointer).expect("it is there") = fields.clone();
    }
    let old = side(example::document(), example::CAPS);
    let report = Report::new(&old, &side(document, example::CAPS)).expect("they can be compared");
    assert_eq!(report.operations.len(), 1);
    assert_eq!(
        report.operations[0].heading,
        "`get_widgets`, `import_widgets`"
    );
    assert_eq!(report.operations[0].changes.len(), 1);
}

#[test]
fn an_earlier_name_may_be_lost_or_mean_something_else() {
    let forget = |document: &mut Value| {
        document["paths"]["/api/widget-jobs"]["post"]["x-klaviyo-operation-aliases"] = json!([]);
    };
    assert_eq!(
        report(forget),
        [breaking(
            "the earlier name `spawn_widget_import` is not known any more"
        )]
    );
    assert_eq!(
        report(|document| {
            forget(document);
            list_widgets(document)["x-klaviyo-operation-aliases"] = json!(["spawn_widget_import"]);
        }),
        [breaking(
            "the earlier name `spawn_widget_import` now means `get_widgets`"
        )]
    );
}

#[test]
fn caps_are_compared() {
    let caps = example::CAPS
        .replace("max_items = 100", "max_items = 500")
        .replace("max_item_bytes = 1_000\n", "");
    assert_eq!(
        reported(&side(example::document(), &caps)),
        [
            harmless("bytes an item: no longer 1000"),
            harmless("items a request: 100 → 500"),
        ]
    );
}

#[test]
fn the_report_is_markdown_with_breaking_changes_marked() {
    let old = side(example::document(), example::CAPS);
    let mut document = example::document();
    document["info"]["version"] = json!("2002-02-03");
    list_widgets(&mut document)["x-klaviyo-scopes"] = json!(["widgets:read", "gadgets:read"]);
    let new = side(document, example::CAPS);
    let report = Report::new(&old, &new).expect("they can be compared");
    assert_eq!(
        markdown::write(&report, (old.document.revision(), new.document.revision())),
        "## Klaviyo 2001-02-03 → 2002-02-03\n\nBreaking changes: 1; others: 0.\n\n\
         ### Of single operations\n\n`get_widgets`:\n\n\
         - **breaking** needs the scope `gadgets:read`\n"
    );
}

#[test]
fn breaking_changes_fail_only_when_asked_to() {
    let directory = tempfile::tempdir().expect("there is a temporary directory");
    let write = |name: &str, document: &Value| {
        let path = directory.path().join(name);
        fs::write(&path, document.to_string()).expect("it can be written");
        path
    };
    let mut broken = example::document();
    list_widgets(&mut broken)["x-klaviyo-scopes"] = json!(["gadgets:read"]);
    let old = write("old.json", &example::document());
    let new = write("new.json", &broken);
    run(&old, &new, false).expect("it only reports");
    run(&old, &old, true).expect("nothing breaks");
    run(&old, &new, true).expect_err("something breaks");
}
