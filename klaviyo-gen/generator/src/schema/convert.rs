//! From a schema of OpenAPI 3.0 to one of JSON Schema 2020-12.

use serde_json::{Map, Value, json};

/// The schema as JSON Schema.
pub(super) fn converted(schema: &Value) -> Value {
    let Some(keywords) = schema.as_object() else {
        return schema.clone();
    };
    let mut out = Map::new();
    for (keyword, value) in keywords {
        if let Some((keyword, value)) = keyword_converted(keyword, value) {
            out.insert(keyword.to_owned(), value);
        }
    }
    if keywords.get("nullable") == Some(&Value::Bool(true)) {
        or_null(out)
    } else {
        Value::Object(out)
    }
}

/// A keyword and its value; `None` for what JSON Schema does not have.
fn keyword_converted<'a>(keyword: &'a str, value: &Value) -> Option<(&'a str, Value)> {
    Some(match keyword {
        "nullable" | "discriminator" | "xml" | "readOnly" | "writeOnly" => return None,
        "$ref" => (keyword, reference(value)),
        "properties" => (keyword, properties(value)),
        "items" | "not" | "additionalProperties" => (keyword, converted(value)),
        // A value may fit several alternatives: a string and an enumeration, say.
        "oneOf" | "anyOf" => ("anyOf", all_converted(value)),
        "allOf" => (keyword, all_converted(value)),
        _ => (keyword, value.clone()),
    })
}

fn reference(target: &Value) -> Value {
    match target.as_str() {
        Some(target) => target.replace("#/components/schemas/", "#/$defs/").into(),
        None => target.clone(),
    }
}

fn all_converted(schemas: &Value) -> Value {
    schemas
        .as_array()
        .into_iter()
        .flatten()
        .map(converted)
        .collect()
}

/// The links of a page are null where there is no further page (seen in real answers), although
/// the document only calls them optional.
fn properties(properties: &Value) -> Value {
    let Some(fields) = properties.as_object() else {
        return properties.clone();
    };
    let are_page_links = fields.contains_key("next") && fields.contains_key("prev");
    let convert = |(name, schema): (&String, &Value)| {
        let schema = converted(schema);
        let schema = match schema {
            Value::Object(schema) if are_page_links && name != "self" => or_null(schema),
            other => other,
        };
        (name.clone(), schema)
    };
    Value::Object(fields.iter().map(convert).collect())
}

/// The schema with null allowed, too.
fn or_null(mut schema: Map<String, Value>) -> Value {
    match schema.get("type").and_then(Value::as_str) {
        Some(kind) => {
            schema.insert("type".into(), json!([kind, "null"]));
            if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
                values.push(Value::Null);
            }
            Value::Object(schema)
        }
        // It takes anything already.
        None if schema.is_empty() => Value::Object(schema),
        None => json!({ "anyOf": [schema, { "type": "null" }] }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nullable_becomes_a_second_type() {
        assert_eq!(
            converted(&json!({ "type": "string", "enum": ["a"], "nullable": true })),
            json!({ "type": ["string", "null"], "enum": ["a", null] })
        );
        assert_eq!(
            converted(&json!({ "type": "string", "nullable": false })),
            json!({ "type": "string" })
        );
    }

    #[test]
    fn nullable_beside_a_reference_becomes_an_alternative() {
        assert_eq!(
            converted(&json!({ "$ref": "#/components/schemas/A", "nullable": true })),
            json!({ "anyOf": [{ "$ref": "#/$defs/A" }, { "type": "null" }] })
        );
        assert_eq!(converted(&json!({ "nullable": true })), json!({}));
    }

    #[test]
    fn alternatives_may_overlap() {
        assert_eq!(
            converted(&json!({ "oneOf": [{ "type": "string" }, { "enum": ["a"] }] })),
            json!({ "anyOf": [{ "type": "string" }, { "enum": ["a"] }] })
        );
    }

    #[test]
    fn a_property_may_bear_the_name_of_a_keyword() {
        assert_eq!(
            converted(&json!({ "properties": { "nullable": { "type": "string" } } })),
            json!({ "properties": { "nullable": { "type": "string" } } })
        );
    }

    #[test]
    fn links_of_a_page_may_be_null() {
        let link = json!({ "type": "string" });
        assert_eq!(
            converted(&json!({ "properties": { "self": link, "next": link, "prev": link } })),
            json!({ "properties": {
                "self": { "type": "string" },
                "next": { "type": ["string", "null"] },
                "prev": { "type": ["string", "null"] },
            } })
        );
    }
}
