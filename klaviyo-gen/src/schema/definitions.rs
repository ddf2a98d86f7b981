//! Single definitions of the schema, each parsed when it is first asked for.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use serde_json::Value;

use super::SCHEMA;

/// What a reference begins with.
const PREFIX: &str = "#/$defs/";

/// A definition's text, and what was made of it when it was first asked for.
struct Entry {
    text: &'static str,
    parsed: OnceLock<Value>,
}

/// The generator writes one definition a line, so finding them all takes no parser.
static ENTRIES: LazyLock<HashMap<&'static str, Entry>> = LazyLock::new(|| {
    let definitions = SCHEMA.lines().filter_map(|line| {
        let (name, text) = line.strip_prefix('"')?.split_once("\":")?;
        let entry = Entry {
            text: text.trim_end_matches(','),
            parsed: OnceLock::new(),
        };
        // `$schema`, `$comment` and `$defs` stand around the definitions.
        (!name.starts_with('$')).then_some((name, entry))
    });
    definitions.collect()
});

/// A definition, given by its name or by a reference to it.
///
/// # Panics
/// Never: what the generator writes is JSON, and a test parses all of it.
#[must_use]
pub fn definition(name: &str) -> Option<&'static Value> {
    let entry = ENTRIES.get(name.strip_prefix(PREFIX).unwrap_or(name))?;
    let parse = || serde_json::from_str(entry.text).expect("a line holds one definition");
    Some(entry.parsed.get_or_init(parse))
}

/// The name and the definition that a schema refers to; `None` when it is not a reference.
#[must_use]
pub fn referred(schema: &Value) -> Option<(&'static str, &'static Value)> {
    let name = schema.get("$ref")?.as_str()?.strip_prefix(PREFIX)?;
    let (name, _) = ENTRIES.get_key_value(name)?;
    Some((name, definition(name)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_by_line_they_are_what_the_whole_schema_says() {
        let whole: Value = serde_json::from_str(SCHEMA).expect("the schema is JSON");
        let definitions = whole["$defs"].as_object().expect("it has definitions");
        assert_eq!(definitions.len(), ENTRIES.len());
        for (name, schema) in definitions {
            assert_eq!(definition(name), Some(schema), "{name}");
        }
    }

    #[test]
    fn a_reference_leads_to_its_definition() {
        let request = definition("#/$defs/request.create_tag").expect("it is defined");
        let (name, target) = referred(request).expect("it is a reference");
        assert_eq!((name, Some(target)), ("TagCreateQuery", definition(name)));
        assert_eq!(referred(target), None);
        assert_eq!(definition("nothing"), None);
    }
}
