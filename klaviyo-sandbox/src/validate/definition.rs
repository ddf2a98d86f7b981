//! Values against the definitions of the vendored document.
//!
//! Bulk items are checked against the operation table instead ([`shape`](super::shape)): it is compiled,
//! so it is faster. A definition can say anything; it is walked as it stands.

use chrono::{DateTime, NaiveDate, NaiveTime};
use klaviyo_gen::schema::referred;
use serde_json::{Map, Value};

use super::pointer::Pointer;
use crate::problem::Problem;

/// Checks a value against a definition or a part of one, wherever it is wrong.
pub(crate) fn definition(
    value: &Value,
    schema: &'static Value,
    at: &Pointer<'_>,
    problems: &mut Vec<Problem>,
) {
    if let Some((_, target)) = referred(schema) {
        return definition(value, target, at, problems);
    }
    if let Some(alternatives) = schema["anyOf"].as_array() {
        return any_of(value, alternatives, at, problems);
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        definition(value, part, at, problems);
    }
    if !has_type(value, &schema["type"]) {
        let detail = format!("It must be {}.", types(&schema["type"]));
        problems.push(Problem::invalid(&at.to_string(), detail));
        return;
    }
    if let Some(values) = schema["enum"].as_array().filter(|it| !it.contains(value)) {
        let detail = format!("It must be one of: {}.", texts(values));
        problems.push(Problem::invalid(&at.to_string(), detail));
    }
    match value {
        Value::Object(fields) => object(fields, schema, at, problems),
        Value::Array(elements) => {
            let items = &schema["items"];
            for (index, element) in elements.iter().enumerate() {
                at.within(index, |at| definition(element, items, at, problems));
            }
        }
        Value::String(text) => {
            if let Some(expected) = schema["format"].as_str().and_then(|it| unlike(text, it)) {
                let detail = format!("It must be {expected}.");
                problems.push(Problem::invalid(&at.to_string(), detail));
            }
        }
        _ => {}
    }
}

/// Whether a value is as a definition demands.
pub(crate) fn fits(value: &Value, schema: &'static Value) -> bool {
    let mut problems = Vec::new();
    definition(value, schema, &Pointer::new(""), &mut problems);
    problems.is_empty()
}

/// Complains about the alternative that the value comes closest to, where that is clear.
fn any_of(
    value: &Value,
    alternatives: &'static [Value],
    at: &Pointer<'_>,
    problems: &mut Vec<Problem>,
) {
    let mut closest: Option<Vec<Problem>> = None;
    let is_null = |schema: &&Value| schema["type"] == "null";
    for alternative in alternatives
        .iter()
        .filter(|it| value.is_null() || !is_null(it))
    {
        let mut found = Vec::new();
        definition(value, alternative, at, &mut found);
        if found.is_empty() {
            return;
        }
        if closest.as_ref().is_none_or(|best| found.len() < best.len()) {
            closest = Some(found);
        }
    }
    let is_choice = alternatives.iter().filter(|it| !is_null(it)).count() > 1;
    match closest {
        Some(found) if value.is_object() || !is_choice => problems.extend(found),
        _ => problems.push(Problem::invalid(
            &at.to_string(),
            "It fits none of the kinds of value allowed here.",
        )),
    }
}

fn object(
    fields: &Map<String, Value>,
    schema: &'static Value,
    at: &Pointer<'_>,
    problems: &mut Vec<Problem>,
) {
    let properties = schema["properties"].as_object();
    // Without known fields an object is free-form.
    let is_closed = properties.is_some() || schema["maxProperties"] == 0;
    for (name, value) in fields {
        match properties.and_then(|properties| properties.get(name)) {
            Some(property) => at.within(name, |at| definition(value, property, at, problems)),
            None if is_closed => problems.push(Problem::invalid(
                &at.at(name),
                "The field is not known here.",
            )),
            None => {}
        }
    }
    let required = schema["required"].as_array().into_iter().flatten();
    for name in required.filter_map(Value::as_str) {
        if !fields.contains_key(name) {
            problems.push(Problem::invalid(&at.at(name), "The field is required."));
        }
    }
}

/// Whether a value has one of the types; without any, it may be anything.
fn has_type(value: &Value, types: &Value) -> bool {
    match types {
        Value::String(name) => is_a(value, name),
        Value::Array(names) => names
            .iter()
            .filter_map(Value::as_str)
            .any(|name| is_a(value, name)),
        _ => true,
    }
}

fn is_a(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => {
            value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|it| it.fract() == 0.0)
        }
        "boolean" => value.is_boolean(),
        _ => value.is_null(),
    }
}

/// Types in words, as in "a string or null".
fn types(types: &Value) -> String {
    let names = match types {
        Value::Array(names) => names.as_slice(),
        name => std::slice::from_ref(name),
    };
    let words: Vec<&str> = names.iter().filter_map(Value::as_str).map(worded).collect();
    words.join(" or ")
}

