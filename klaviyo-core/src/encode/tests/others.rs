//! Rows of catalogs, subscriptions, coupons and records: what they give, and what is refused.

use klaviyo_gen::operations::{
    BULK_CREATE_CATALOG_ITEMS, BULK_CREATE_CATALOG_VARIANTS, BULK_CREATE_COUPON_CODES,
    BULK_CREATE_DATA_SOURCE_RECORDS, BULK_SUBSCRIBE_PROFILES, BULK_UNSUBSCRIBE_PROFILES,
    BULK_UPDATE_CATALOG_ITEMS,
};

use super::*;

fn catalog(operation: &'static Operation) -> Encoder {
    encoder(operation, &Rows::Catalog, RowOptions::default())
}

fn subscribing(channels: &[&str], historical: bool) -> Encoder {
    let rules = SubscriptionRules {
        channels: channels.iter().map(|&word| word.to_owned()).collect(),
        historical,
    };
    let rows = Rows::Subscriptions(rules);
    encoder(&BULK_SUBSCRIBE_PROFILES, &rows, RowOptions::default())
}

#[test]
fn catalog_rows_name_each_other_by_external_id_or_id() {
    let row = json!({"external_id": "S", "title": "T", "description": "D", "url": "u",
        "categories": ["C", "$custom:::$default:::D"]});
    let created = item(&mut catalog(&BULK_CREATE_CATALOG_ITEMS), &row);
    let categories = json!([
        {"type": "catalog-category", "id": "$custom:::$default:::C"},
        {"type": "catalog-category", "id": "$custom:::$default:::D"},
    ]);
    assert_eq!(created["relationships"]["categories"]["data"], categories);
    assert_eq!(created["attributes"]["external_id"], "S");
    let updated = item(
        &mut catalog(&BULK_UPDATE_CATALOG_ITEMS),
        &json!({"external_id": "S", "price": 2.5}),
    );
    let expected = json!({"type": "catalog-item", "id": "$custom:::$default:::S",
        "attributes": {"price": 2.5}});
    assert_eq!(updated, expected);
}

#[test]
fn unusable_catalog_rows_say_which_field_and_why() {
    let item = |name: &str, value: Value| {
        let mut row = json!({"external_id": "S", "title": "T", "description": "D", "url": "u"});
        row[name] = value;
        row
    };
    let id = |id: &str| json!({"id": id, "external_id": "S"});
    let variant = json!({"external_id": "S", "title": "T", "description": "D", "url": "u",
        "sku": "1", "price": 1, "inventory_quantity": 1});
    let (create, update) = (&BULK_CREATE_CATALOG_ITEMS, &BULK_UPDATE_CATALOG_ITEMS);
    let table = [
        (create, item("url", Value::Null), "missing_field", "url"),
        (
            create,
            item("categories", json!([5])),
            "wrong_type",
            "categories",
        ),
        (
            create,
            item("categories", json!([""])),
            "empty",
            "categories",
        ),
        (
            create,
            item("integration_type", json!("$shopify")),
            "wrong_value",
            "integration_type",
        ),
        (create, item("price", json!("9")), "wrong_type", "price"),
        (create, item("id", json!("S")), "unknown_field", "id"),
        (update, json!({"price": 1}), "missing_identifier", ""),
        (update, json!({"id": "S"}), "invalid_id", "id"),
        (
            update,
            id("$custom:::$default:::T"),
            "contradiction",
            "external_id",
        ),
        (
            &BULK_CREATE_CATALOG_VARIANTS,
            variant,
            "missing_field",
            "item",
        ),
    ];
    for (operation, row, code, field) in table {
        let expected = (code, field.to_owned());
        assert_eq!(refused(&mut catalog(operation), &row), expected, "{row}");
    }
}

