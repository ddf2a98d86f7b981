//! Makes a value of a definition: a request for a test, or an answer for somebody who plays Klaviyo.

use serde_json::{Map, Value, json};

use super::referred;

/// A text that no revision lists.
pub const UNLISTED: &str = "made up by a later revision";

/// A name that no revision has.
pub const UNKNOWN_FIELD: &str = "field-of-a-later-revision";

/// A text that has to be escaped wherever it may stand.
const TEXT: &str = "a, b/ö?c=\"d\"&e";

/// What a made value is to look like.
///
/// By default everything is there, and texts are the hardest that there are to escape.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct How {
    /// Make what a person would expect to read: a text says what it is, objects that take any
    /// field are empty, and what can be complete is.
    pub plain: bool,
    /// Leave out what need not be there.
    pub bare: bool,
    /// Leave out every attribute of a resource, as a sparse fieldset may.
    pub sparse: bool,
    /// Put null wherever the document allows it.
    pub null: bool,
    /// Put null wherever something need not be there, allowed or not.
    pub null_unasked: bool,
    /// Leave arrays empty.
    pub empty: bool,
    /// Take a text that is not listed wherever texts are.
    pub unlisted: bool,
    /// Add a field to every object.
    pub extended: bool,
    /// Of several alternatives, take this one (counted around).
    pub turn: usize,
}

impl How {
    /// What a person would expect to read, with everything there.
    pub const PLAIN: Self = Self {
        plain: true,
        bare: false,
        sparse: false,
        null: false,
        null_unasked: false,
        empty: false,
        unlisted: false,
        extended: false,
        turn: 0,
    };
}

/// Makes values, and remembers how many alternatives there were. The same schema, made the same way,
/// gives the same value.
#[derive(Debug)]
pub struct Maker {
    how: How,
    /// The greatest number of alternatives that was met.
    pub turns: usize,
    /// The definitions that are being made, the outermost first.
    inside: Vec<&'static str>,
    /// The property that is being made.
    name: &'static str,
}

impl Maker {
    /// A maker of values that look like that.
    #[must_use]
    pub fn new(how: How) -> Self {
        Self {
            how,
            turns: 1,
            inside: Vec::new(),
            name: "",
        }
    }

    /// A value of `schema`, which is a [`definition`](super::definition) or a part of one.
    pub fn make(&mut self, schema: &'static Value) -> Value {
        if let Some((name, target)) = referred(schema) {
            self.inside.push(name);
            let made = self.make(target);
            self.inside.pop();
            return made;
        }
        if self.how.null && takes_null(schema) {
            return Value::Null;
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let mut whole = Map::new();
            for part in parts {
                merge(&mut whole, self.make(part));
            }
            return Value::Object(whole);
        }
        if let Some(alternatives) = schema["anyOf"].as_array() {
            let alternatives: Vec<&Value> = alternatives
                .iter()
                .filter(|one| one["type"] != "null")
                .collect();
            self.turns = self.turns.max(alternatives.len());
            return self.make(alternatives[self.how.turn % alternatives.len()]);
        }
        if let Some(values) = schema["enum"].as_array() {
            let values: Vec<&Value> = values.iter().filter(|value| !value.is_null()).collect();
            if self.how.plain && values.iter().any(|value| *value == "complete") {
                return "complete".into();
            }
            return match values.get(self.how.turn % values.len().max(1)) {
                Some(Value::String(_)) if self.how.unlisted => UNLISTED.into(),
                Some(value) => (*value).clone(),
                None => Value::Null,
            };
        }
        self.make_plain(schema)
    }

    fn make_plain(&mut self, schema: &'static Value) -> Value {
        match kind(schema) {
            Some("object") => Value::Object(self.make_object(schema)),
            Some("array") => self.make_array(&schema["items"]),
            Some("string") => self.text(schema["format"].as_str()).into(),
            Some("integer") => schema["minimum"].as_i64().unwrap_or(7).into(),
            Some("number") => 1.5.into(),
            Some("boolean") => true.into(),
            None if schema["properties"].is_object() => Value::Object(self.make_object(schema)),
            None if self.how.plain => self.text(None).into(),
            None => json!({ "anything": [1, null] }),
            // JSON Schema's last type is `null`.
            Some(_) => Value::Null,
        }
    }

