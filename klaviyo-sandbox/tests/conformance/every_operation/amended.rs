//! What a body made from its schema has too much of.

use serde_json::Value;

/// Operations and what to leave out of their bodies: the schema allows it, but not with the rest.
const LEFT_OUT: [(&str, &str); 15] = [
    // Profiles, or one list, or one segment (docs).
    ("bulk_suppress_profiles", "/data/relationships"),
    ("bulk_unsuppress_profiles", "/data/relationships"),
    // One identifier (spec).
    (
        "request_profile_deletion",
        "/data/attributes/profile/data/id",
    ),
    (
        "request_profile_deletion",
        "/data/attributes/profile/data/attributes/phone_number",
    ),
    // There is one catalog (spec).
    ("create_catalog_item", "/data/attributes/catalog_type"),
    ("create_catalog_variant", "/data/attributes/catalog_type"),
    ("create_catalog_category", "/data/attributes/catalog_type"),
    (
        "bulk_create_catalog_items",
        "/data/attributes/items/data/0/attributes/catalog_type",
    ),
    (
        "bulk_create_catalog_variants",
        "/data/attributes/variants/data/0/attributes/catalog_type",
    ),
    (
        "bulk_create_catalog_categories",
        "/data/attributes/categories/data/0/attributes/catalog_type",
    ),
    // What is required or mapped must be a property.
    ("create_object_type", "/data/attributes/object-schema"),
    ("create_object_schema", "/data/attributes/required"),
    ("create_object_schema", "/data/attributes/source-mapping"),
    ("update_object_schema", "/data/attributes/required"),
    (
        "update_source_mapping",
        "/data/attributes/property_mappings",
    ),
];

/// Makes a body that an account can take of what was made for an operation.
pub(crate) fn amend(operation: &str, body: &mut Value) {
    for (_, pointer) in LEFT_OUT.iter().filter(|(id, _)| *id == operation) {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        let parent = body.pointer_mut(parent).and_then(Value::as_object_mut);
        parent.expect("it is there").remove(name);
    }
}

/// Names two profiles of which one is to become the other: made up, they would be the same.
pub(crate) fn name_profiles(merge: &mut Value, profiles: [String; 2]) {
    let [one, other] = profiles;
    merge["data"]["id"] = one.into();
    merge["data"]["relationships"]["profiles"]["data"][0]["id"] = other.into();
}
