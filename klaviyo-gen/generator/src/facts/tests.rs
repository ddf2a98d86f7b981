//! Tests of what is read from a document.

use serde_json::{Value, json};

use super::{Field, Kind, Limits, MediaType, Method, Operation, Place, Shape, identifier};
use crate::document::Document;
use crate::example;

fn operations() -> Vec<Operation> {
    let document = Document::new(example::document()).expect("it has a revision");
    Operation::all(&document).expect("it can be read")
}

fn operation(id: &str) -> Operation {
    operations()
        .into_iter()
        .find(|operation| operation.id == id)
        .expect("the example has that operation")
}

/// The example with `change` made to its `get_widgets`, which should then be refused.
fn complaint(change: impl FnOnce(&mut Value)) -> String {
    let mut document = example::document();
    change(&mut document["paths"]["/api/widgets"]["get"]);
    let document = Document::new(document).expect("it has a revision");
    let error = Operation::all(&document).expect_err("it should be refused");
    format!("{error:#}")
}

#[test]
fn operations_are_sorted_by_id() {
    let operations = operations();
    let ids: Vec<_> = operations.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "delete_widget",
            "get_widget_job",
            "get_widgets",
            "import_widgets"
        ]
    );
}

#[test]
fn facts_of_an_operation_are_read() {
    let operation = operation("import_widgets");
    assert_eq!(operation.method, Method::Post);
    assert_eq!(operation.path, "/api/widget-jobs");
    assert_eq!(operation.tag, "Widgets");
    assert_eq!(operation.aliases, ["spawn_widget_import"]);
    assert_eq!(operation.scopes, ["widgets:write"]);
    let body = operation.body.expect("it takes a body");
    assert_eq!(body.media_type, MediaType::JsonApi);
    assert_eq!(operation.success[0].status, 202);
    assert!(operation.success[0].schema.is_some());
    assert!(operation.authenticated);
}

#[test]
fn an_answer_without_content_has_no_body() {
    let operation = operation("delete_widget");
    assert_eq!(operation.success.len(), 1);
    assert!(operation.success[0].schema.is_none());
}

#[test]
fn limits_are_read_with_their_windows() {
    let expected = Limits {
        burst: Some(3),
        steady: Some(60),
        daily: Some(100),
    };
    assert_eq!(operation("delete_widget").limits, expected);
    let message = complaint(|get| get["x-klaviyo-ratelimit"]["steady"] = json!("60/h"));
    assert!(message.contains("60/h"), "{message}");
}

#[test]
fn the_revision_is_no_parameter() {
    let operation = operation("get_widgets");
    let names: Vec<_> = operation
        .parameters
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(names, ["fields[widget]", "page[size]"]);
    assert_eq!(operation.parameters[1].maximum, Some(100));
    assert_eq!(operation.parameters[1].default, Some(json!(20)));
}

#[test]
fn a_path_parameter_is_required_and_never_null() {
    let operation = operation("delete_widget");
    let parameter = &operation.parameters[0];
    assert_eq!(parameter.place, Place::Path);
    assert!(parameter.required);
    assert!(!parameter.shape.nullable);
}

#[test]
fn operators_of_a_filter_are_merged() {
    let operation = operation("get_widgets");
    assert_eq!(operation.filters[0].field, "name");
    assert_eq!(operation.filters[0].operators, ["any", "equals"]);
}

#[test]
fn an_empty_security_list_lifts_authentication() {
    let mut document = example::document();
    document["paths"]["/api/widgets"]["get"]["security"] = json!([]);
    let document = Document::new(document).expect("it has a revision");
    let operations = Operation::all(&document).expect("it can be read");
    let open: Vec<_> = operations
        .iter()
        .filter(|one| !one.authenticated)
        .map(|one| one.id.as_str())
        .collect();
    assert_eq!(open, ["get_widgets"]);
}

#[test]
fn what_is_not_understood_is_refused() {
    let message = complaint(|get| get["parameters"][1]["in"] = json!("cookie"));
    assert!(message.contains("get /api/widgets"), "{message}");
    assert!(message.contains("fields[widget]"), "{message}");
    let message = complaint(|get| get["operationId"] = json!("delete_widget"));
    assert!(message.contains("delete_widget"), "{message}");
}

#[test]
fn shapes_keep_named_objects_by_name() {
    let document = Document::new(example::document()).expect("it has a revision");
    let fields = Shape::read_named(&document, "Widget").expect("it can be read");
    let [attributes, kind] = fields.as_slice() else {
        panic!("a widget has two fields");
    };
    assert_eq!((kind.name.as_str(), kind.required), ("type", true));
    let Kind::Object(attributes) = &attributes.shape.kind else {
        panic!("attributes are an object");
    };
    let shape = |name: &str| {
        let field: Option<&Field> = attributes.iter().find(|field| field.name == name);
        &field.expect("it has that field").shape
    };
    assert_eq!(shape("made").kind, Kind::Named("Place".into()));
    assert!(shape("made").nullable);
    assert_eq!(shape("properties").kind, Kind::Object(Vec::new()));
    assert!(matches!(&shape("size").kind, Kind::OneOf(choices) if choices.len() == 2));
    assert!(shape("size").nullable && !shape("name").nullable);
}

#[test]
fn parts_of_an_object_are_merged() {
    let document = Document::new(example::document()).expect("it has a revision");
    let schema = json!({ "allOf": [
        { "$ref": "#/components/schemas/Place" },
        { "properties": { "area": { "type": "number" } } },
    ] });
    let Kind::Object(fields) = Shape::read(&document, &schema)
        .expect("it can be read")
        .kind
    else {
        panic!("it is an object");
    };
    let names: Vec<_> = fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["area", "city"]);
}

#[test]
fn names_become_identifiers() {
    for (name, expected) in [
        ("page[size]", "page_size"),
        ("fields[campaign-message]", "fields_campaign_message"),
        ("_kx", "kx"),
        ("ProfileLocation", "profile_location"),
        ("SMSSubscriptionParameters", "sms_subscription_parameters"),
        ("X-Klaviyo-API-Filters", "x_klaviyo_api_filters"),
        ("address1", "address1"),
    ] {
        assert_eq!(identifier(name), expected);
    }
}
