//! Each shape that needs care, and what becomes of it.

use serde_json::{Value, json};

use super::*;

/// The flat schemas of the schemas in `document`.
fn flat(document: Value) -> Value {
    let Value::Object(schemas) = document else {
        panic!("schemas are an object");
    };
    Value::Object(normalise(schemas).expect("no two schemas have one name"))
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn nullable_reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}"), "nullable": true })
}

#[test]
fn what_is_inside_is_named_after_the_path_to_it() {
    let flat = flat(json!({
        "Widget": { "type": "object", "properties": {
            "colour-scheme": { "type": "string", "enum": ["dark", "light"], "nullable": true },
            "parts": { "type": "array", "items": { "type": "object", "properties": {
                "size": { "type": "integer" },
            } } },
        } },
    }));
    assert_eq!(
        flat["Widget"]["properties"]["colour-scheme"],
        nullable_reference("WidgetColourScheme")
    );
    assert_eq!(
        flat["WidgetColourScheme"],
        json!({ "type": "string", "enum": ["dark", "light"] })
    );
    assert_eq!(
        flat["Widget"]["properties"]["parts"]["items"],
        reference("WidgetPartsItem")
    );
    assert_eq!(
        flat["WidgetPartsItem"]["properties"]["size"],
        json!({ "type": "integer" })
    );
}

#[test]
fn the_endings_of_resources_are_left_out_of_paths() {
    let inside = json!({ "type": "object", "properties": { "size": { "type": "integer" } } });
    let resource = json!({ "type": "object", "properties": { "attributes": inside } });
    let one = flat(json!({ "WidgetResponseObjectResource": resource }));
    assert!(one.get("WidgetResponseAttributes").is_some());

    let two = flat(json!({
        "WidgetResponseObjectResource": resource,
        "WidgetResponse": resource,
    }));
    assert!(two.get("WidgetResponseObjectResourceAttributes").is_some());
    assert!(two.get("WidgetResponseAttributes").is_some());
}

#[test]
fn a_path_that_is_a_schemas_name_is_set_apart() {
    let flat = flat(json!({
        "Widget": { "properties": { "part": { "properties": { "size": { "type": "integer" } } } } },
        "WidgetPart": { "properties": { "weight": { "type": "number" } } },
    }));
    assert_eq!(
        flat["Widget"]["properties"]["part"],
        reference("WidgetPartInner")
    );
    assert!(flat["WidgetPart"]["properties"].get("weight").is_some());
}

#[test]
fn two_schemas_that_would_be_one_type_are_refused() {
    let Value::Object(schemas) = json!({ "Big_widget": {}, "BigWidget": {} }) else {
        panic!("schemas are an object");
    };
    let refusal = normalise(schemas).expect_err("both would be BigWidget");
    assert!(refusal.to_string().contains("BigWidget"));
}

#[test]
fn properties_on_request_join_the_resource() {
    let flat = flat(json!({
        "Widget": { "type": "object", "required": ["attributes"], "properties": {
            "attributes": { "type": "object", "properties": { "size": { "type": "integer" } } },
        } },
        "Answer": { "properties": { "data": { "nullable": true, "allOf": [
            { "properties": { "attributes": { "properties": { "price": { "type": "number" } } } } },
            reference("Widget"),
        ] } } },
    }));
    assert_eq!(
        flat["Answer"]["properties"]["data"],
        nullable_reference("Widget")
    );
    assert_eq!(
        flat["WidgetAttributes"]["properties"],
        json!({ "size": { "type": "integer" }, "price": { "type": "number" } })
    );
}

#[test]
fn anonymous_parts_become_one_object() {
    let flat = flat(json!({ "Widget": { "allOf": [
        { "properties": { "size": { "type": "integer" } } },
        { "properties": { "price": { "type": "number" } } },
    ] } }));
    assert_eq!(
        flat["Widget"]["properties"],
        json!({ "size": { "type": "integer" }, "price": { "type": "number" } })
    );
}

