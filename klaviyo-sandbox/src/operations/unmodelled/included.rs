//! Related resources beside the answer's own, where the request asks for them.

use klaviyo_gen::schema::{How, Maker};
use serde_json::{Map, Value};

use super::made;
use crate::api::Call;

/// Adds the resources that the answer's own are related to by the names in `include`.
pub(super) fn include(
    body: &mut Map<String, Value>,
    schema: Option<&'static Value>,
    call: &Call<'_>,
) {
    let (Some(schema), Some(names)) = (schema, call.query.list("include")) else {
        return;
    };
    let linked = linked(&body["data"], &names);
    let items = &schema["items"];
    let kinds = match items["anyOf"].as_array() {
        Some(kinds) => kinds.as_slice(),
        None => std::slice::from_ref(items),
    };
    let resources = kinds
        .iter()
        .map(|kind| made::numbered(Maker::new(How::PLAIN).make(kind), 0, call))
        .filter(|resource| linked.iter().any(|one| is_same(one, resource)));
    let included: Vec<Value> = resources.collect();
    body.insert("included".to_owned(), included.into());
}

/// The linkages under some names of one resource or several.
fn linked(data: &Value, names: &[&str]) -> Vec<Value> {
    let mut linked = Vec::new();
    for resource in several(data) {
        for name in names {
            linked.extend(
                several(&resource["relationships"][name]["data"])
                    .iter()
                    .cloned(),
            );
        }
    }
    linked
}

fn several(one_or_several: &Value) -> &[Value] {
    match one_or_several {
        Value::Array(several) => several,
        one => std::slice::from_ref(one),
    }
}

fn is_same(linkage: &Value, resource: &Value) -> bool {
    (&linkage["type"], &linkage["id"]) == (&resource["type"], &resource["id"])
}