fn worded(name: &str) -> &str {
    match name {
        "object" => "an object",
        "array" => "an array",
        "string" => "a string",
        "number" => "a number",
        "integer" => "an integer",
        "boolean" => "true or false",
        other => other,
    }
}

fn texts(values: &[Value]) -> String {
    let texts: Vec<String> = values
        .iter()
        .map(|value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        })
        .collect();
    texts.join(", ")
}

/// What a text of that format must be, when it is not.
fn unlike(text: &str, format: &str) -> Option<&'static str> {
    let (is_right, expected) = match format {
        "date-time" => (
            DateTime::parse_from_rfc3339(text).is_ok(),
            "a date and time in the form of RFC 3339",
        ),
        "date" => (
            NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok(),
            "a date of the form YYYY-MM-DD",
        ),
        "time" => (
            NaiveTime::parse_from_str(text.trim_end_matches('Z'), "%H:%M:%S%.f").is_ok(),
            "a time of the form HH:MM:SS",
        ),
        "uri" => (text.parse::<http::Uri>().is_ok(), "a URI"),
        _ => return None,
    };
    (!is_right).then_some(expected)
}

#[cfg(test)]
mod tests {
    use klaviyo_gen::OPERATIONS;
    use klaviyo_gen::schema;
    use serde_json::json;

    use super::*;
    use crate::problem::Source;

    #[test]
    fn types_are_told_in_words() {
        assert_eq!(types(&json!("integer")), "an integer");
        assert_eq!(types(&json!(["string", "null"])), "a string or null");
    }

    fn pointers(name: &str, value: Value) -> Vec<String> {
        let mut problems = Vec::new();
        let schema = schema::definition(name).unwrap();
        definition(&value, schema, &Pointer::new(""), &mut problems);
        let sources = problems.into_iter().map(|problem| problem.source);
        sources
            .map(|source| match source {
                Source::Pointer(place) | Source::Parameter(place) => place,
            })
            .collect()
    }

    #[test]
    fn every_wrong_place_is_named() {
        let tag = |data: Value| pointers("request.create_tag", json!({"data": data}));
        let none: [&str; 0] = [];
        assert_eq!(
            tag(json!({"type": "tag", "attributes": {"name": "Spring"}})),
            none
        );
        assert_eq!(
            tag(json!({"type": "tags", "attributes": {"name": 1, "colour": "red"}})),
            [
                "/data/attributes/colour",
                "/data/attributes/name",
                "/data/type"
            ]
        );
        assert_eq!(tag(json!({"type": "tag"})), ["/data/attributes"]);
        assert_eq!(pointers("request.create_tag", json!([])), [""]);
    }

    #[test]
    fn the_closest_alternative_is_complained_about() {
        let location = |latitude: Value| {
            let attributes = json!({"email": "a@shop.example", "location": {"latitude": latitude}});
            let data = json!({"type": "profile", "attributes": attributes});
            pointers("request.create_profile", json!({"data": data}))
        };
        for right in [json!("45.07"), json!(45.07), Value::Null] {
            assert!(location(right).is_empty());
        }
        assert_eq!(
            location(json!(true)),
            ["/data/attributes/location/latitude"]
        );
    }

    #[test]
    fn texts_of_a_format_have_it() {
        for (format, right, wrong) in [
            ("date-time", "2026-10-15T08:30:00+02:00", "2026-10-15"),
            ("date", "2026-10-15", "15.10.2026"),
            ("time", "08:30:00Z", "half past eight"),
            ("uri", "https://shop.example/a", "a b"),
        ] {
            assert_eq!(unlike(right, format), None);
            assert!(unlike(wrong, format).is_some(), "{wrong}");
        }
    }

    #[test]
    fn requests_say_nothing_that_is_not_looked_at() {
        // `default` is for who writes a request, not for who checks it.
        const KNOWN: [&str; 10] = [
            "$ref",
            "anyOf",
            "type",
            "enum",
            "properties",
            "required",
            "items",
            "format",
            "maxProperties",
            "default",
        ];
        fn walk(schema: &'static Value, seen: &mut Vec<&'static str>) {
            if let Some((name, target)) = referred(schema) {
                if !seen.contains(&name) {
                    seen.push(name);
                    walk(target, seen);
                }
                return;
            }
            for (keyword, value) in schema.as_object().into_iter().flatten() {
                assert!(KNOWN.contains(&keyword.as_str()), "{keyword}: {schema:#}");
                match keyword.as_str() {
                    "properties" => value
                        .as_object()
                        .unwrap()
                        .values()
                        .for_each(|it| walk(it, seen)),
                    "anyOf" => value
                        .as_array()
                        .unwrap()
                        .iter()
                        .for_each(|it| walk(it, seen)),
                    "items" => walk(value, seen),
                    _ => {}
                }
            }
        }
        let mut seen = Vec::new();
        for operation in OPERATIONS {
            if let Some(request) = schema::request(operation) {
                walk(schema::definition(&request).unwrap(), &mut seen);
            }
        }
        assert!(seen.len() > 100);
    }
}