/// What becomes of the alternatives when they are the property `of` of an object.
fn simplified(alternatives: Value) -> Value {
    let flat = flat(json!({
        "Colour": { "type": "string", "enum": ["red"] },
        "Widget": { "properties": { "of": { "oneOf": alternatives } } },
    }));
    let simplified = &flat["Widget"]["properties"]["of"];
    match flat.get("WidgetOf") {
        Some(hoisted) => hoisted.clone(),
        None => simplified.clone(),
    }
}

#[test]
fn plain_alternatives_become_one() {
    let listed = json!({ "type": "string", "enum": ["b"] });
    assert_eq!(
        simplified(json!([listed, { "enum": ["a"] }])),
        json!({ "type": "string", "enum": ["a", "b"] })
    );
    assert_eq!(
        simplified(json!([listed, reference("Colour")])),
        json!({ "type": "string", "enum": ["b", "red"] })
    );
    assert_eq!(
        simplified(json!([listed, { "type": "string" }])),
        json!({ "type": "string" })
    );
    assert_eq!(
        simplified(json!([{ "type": "integer" }, { "oneOf": [{ "type": "string" }, listed] }])),
        json!({ "type": "scalar" })
    );
}

#[test]
fn an_alternative_that_is_null_makes_the_rest_nullable() {
    assert_eq!(
        simplified(json!([{ "type": "integer" }, { "enum": [null] }])),
        json!({ "type": "integer", "nullable": true })
    );
    assert_eq!(
        simplified(json!([{ "type": "integer", "nullable": true }, { "type": "string" }])),
        json!({ "type": "scalar", "nullable": true })
    );
}

#[test]
fn arrays_of_this_or_that_become_an_array_of_both() {
    assert_eq!(
        simplified(json!([
            { "type": "array", "items": { "type": "string" } },
            { "type": "array", "items": { "type": "integer" } },
        ])),
        json!({ "type": "array", "items": { "type": "scalar" } })
    );
}

#[test]
fn other_alternatives_stay() {
    let alternatives =
        json!([{ "type": "string" }, { "type": "array", "items": { "type": "string" } }]);
    assert_eq!(
        simplified(alternatives.clone()),
        json!({ "oneOf": alternatives })
    );
}

#[test]
fn identifiers_and_relationships_are_named_after_what_they_point_at() {
    let identifier = json!({
        "type": "object",
        "required": ["type", "id"],
        "properties": { "type": reference("WidgetEnum"), "id": { "type": "string" } },
    });
    let flat = flat(json!({
        "WidgetEnum": { "type": "string", "enum": ["widget"] },
        "Links": { "properties": { "self": { "type": "string" } } },
        "Sent": { "properties": {
            "one": { "type": "object", "properties": { "data": identifier } },
            "many": { "type": "object", "properties": { "data": { "type": "array", "items": identifier } } },
        } },
        "Received": { "properties": {
            "one": { "type": "object", "properties": { "data": identifier, "links": reference("Links") } },
            "unlike": { "type": "object", "required": ["data"], "properties": { "data": identifier } },
        } },
    }));
    assert_eq!(
        flat["Sent"]["properties"]["one"],
        reference("WidgetReference")
    );
    assert_eq!(
        flat["Sent"]["properties"]["many"],
        reference("WidgetReferences")
    );
    assert_eq!(
        flat["Received"]["properties"]["one"],
        reference("WidgetRelationship")
    );
    assert_eq!(
        flat["WidgetRelationship"]["properties"]["data"],
        reference("WidgetIdentifier")
    );
    assert_eq!(
        flat["Received"]["properties"]["unlike"],
        reference("ReceivedUnlike")
    );
}

#[test]
fn a_resource_that_is_repeated_in_place_is_the_named_one() {
    let resource = json!({ "type": "object", "properties": {
        "type": { "type": "string" },
        "attributes": { "type": "object", "properties": { "size": { "type": "integer" } } },
    } });
    let mut repeated = resource.clone();
    repeated["nullable"] = true.into();
    let flat = flat(json!({
        "Widget": resource,
        "Answer": { "properties": { "data": repeated } },
    }));
    assert_eq!(
        flat["Answer"]["properties"]["data"],
        nullable_reference("Widget")
    );
}