    fn text(&self, format: Option<&str>) -> &'static str {
        match format {
            Some("date-time") => "2026-10-15T08:30:00+00:00",
            Some("date") => "2026-10-15",
            Some("time") => "08:30:00Z",
            Some("uri") => "https://shop.example/a?b=c",
            _ if self.how.plain => plain_text(self.name),
            _ => TEXT,
        }
    }

    fn make_object(&mut self, schema: &'static Value) -> Map<String, Value> {
        let mut object = Map::new();
        if self.how.extended && schema["maxProperties"] != 0 {
            object.insert(UNKNOWN_FIELD.into(), json!({ "deep": [TEXT] }));
        }
        let Some(properties) = schema["properties"].as_object() else {
            if schema["maxProperties"] != 0 && !self.how.plain {
                object.insert("any name".into(), json!({ "any": ["value", 1, null] }));
            }
            return object;
        };
        let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
        for (name, property) in properties {
            let is_required = required.iter().any(|one| one == name);
            self.name = name;
            let value = if name == "attributes" && self.how.sparse {
                json!({})
            } else if is_required {
                self.make(property)
            } else if self.how.bare || self.repeats(property) {
                continue;
            } else if self.how.null_unasked {
                Value::Null
            } else {
                self.make(property)
            };
            object.insert(name.clone(), value);
        }
        object
    }

    /// Whether the schema is inside itself: made again and again, the value would have no end.
    fn repeats(&self, schema: &'static Value) -> bool {
        referred(schema).is_some_and(|(name, _)| self.inside.contains(&name))
    }

    fn make_array(&mut self, items: &'static Value) -> Value {
        if self.how.empty || self.repeats(items) {
            return json!([]);
        }
        let mut made = vec![self.make(items)];
        if items["enum"].is_array() {
            self.how.turn += 1;
            let second = self.make(items);
            self.how.turn -= 1;
            if second != made[0] {
                made.push(second);
            }
        }
        Value::Array(made)
    }
}

/// The type of a schema, `null` aside.
fn kind(schema: &Value) -> Option<&str> {
    match &schema["type"] {
        Value::Array(kinds) => kinds
            .iter()
            .filter_map(Value::as_str)
            .find(|kind| *kind != "null"),
        kind => kind.as_str(),
    }
}

fn takes_null(schema: &Value) -> bool {
    let lists = |key: &str, value: &Value| {
        schema[key]
            .as_array()
            .is_some_and(|list| list.contains(value))
    };
    lists("type", &json!("null"))
        || schema["anyOf"]
            .as_array()
            .is_some_and(|several| several.iter().any(|one| one["type"] == "null"))
        || lists("enum", &Value::Null)
        || schema.as_object().is_some_and(Map::is_empty)
}

/// A text that could stand in a field of that name, at a shop that there will never be.
fn plain_text(name: &'static str) -> &'static str {
    const KNOWN: [(&str, &str); 10] = [
        ("email", "ada@shop.example"),
        ("phone", "+390110000000"),
        ("currency", "EUR"),
        ("timezone", "Europe/Rome"),
        ("locale", "it-IT"),
        ("country", "IT"),
        ("url", "https://shop.example/a?b=c"),
        ("href", "https://shop.example/a?b=c"),
        ("ip_address", "192.0.2.1"),
        ("datetime", "2026-10-15T08:30:00+00:00"),
    ];
    let known = KNOWN.iter().find(|(part, _)| name.contains(part));
    match known {
        Some((_, text)) => text,
        None if name.is_empty() => "text",
        None => name,
    }
}

/// Adds the fields of one object to another's, the inner ones too.
fn merge(whole: &mut Map<String, Value>, part: Value) {
    let Value::Object(part) = part else {
        return;
    };
    for (name, value) in part {
        match (whole.get_mut(&name), value) {
            (Some(Value::Object(existing)), value @ Value::Object(_)) => merge(existing, value),
            (_, value) => {
                whole.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::definition;

    fn made(name: &str, how: How) -> Value {
        Maker::new(how).make(definition(name).expect("it is defined"))
    }

    #[test]
    fn a_plain_value_can_be_read() {
        let tag = made("request.create_tag", How::PLAIN);
        assert_eq!(tag["data"]["type"], "tag");
        assert_eq!(tag["data"]["attributes"], json!({ "name": "name" }));
        let profile = made("request.create_profile", How::PLAIN);
        let attributes = &profile["data"]["attributes"];
        assert_eq!(attributes["email"], "ada@shop.example");
        assert_eq!(attributes["properties"], json!({}));
        let job = made("answer.get_bulk_import_profiles_job.200", How::PLAIN);
        assert_eq!(job["data"]["attributes"]["status"], "complete");
    }

    #[test]
    fn the_least_value_has_what_is_required() {
        let bare = How {
            bare: true,
            ..How::default()
        };
        let tag = made("request.create_tag", bare);
        assert_eq!(tag["data"]["attributes"], json!({ "name": TEXT }));
        assert_eq!(tag["data"]["relationships"], Value::Null);
    }
}
