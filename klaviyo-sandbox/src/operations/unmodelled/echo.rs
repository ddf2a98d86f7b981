//! What was sent comes back, where the answer has a field of that name that takes it.

use serde_json::Value;

use super::property;
use crate::validate::fits;

/// Puts the attributes and linkages of a request's resource into the answer's.
pub(super) fn echo(sent: &Value, made: &mut Value, schema: Option<&'static Value>) {
    let Some(schema) = schema else {
        return;
    };
    let sent = &sent["data"];
    if let Some(attributes) = property(schema, "attributes") {
        for (name, value) in fields(&sent["attributes"]) {
            if property(attributes, name).is_some_and(|schema| fits(value, schema)) {
                made["attributes"][name] = value.clone();
            }
        }
    }
    if let Some(relationships) = property(schema, "relationships") {
        for (name, relationship) in fields(&sent["relationships"]) {
            let linkage = &relationship["data"];
            let schema = property(relationships, name).and_then(|it| property(it, "data"));
            if schema.is_some_and(|schema| fits(linkage, schema)) {
                made["relationships"][name]["data"] = linkage.clone();
            }
        }
    }
}

fn fields(object: &Value) -> impl Iterator<Item = (&String, &Value)> {
    object.as_object().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use klaviyo_gen::schema::definition;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_does_not_fit_stays_away() {
        let schema = property(definition("answer.create_tag.201").unwrap(), "data");
        let mut made = json!({"attributes": {"name": "name"}, "relationships": {}});
        let sent = json!({"data": {
            "attributes": {"name": "Spring", "colour": "red"},
            "relationships": {"tag-group": {"data": {"type": "tag-group", "id": "1"}}},
        }});
        echo(&sent, &mut made, schema);
        let expected = json!({
            "attributes": {"name": "Spring"},
            "relationships": sent["data"]["relationships"],
        });
        assert_eq!(made, expected);
        echo(
            &json!({"data": {"attributes": {"name": 1}}}),
            &mut made,
            schema,
        );
        assert_eq!(made, expected);
    }
}
