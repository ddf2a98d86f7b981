//! Items, variants and categories as JSON:API resources, and as rows of a filter.

use serde_json::{Map, Value, json};

use super::shape;
use crate::account::{Catalog, Entry, Kind};
use crate::api::{Call, FieldValue};
use crate::operations::resource::{link, moment, related};
use crate::operations::sparse::sparse;

pub(in crate::operations) fn entry(kind: Kind, entry: &Entry, call: &Call<'_>) -> Value {
    let mut attributes: Map<String, Value> = shape::attribute_names(kind)
        .map(|name| {
            let value = entry.attributes.get(name).cloned();
            (name.to_owned(), value.unwrap_or_default())
        })
        .collect();
    attributes.insert("external_id".to_owned(), entry.external_id.as_str().into());
    attributes.insert("updated".to_owned(), moment(entry.updated).into());
    if kind != Kind::Category {
        attributes.insert("created".to_owned(), moment(entry.created).into());
    }
    let mut resource = json!({
        "type": kind.resource(),
        "id": entry.id,
        "attributes": sparse(attributes, kind.resource(), call),
        "links": {"self": link(call, kind.collection(), &entry.id, "")},
    });
    resource["relationships"] = match (kind, &entry.item) {
        (Kind::Item, _) => {
            json!({"variants": related(call, kind.collection(), &entry.id, "variants")})
        }
        (Kind::Category, _) => {
            json!({"items": related(call, kind.collection(), &entry.id, "items")})
        }
        // No operation leads from a variant to its item, so there is no link.
        (Kind::Variant, Some(item)) => {
            json!({"item": {"data": {"type": Kind::Item.resource(), "id": item}}})
        }
        (Kind::Variant, None) => json!({}),
    };
    resource
}

/// What a thing has in a field that it can be filtered by.
pub(super) fn field<'a>(
    catalog: &'a Catalog,
    kind: Kind,
    entry: &'a Entry,
    name: &str,
) -> FieldValue<'a> {
    match name {
        "ids" => FieldValue::Text(&entry.id),
        "title" | "name" | "sku" => FieldValue::text(entry.text(name)),
        "published" => match entry.attributes.get("published") {
            Some(Value::Bool(published)) => FieldValue::Flag(*published),
            _ => FieldValue::Missing,
        },
        "item.id" if kind == Kind::Variant => FieldValue::text(entry.item.as_deref()),
        "item.id" | "category.id" => FieldValue::Texts(catalog.members(kind, &entry.id).collect()),
        _ => FieldValue::Missing,
    }
}
