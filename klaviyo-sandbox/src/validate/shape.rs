//! Values against the schemas of the operation table.

use klaviyo_gen::{Field, Kind, Schema};
use serde_json::{Map, Value};

use super::pointer::Pointer;
use crate::problem::Problem;

/// Checks a value against a schema, wherever it is wrong.
pub(crate) fn shape(value: &Value, schema: &Schema, at: &Pointer<'_>, problems: &mut Vec<Problem>) {
    if value.is_null() {
        if !schema.nullable && !matches!(schema.kind, Kind::Any) {
            problems.push(Problem::invalid(&at.to_string(), "It must not be null."));
        }
        return;
    }
    match &schema.kind {
        Kind::Any => {}
        Kind::String { format, values } => string(value, *format, values, at, problems),
        Kind::Integer if value.is_i64() || value.is_u64() => {}
        Kind::Number if value.is_number() => {}
        Kind::Boolean if value.is_boolean() => {}
        Kind::Integer => mismatch("an integer", at, problems),
        Kind::Number => mismatch("a number", at, problems),
        Kind::Boolean => mismatch("true or false", at, problems),
        Kind::Array(element) => match value {
            Value::Array(elements) => {
                for (index, value) in elements.iter().enumerate() {
                    at.within(index, |at| shape(value, element, at, problems));
                }
            }
            _ => mismatch("an array", at, problems),
        },
        Kind::Object(fields) => match value {
            Value::Object(object) => self::object(object, fields, at, problems),
            _ => mismatch("an object", at, problems),
        },
        Kind::OneOf(alternatives) => {
            if !alternatives
                .iter()
                .any(|alternative| fits(value, alternative, at))
            {
                problems.push(Problem::invalid(
                    &at.to_string(),
                    "It fits none of the kinds of value allowed here.",
                ));
            }
        }
    }
}

/// The schema of what lies under a path of field names, for example a part of an item's schema.
pub(crate) fn field(schema: &'static Schema, path: &[&str]) -> Option<&'static Schema> {
    path.iter()
        .try_fold(schema, |schema, name| match schema.kind {
            Kind::Object(fields) => find(fields, name).map(|field| &field.schema),
            _ => None,
        })
}

fn find(fields: &'static [Field], name: &str) -> Option<&'static Field> {
    // The table sorts an object's fields by name.
    fields
        .binary_search_by(|field| field.name.cmp(name))
        .ok()
        .map(|index| &fields[index])
}

fn fits(value: &Value, schema: &Schema, at: &Pointer<'_>) -> bool {
    let mut problems = Vec::new();
    shape(value, schema, at, &mut problems);
    problems.is_empty()
}

fn mismatch(expected: &str, at: &Pointer<'_>, problems: &mut Vec<Problem>) {
    problems.push(Problem::invalid(
        &at.to_string(),
        format!("It must be {expected}."),
    ));
}

fn string(
    value: &Value,
    format: Option<&str>,
    values: &[&str],
    at: &Pointer<'_>,
    problems: &mut Vec<Problem>,
) {
    let Value::String(text) = value else {
        return mismatch("a string", at, problems);
    };
    if !values.is_empty() && !values.contains(&text.as_str()) {
        problems.push(Problem::invalid(
            &at.to_string(),
            format!("It must be one of: {}.", values.join(", ")),
        ));
    }
    if format == Some("date-time") && chrono::DateTime::parse_from_rfc3339(text).is_err() {
        problems.push(Problem::invalid(
            &at.to_string(),
            "It must be a date and time in the form of RFC 3339.",
        ));
    }
}

fn object(
    object: &Map<String, Value>,
    fields: &'static [Field],
    at: &Pointer<'_>,
    problems: &mut Vec<Problem>,
) {
    // Without known fields an object is free-form.
    if fields.is_empty() {
        return;
    }
    for (name, value) in object {
        match find(fields, name) {
            Some(field) => at.within(name, |at| shape(value, &field.schema, at, problems)),
            None => problems.push(Problem::invalid(
                &at.at(name),
                "The field is not known here.",
            )),
        }
    }
    for field in fields
        .iter()
        .filter(|field| field.required && !object.contains_key(field.name))
    {
        problems.push(Problem::invalid(
            &at.at(field.name),
            "The field is required.",
        ));
    }
}

#[cfg(test)]
mod tests {
    use klaviyo_gen::operations::BULK_IMPORT_PROFILES;
    use serde_json::json;

    use super::*;

    fn pointers(item: Value) -> Vec<String> {
        let schema = BULK_IMPORT_PROFILES.caps.unwrap().item.unwrap();
        let mut problems = Vec::new();
        shape(&item, schema, &Pointer::new("/data/0"), &mut problems);
        problems
            .into_iter()
            .map(|problem| match problem.source {
                crate::problem::Source::Pointer(pointer) => pointer,
                crate::problem::Source::Parameter(name) => name,
            })
            .collect()
    }

    #[test]
    fn a_profile_as_it_should_be_has_no_problems() {
        assert_eq!(
            pointers(json!({
                "type": "profile",
                "attributes": {
                    "email": "ada@shop.example",
                    "first_name": null,
                    "location": {"latitude": 45.07, "longitude": "7.69"},
                    "properties": {"anything": {"goes": [1, "two", null]}},
                },
                "meta": {"patch_properties": {"append": {"skus": "a"}, "unset": ["b"]}},
            })),
            Vec::<String>::new(),
        );
    }

    #[test]
    fn every_wrong_place_is_named() {
        assert_eq!(
            pointers(json!({
                "type": "list",
                "attributes": {"email": 7, "location": {"latitude": true}, "favourite_colour": "red"},
            })),
            [
                "/data/0/attributes/email",
                "/data/0/attributes/favourite_colour",
                "/data/0/attributes/location/latitude",
                "/data/0/type",
            ],
        );
        assert_eq!(pointers(json!({})), ["/data/0/attributes", "/data/0/type"]);
        assert_eq!(pointers(json!([])), ["/data/0"]);
    }
}
