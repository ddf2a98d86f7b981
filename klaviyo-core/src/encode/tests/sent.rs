//! Items as they are sent are rows, too.

use klaviyo_gen::operations::{
    ADD_PROFILES_TO_LIST, BULK_CREATE_CATALOG_CATEGORIES, BULK_CREATE_CATALOG_ITEMS,
    BULK_CREATE_CATALOG_VARIANTS, BULK_CREATE_CLIENT_EVENTS, BULK_CREATE_COUPON_CODES,
    BULK_CREATE_DATA_SOURCE_RECORDS, BULK_DELETE_CATALOG_CATEGORIES, BULK_DELETE_CATALOG_ITEMS,
    BULK_DELETE_CATALOG_VARIANTS, BULK_DELETE_OBJECT_RECORDS, BULK_SUBSCRIBE_PROFILES,
    BULK_SUPPRESS_PROFILES, BULK_UNSUBSCRIBE_PROFILES, BULK_UNSUPPRESS_PROFILES,
    BULK_UPDATE_CATALOG_CATEGORIES, BULK_UPDATE_CATALOG_ITEMS, BULK_UPDATE_CATALOG_VARIANTS,
    REMOVE_PROFILES_FROM_LIST,
};

use super::*;

/// A row of each of the 21 operations.
fn rows() -> Vec<(&'static Operation, Rows, Value)> {
    let rules = SubscriptionRules::default;
    let subscription = json!({"email": "ada@shop.example", "phone_number": "+12025550123",
        "channels": ["email", "sms.transactional"]});
    let event = json!({"metric": "Seen", "email": "ada@shop.example", "properties.a.b": 1,
        "profile.location.city": "London", "backfill": true, "time": "2026-10-31T10:00:00Z"});
    let item = json!({"external_id": "S", "title": "T", "description": "D", "custom_metadata.a": 1,
        "url": "https://shop.example", "categories": ["C", "$custom:::$default:::D"]});
    let variant = json!({"external_id": "S-M", "title": "T", "description": "D", "sku": "SM",
        "url": "https://shop.example", "price": 1.5, "inventory_quantity": 2, "item": "S"});
    let by_id = || json!({"external_id": "S"});
    let profile = json!({"email": "ada@shop.example", "id": "01H", "location.city": "London",
        "properties": {"a": [1, null]}, "patch.unset": "x"});
    let member = || json!({"id": "01H"});
    let address = || json!({"email": "ada@shop.example"});
    let events = || Rows::Events(run_1());
    vec![
        (&BULK_IMPORT_PROFILES, Rows::Profiles, profile),
        (&BULK_CREATE_EVENTS, events(), event.clone()),
        (&BULK_CREATE_CLIENT_EVENTS, events(), event),
        (
            &BULK_SUBSCRIBE_PROFILES,
            Rows::Subscriptions(rules()),
            subscription.clone(),
        ),
        (
            &BULK_UNSUBSCRIBE_PROFILES,
            Rows::Subscriptions(rules()),
            subscription,
        ),
        (&BULK_SUPPRESS_PROFILES, Rows::Resources, address()),
        (&BULK_UNSUPPRESS_PROFILES, Rows::Resources, address()),
        (&ADD_PROFILES_TO_LIST, Rows::Members, member()),
        (&REMOVE_PROFILES_FROM_LIST, Rows::Members, member()),
        (&BULK_CREATE_CATALOG_ITEMS, Rows::Catalog, item),
        (
            &BULK_UPDATE_CATALOG_ITEMS,
            Rows::Catalog,
            json!({"external_id": "S", "price": 1}),
        ),
        (&BULK_DELETE_CATALOG_ITEMS, Rows::Catalog, by_id()),
        (&BULK_CREATE_CATALOG_VARIANTS, Rows::Catalog, variant),
        (
            &BULK_UPDATE_CATALOG_VARIANTS,
            Rows::Catalog,
            json!({"external_id": "S", "sku": "1"}),
        ),
        (&BULK_DELETE_CATALOG_VARIANTS, Rows::Catalog, by_id()),
        (
            &BULK_CREATE_CATALOG_CATEGORIES,
            Rows::Catalog,
            json!({"external_id": "C", "name": "N", "items": ["S"]}),
        ),
        (
            &BULK_UPDATE_CATALOG_CATEGORIES,
            Rows::Catalog,
            json!({"external_id": "C", "name": "N"}),
        ),
        (&BULK_DELETE_CATALOG_CATEGORIES, Rows::Catalog, by_id()),
        (
            &BULK_CREATE_COUPON_CODES,
            Rows::Related("coupon", Some("SAVE".to_owned())),
            json!({"unique_code": "S1", "expires_at": "2027-01-31"}),
        ),
        (
            &BULK_CREATE_DATA_SOURCE_RECORDS,
            Rows::Records,
            json!({"type": "booking", "n": 3}),
        ),
        (&BULK_DELETE_OBJECT_RECORDS, Rows::Resources, member()),
    ]
}

