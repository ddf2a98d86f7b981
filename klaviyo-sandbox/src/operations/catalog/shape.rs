//! What the catalog's resources look like, and the rules beside their shapes.

use klaviyo_gen::{Kind as SchemaKind, Operation, operations};
use serde_json::{Map, Value};

use crate::account::{Change, DEFAULT_CATALOG, Kind};
use crate::operations::items;
use crate::problem::Problem;
use crate::validate::{Pointer, field};

/// How a shop sells what it has not in stock: 0 unknown, 1 not at all, 2 all the same.
const INVENTORY_POLICIES: [u64; 3] = [0, 1, 2];

/// The bulk operation that makes a change to things of one kind. Single ones take the same shape.
pub(in crate::operations) fn bulk_operation(change: Change, kind: Kind) -> &'static Operation {
    match (change, kind) {
        (Change::Create, Kind::Item) => &operations::BULK_CREATE_CATALOG_ITEMS,
        (Change::Create, Kind::Variant) => &operations::BULK_CREATE_CATALOG_VARIANTS,
        (Change::Create, Kind::Category) => &operations::BULK_CREATE_CATALOG_CATEGORIES,
        (Change::Update, Kind::Item) => &operations::BULK_UPDATE_CATALOG_ITEMS,
        (Change::Update, Kind::Variant) => &operations::BULK_UPDATE_CATALOG_VARIANTS,
        (Change::Update, Kind::Category) => &operations::BULK_UPDATE_CATALOG_CATEGORIES,
        (Change::Delete, Kind::Item) => &operations::BULK_DELETE_CATALOG_ITEMS,
        (Change::Delete, Kind::Variant) => &operations::BULK_DELETE_CATALOG_VARIANTS,
        (Change::Delete, Kind::Category) => &operations::BULK_DELETE_CATALOG_CATEGORIES,
    }
}

/// The attributes that a thing shows besides its external id and its times: those that an update
/// can set.
pub(super) fn attribute_names(kind: Kind) -> impl Iterator<Item = &'static str> {
    let update = items::item_schema(bulk_operation(Change::Update, kind));
    let fields = match field(update, &["attributes"]).map(|schema| &schema.kind) {
        Some(SchemaKind::Object(fields)) => fields,
        _ => [].as_slice(),
    };
    fields.iter().map(|field| field.name)
}

/// Checks what the shape does not say.
pub(in crate::operations) fn check(
    kind: Kind,
    resource: &Map<String, Value>,
    at: &Pointer<'_>,
    problems: &mut Vec<Problem>,
) {
    let attribute = |name| {
        resource
            .get("attributes")
            .and_then(|attributes| attributes.get(name))
            .filter(|value| !value.is_null())
    };
    if attribute("catalog_type").is_some_and(|catalog| catalog != DEFAULT_CATALOG) {
        let detail = format!("The only catalog is {DEFAULT_CATALOG}.");
        problems.push(Problem::invalid(&at.at("attributes/catalog_type"), detail));
    }
    if kind != Kind::Variant {
        return;
    }
    let is_policy = |value: &Value| INVENTORY_POLICIES.iter().any(|policy| value == policy);
    if attribute("inventory_policy").is_some_and(|policy| !is_policy(policy)) {
        let pointer = at.at("attributes/inventory_policy");
        problems.push(Problem::invalid(&pointer, "It must be 0, 1 or 2."));
    }
    items::require_related(resource, "item", at, problems);
}
