//! Sparse fieldsets: only the attributes that `fields[type]` names.

use serde_json::{Map, Value};

use crate::api::Call;

/// Leaves what the request's fieldset for a type names; everything when it names nothing.
pub(super) fn sparse(
    attributes: Map<String, Value>,
    kind: &str,
    call: &Call<'_>,
) -> Map<String, Value> {
    match call.query.list(&format!("fields[{kind}]")) {
        Some(fields) => only(&attributes, &fields),
        None => attributes,
    }
}

/// A field is a name, or names joined by dots for what is inside an object.
fn only(attributes: &Map<String, Value>, fields: &[&str]) -> Map<String, Value> {
    let mut kept = Map::new();
    for field in fields.iter().filter(|field| !field.contains('.')) {
        if let Some(value) = attributes.get(*field) {
            kept.insert((*field).to_owned(), value.clone());
        }
    }
    for (outer, inner) in fields.iter().filter_map(|field| field.split_once('.')) {
        if let Some(Value::Object(object)) = attributes.get(outer)
            && let Value::Object(whole) = kept.entry(outer).or_insert_with(|| Map::new().into())
        {
            add(whole, only(object, &[inner]));
        }
    }
    kept
}

/// Adds fields; objects that are on both sides become one.
fn add(into: &mut Map<String, Value>, from: Map<String, Value>) {
    for (name, value) in from {
        match (into.get_mut(&name), value) {
            (Some(Value::Object(known)), Value::Object(more)) => add(known, more),
            (_, value) => {
                into.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kept(fields: &[&str]) -> Value {
        let Value::Object(all) = json!({"email": "a@shop.example", "title": null, "location": {"city": "Turin", "zip": "1"}})
        else {
            panic!("an object expected")
        };
        only(&all, fields).into()
    }

    #[test]
    fn names_and_dotted_names() {
        assert_eq!(kept(&["email"]), json!({"email": "a@shop.example"}));
        assert_eq!(
            kept(&["location.city", "title"]),
            json!({"title": null, "location": {"city": "Turin"}})
        );
        assert_eq!(
            kept(&["location.city", "location.zip"]),
            json!({"location": {"city": "Turin", "zip": "1"}})
        );
        assert_eq!(
            kept(&["location", "location.city"]),
            json!({"location": {"city": "Turin", "zip": "1"}})
        );
        assert_eq!(kept(&["created"]), json!({}));
    }

    #[test]
    fn names_of_many_parts_share_what_they_share() {
        let Value::Object(all) = json!({"a": {"b": {"c": 1, "d": 2, "e": 3}}}) else {
            panic!("an object expected")
        };
        assert_eq!(
            Value::from(only(&all, &["a.b.c", "a.b.d"])),
            json!({"a": {"b": {"c": 1, "d": 2}}})
        );
    }
}