#[test]
fn nulls_clear_what_can_be_cleared() {
    let options = RowOptions {
        nulls: Nulls::Clear,
        ..RowOptions::default()
    };
    let mut clearing = encoder(&BULK_UPDATE_CATALOG_ITEMS, &Rows::Catalog, options);
    let row = json!({"external_id": "S", "price": null, "custom_metadata": null});
    let cleared = item(&mut clearing, &row);
    assert_eq!(
        cleared["attributes"],
        json!({"price": null, "custom_metadata": null})
    );
    let row = json!({"external_id": "S", "custom_metadata": {"a": null, "b": {"c": null}}});
    let cleared = item(&mut clearing, &row);
    let expected = json!({"custom_metadata": {"a": null, "b": {"c": null}}});
    assert_eq!(cleared["attributes"], expected);
    let row = json!({"external_id": "S", "categories": null});
    assert_eq!(
        refused(&mut clearing, &row),
        ("null", "categories".to_owned())
    );
    let row = json!({"external_id": "S", "custom_metadata": null, "custom_metadata.a": 1});
    let expected = ("duplicate_field", "custom_metadata".to_owned());
    assert_eq!(refused(&mut clearing, &row), expected);
}

#[test]
fn channels_are_those_of_the_row_or_else_of_all() {
    let consent = || json!({"consent": "SUBSCRIBED"});
    let ada = json!({"email": "ada@shop.example", "phone_number": "+12025550123"});
    let subscriptions = |encoder: &mut Encoder, row: &Value| {
        item(encoder, row)["attributes"]["subscriptions"].clone()
    };
    let mut usual = subscribing(&["email"], false);
    let expected = json!({"email": {"marketing": consent()}});
    assert_eq!(subscriptions(&mut usual, &ada), expected);
    let mut own = ada.clone();
    own["channels"] = json!(["sms", "sms.transactional"]);
    let expected = json!({"sms": {"marketing": consent(), "transactional": consent()}});
    assert_eq!(subscriptions(&mut usual, &own), expected);
    let mut dated = ada.clone();
    dated["subscriptions.email.marketing.consented_at"] = json!("2020-01-01");
    let expected = json!({"email": {"marketing":
        {"consent": "SUBSCRIBED", "consented_at": "2020-01-01T00:00:00Z"}}});
    assert_eq!(subscriptions(&mut subscribing(&[], true), &dated), expected);
    let mut all = ada;
    all["consented_at"] = json!("2020-01-01");
    assert_eq!(
        subscriptions(&mut subscribing(&["email"], true), &all),
        expected
    );
}

#[test]
fn unusable_subscriptions_say_which_field_and_why() {
    let with = |name: &str, value: Value| {
        let mut row = json!({"email": "ada@shop.example"});
        row[name] = value;
        row
    };
    let at = "consented_at";
    let consent = "subscriptions.email.marketing.consent";
    let table = [
        (
            &[][..],
            false,
            with("age_gated_date_of_birth", Value::Null),
            "missing_channels",
            "channels",
        ),
        (
            &[],
            false,
            with("channels", json!(["fax"])),
            "unknown_channel",
            "channels",
        ),
        (
            &[],
            false,
            with("channels", json!(["sms"])),
            "missing_identifier",
            "phone_number",
        ),
        (
            &["email"],
            false,
            json!({"phone_number": "+12025550123"}),
            "missing_identifier",
            "email",
        ),
        (
            &["email"],
            true,
            with("channels", json!(["email"])),
            "missing_consented_at",
            at,
        ),
        (
            &["email"],
            true,
            with(at, json!("soon")),
            "invalid_time",
            at,
        ),
        (
            &[],
            false,
            with(consent, json!("UNSUBSCRIBED")),
            "wrong_value",
            consent,
        ),
        (
            &["email"],
            false,
            with("age_gated_date_of_birth", json!("1.2.1990")),
            "invalid_date",
            "age_gated_date_of_birth",
        ),
    ];
    for (channels, historical, row, code, field) in table {
        let expected = (code, field.to_owned());
        assert_eq!(
            refused(&mut subscribing(channels, historical), &row),
            expected,
            "{row}"
        );
    }
    // By id, Klaviyo knows the addresses.
    let by_id = item(&mut subscribing(&["sms"], false), &json!({"id": "01H"}));
    assert_eq!(by_id["id"], "01H");
    // Unsubscribing push needs the tokens, and has no consent to date.
    let rows = Rows::Subscriptions(SubscriptionRules::default());
    let mut leaving = encoder(&BULK_UNSUBSCRIBE_PROFILES, &rows, RowOptions::default());
    let push = with(
        "subscriptions.push.marketing.consent",
        json!("UNSUBSCRIBED"),
    );
    let expected = ("missing_field", "subscriptions.push.tokens".to_owned());
    assert_eq!(refused(&mut leaving, &push), expected);
    assert_eq!(
        refused(&mut leaving, &with(at, json!("2020-01-01"))).0,
        "unknown_field"
    );
}

