//! `meta.patch_properties`: changes to custom properties beside the ones that replace them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Changes to custom properties.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct PropertiesPatch {
    append: Map<String, Value>,
    unappend: Map<String, Value>,
    unset: Vec<String>,
}

impl PropertiesPatch {
    /// Reads `patch_properties` out of a resource's `meta`.
    pub(crate) fn from_meta(meta: &mut Map<String, Value>) -> Self {
        let Some(Value::Object(mut patch)) = meta.remove("patch_properties") else {
            return Self::default();
        };
        Self {
            append: take_object(&mut patch, "append"),
            unappend: take_object(&mut patch, "unappend"),
            unset: match patch.remove("unset") {
                Some(Value::String(name)) => vec![name],
                Some(Value::Array(names)) => names
                    .into_iter()
                    .filter_map(|name| name.as_str().map(str::to_owned))
                    .collect(),
                _ => Vec::new(),
            },
        }
    }

    /// Changes the properties: first what is appended, then what is taken out, then what is unset.
    pub(crate) fn apply(&self, properties: &mut Map<String, Value>) {
        for (name, values) in &self.append {
            let array = as_array(properties.entry(name.clone()).or_insert(Value::Null));
            for value in each(values) {
                if !array.contains(value) {
                    array.push(value.clone());
                }
            }
        }
        for (name, values) in &self.unappend {
            if let Some(Value::Array(array)) = properties.get_mut(name) {
                array.retain(|kept| !each(values).any(|value| value == kept));
            }
        }
        for name in &self.unset {
            properties.remove(name);
        }
    }
}

fn take_object(patch: &mut Map<String, Value>, name: &str) -> Map<String, Value> {
    match patch.remove(name) {
        Some(Value::Object(object)) => object,
        _ => Map::new(),
    }
}

/// The property as an array: a missing one is empty, any other value is its only element.
fn as_array(property: &mut Value) -> &mut Vec<Value> {
    if !property.is_array() {
        let single = property.take();
        *property = Value::Array(if single.is_null() {
            Vec::new()
        } else {
            vec![single]
        });
    }
    match property {
        Value::Array(array) => array,
        _ => unreachable!("it was made an array just above"),
    }
}

/// One value, or each of an array of them.
fn each(values: &Value) -> impl Iterator<Item = &Value> {
    values
        .as_array()
        .map_or(std::slice::from_ref(values), Vec::as_slice)
        .iter()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn patched(properties: Value, patch: Value) -> Value {
        let (Value::Object(mut properties), Value::Object(mut meta)) =
            (properties, json!({"patch_properties": patch}))
        else {
            panic!("objects expected");
        };
        PropertiesPatch::from_meta(&mut meta).apply(&mut properties);
        properties.into()
    }

    #[test]
    fn append_adds_once_and_makes_arrays() {
        assert_eq!(
            patched(
                json!({"skus": ["a"], "size": "M"}),
                json!({"append": {"skus": ["a", "b"], "size": "L", "new": 1}})
            ),
            json!({"skus": ["a", "b"], "size": ["M", "L"], "new": [1]}),
        );
    }

    #[test]
    fn unappend_takes_out_of_arrays_only() {
        assert_eq!(
            patched(
                json!({"skus": ["a", "b", "a"], "size": "M"}),
                json!({"unappend": {"skus": "a", "size": "M", "none": 1}})
            ),
            json!({"skus": ["b"], "size": "M"}),
        );
    }

    #[test]
    fn unset_takes_one_name_or_many() {
        assert_eq!(
            patched(json!({"a": 1, "b": 2}), json!({"unset": "a"})),
            json!({"b": 2})
        );
        assert_eq!(
            patched(json!({"a": 1, "b": 2}), json!({"unset": ["a", "b", "c"]})),
            json!({})
        );
    }
}