/// The group with its one item, or the item; without what stands for all items of the group.
fn sent(encoder: &mut Encoder, row: &Value) -> Vec<u8> {
    let encoded = encoder
        .encode(7, row)
        .map_err(|refused| refused.detail)
        .unwrap();
    let close: &[u8] = if encoded.group.is_empty() {
        b""
    } else {
        b"]}}}"
    };
    [encoded.group, encoded.item, close].concat()
}

#[test]
fn what_is_sent_is_a_row_that_is_sent_the_same() {
    let rows = rows();
    assert_eq!(rows.len(), 21);
    for (operation, sort, row) in rows {
        let mut encoder = encoder(operation, &sort, RowOptions::default());
        let once = sent(&mut encoder, &row);
        let item: Value = serde_json::from_slice(&once).unwrap();
        assert!(item["type"].is_string(), "{item}");
        let again: Value = serde_json::from_slice(&sent(&mut encoder, &item)).unwrap();
        assert_eq!(again, item, "{}", operation.id);
        // The sort of rows changes from row to row without a trace.
        assert_eq!(sent(&mut encoder, &row), once, "{}", operation.id);
    }
}

#[test]
fn what_is_sent_is_checked_like_any_row() {
    let profile = json!({"type": "profile", "attributes": {"email": "ada", "properties": {}}});
    let expected = ("invalid_email", "attributes.email".to_owned());
    assert_eq!(refused(&mut profiles(), &profile), expected);
    let unknown = json!({"type": "profile", "attributes": {"email": "a@shop.example", "nope": 1}});
    assert_eq!(refused(&mut profiles(), &unknown).0, "unknown_field");
    let event = json!({"type": "event", "attributes": {"properties": {}, "time": "soon",
        "metric": {"data": {"type": "metric", "attributes": {"name": "Seen"}}}}});
    let two = json!({"type": "event-bulk-create", "attributes": {
        "profile": {"data": {"type": "profile", "id": "01H", "attributes": {}}},
        "events": {"data": [event]},
    }});
    assert_eq!(refused(&mut events(run_1()), &two).0, "invalid_time");
    let mut two = two;
    let first = &mut two["attributes"]["events"]["data"];
    first[0]["attributes"]["time"] = Value::Null;
    let copy = first[0].clone();
    first.as_array_mut().unwrap().push(copy);
    let expected = ("several_items", "attributes.events.data".to_owned());
    assert_eq!(refused(&mut events(run_1()), &two), expected);
}

#[test]
fn a_type_and_attributes_of_another_kind_are_properties() {
    let options = RowOptions {
        extra: Extra::Properties,
        ..RowOptions::default()
    };
    let row = json!({"email": "ada@shop.example", "type": "wholesale", "attributes": {"a": 1}});
    let profile = item(&mut profiles_with(options), &row);
    let expected = json!({"type": "wholesale", "attributes": {"a": 1}});
    assert_eq!(profile["attributes"]["properties"], expected);
}