#[test]
fn coupon_codes_have_their_own_coupon_or_that_of_all() {
    let codes = |usual: Option<&str>| {
        let rows = Rows::Related("coupon", usual.map(str::to_owned));
        encoder(&BULK_CREATE_COUPON_CODES, &rows, RowOptions::default())
    };
    let coupon = |encoder: &mut Encoder, row: &Value| {
        item(encoder, row)["relationships"]["coupon"]["data"].clone()
    };
    let (bare, own) = (
        json!({"unique_code": "1"}),
        json!({"unique_code": "1", "coupon": "B"}),
    );
    let expected = |id: &str| json!({"type": "coupon", "id": id});
    assert_eq!(coupon(&mut codes(Some("A")), &bare), expected("A"));
    assert_eq!(coupon(&mut codes(Some("A")), &own), expected("B"));
    let missing = ("missing_field", "coupon".to_owned());
    assert_eq!(refused(&mut codes(None), &bare), missing);
}

#[test]
fn a_record_is_its_row_and_holds_something() {
    let mut records = encoder(
        &BULK_CREATE_DATA_SOURCE_RECORDS,
        &Rows::Records,
        RowOptions::default(),
    );
    let row = json!({"type": "booking", "attributes": {"nights": 3}, "a.b": null, "c": [null]});
    let record = item(&mut records, &row)["attributes"]["record"].clone();
    let expected = json!({"type": "booking", "attributes": {"nights": 3}, "c": [null]});
    assert_eq!(record, expected);
    assert_eq!(refused(&mut records, &json!({"a": null})).0, "empty");
}

#[test]
fn identifiers_are_keys_whatever_the_case_of_an_address() {
    let key = |row: Value| profiles().encode(0, &row).unwrap().identity.clone();
    let upper = key(json!({"email": "Ada@Shop.example"}));
    assert_eq!(upper, key(json!({"email": "ada@shop.example"})));
    assert_ne!(upper, key(json!({"external_id": "ada@shop.example"})));
}

#[test]
fn an_integer_in_place_of_a_text_is_told_the_way_out() {
    let row = json!({"external_id": 17});
    let detail = profiles().encode(0, &row).unwrap_err().detail;
    assert!(
        detail.ends_with("cast it to a text first (\"17\", not 17)"),
        "{detail}"
    );
}

#[test]
fn a_number_in_place_of_a_time_is_told_how_times_are_written() {
    let mut events = events(run_1());
    for time in [json!(1_793_439_000), json!(1_793_439_000.5)] {
        let row = json!({"metric": "Seen", "external_id": "1", "time": time});
        let detail = events.encode(0, &row).unwrap_err().detail;
        assert!(
            detail.ends_with("write the moment out (\"2026-11-01T09:30:00Z\")"),
            "{detail}"
        );
    }
    let row = json!({"email": "ada@shop.example", "age_gated_date_of_birth": 19_900_201});
    let mut encoder = subscribing(&["email"], false);
    let detail = encoder.encode(0, &row).unwrap_err().detail;
    assert!(
        detail.ends_with("write the day out (\"2026-11-01\")"),
        "{detail}"
    );
}

#[test]
fn a_name_without_an_end_is_told() {
    for given in ["", "location.", "properties."] {
        let row = json!({"external_id": "1", given: "x"});
        let rejection = profiles().encode(0, &row).unwrap_err();
        assert_eq!(
            (rejection.code, &rejection.field[..]),
            ("unknown_field", given)
        );
        let detail = rejection.detail;
        assert!(detail.contains("a name is missing at its end"), "{detail}");
    }
}
