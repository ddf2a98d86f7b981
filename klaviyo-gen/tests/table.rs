//! The operation table as its users find it.

use std::collections::BTreeSet;

use klaviyo_gen::{
    FIELD_LIMITS, ItemErrors, Kind, Method, OPERATIONS, Operation, Place, find, operations,
};

fn bulk() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS.iter().copied().filter(|one| one.is_bulk())
}

#[test]
fn holds_every_operation_of_the_document_once() {
    assert_eq!(OPERATIONS.len(), 436);
    assert!(OPERATIONS.windows(2).all(|pair| pair[0].id < pair[1].id));
    let requests: BTreeSet<_> = OPERATIONS
        .iter()
        .map(|one| (one.path, one.method.as_str()))
        .collect();
    assert_eq!(requests.len(), 436);
}

#[test]
fn every_operation_is_found_by_its_id_and_by_every_earlier_name() {
    let mut aliases = 0;
    for operation in OPERATIONS {
        assert_eq!(find(operation.id).map(|found| found.id), Some(operation.id));
        for alias in operation.aliases {
            assert_eq!(
                find(alias).map(|found| found.id),
                Some(operation.id),
                "{alias}"
            );
            aliases += 1;
        }
    }
    assert_eq!(aliases, 334);
    assert_eq!(find("no_such_operation"), None);
}

#[test]
fn a_static_is_the_entry_of_that_name() {
    let operation = &operations::BULK_IMPORT_PROFILES;
    assert_eq!(find("spawn_bulk_profile_import_job"), Some(operation));
    assert_eq!(operation.method, Method::Post);
    assert_eq!(operation.path, "/api/profile-bulk-import-jobs");
    assert_eq!(operation.limits.burst, Some(10));
    assert_eq!(operation.limits.steady, Some(150));
    assert_eq!(operation.limits.daily, None);
    assert_eq!(operation.scopes, ["lists:write", "profiles:write"]);
}

#[test]
fn every_operation_can_be_called() {
    for operation in OPERATIONS {
        let id = operation.id;
        assert!(operation.path.starts_with('/'), "{id}");
        assert!(!operation.success.is_empty(), "{id}");
        assert!(operation.limits.burst > Some(0), "{id}");
        assert!(operation.limits.steady > Some(0), "{id}");
        assert_eq!(
            operation.authenticated,
            operation.path.starts_with("/api/"),
            "{id}"
        );
    }
}

#[test]
fn path_parameters_are_those_of_the_path() {
    for operation in OPERATIONS {
        let expected: BTreeSet<String> = operation
            .parameters
            .iter()
            .filter(|parameter| parameter.place == Place::Path)
            .map(|parameter| format!("{{{}}}", parameter.name))
            .collect();
        let found: BTreeSet<String> = operation
            .path
            .split('/')
            .filter(|segment| segment.starts_with('{'))
            .map(str::to_owned)
            .collect();
        assert_eq!(found, expected, "{}", operation.id);
    }
}

#[test]
fn identifiers_of_parameters_are_distinct_within_an_operation() {
    for operation in OPERATIONS {
        let identifiers: BTreeSet<_> = operation
            .parameters
            .iter()
            .map(|parameter| parameter.identifier)
            .collect();
        assert_eq!(
            identifiers.len(),
            operation.parameters.len(),
            "{}",
            operation.id
        );
    }
}

#[test]
fn bulk_operations_say_what_their_items_look_like() {
    assert_eq!(bulk().count(), 21);
    for operation in bulk() {
        let caps = operation.caps.expect("a bulk operation has caps");
        let item = caps.item.expect("a bulk operation has items");
        let Kind::Object(fields) = item.kind else {
            panic!("an item of {} is not an object", operation.id);
        };
        assert!(
            fields.iter().any(|field| field.name == "type"),
            "{}",
            operation.id
        );
        assert!(fields.windows(2).all(|pair| pair[0].name < pair[1].name));
        assert_eq!(
            caps.group.is_some(),
            caps.group_item.is_some(),
            "{}",
            operation.id
        );
    }
}

#[test]
fn whatever_reads_a_job_is_an_operation() {
    for operation in OPERATIONS {
        let Some(caps) = operation.caps else { continue };
        let pages = match caps.item_errors {
            ItemErrors::Pages(id) => Some(id),
            _ => None,
        };
        for id in [caps.job, caps.job_listing, pages].into_iter().flatten() {
            let reader = find(id).expect("the reader of a job is an operation");
            assert_eq!(reader.method, Method::Get);
        }
        let of_jobs = pages.is_some() || caps.job_listing.is_some() || caps.long_jobs;
        assert!(!of_jobs || caps.job.is_some(), "{}", operation.id);
    }
}

#[test]
fn only_list_membership_is_changed_by_the_time_of_the_answer() {
    let synchronous = bulk().filter(|one| one.caps.is_some_and(|caps| caps.synchronous));
    let ids: Vec<_> = synchronous.map(|operation| operation.id).collect();
    assert_eq!(ids, ["add_profiles_to_list", "remove_profiles_from_list"]);
}

#[test]
fn events_are_grouped_under_their_profile() {
    let caps = operations::BULK_CREATE_EVENTS.caps.expect("it has caps");
    assert_eq!(caps.group, Some("/data/attributes/events-bulk-create/data"));
    assert!(caps.items.is_some_and(|items| items.contains("/*/")));
    assert_eq!(caps.max_string_bytes, Some(100_000));
}

#[test]
fn what_may_not_be_repeated_says_so() {
    let unsafe_bulk: Vec<_> = bulk()
        .filter(|operation| !operation.repeat.safe)
        .map(|operation| operation.id)
        .collect();
    assert_eq!(
        unsafe_bulk,
        [
            "bulk_create_catalog_categories",
            "bulk_create_catalog_items",
            "bulk_create_catalog_variants",
            "bulk_create_coupon_codes",
            "bulk_create_data_source_records",
            "bulk_delete_catalog_categories",
            "bulk_delete_catalog_items",
            "bulk_delete_catalog_variants",
            "bulk_subscribe_profiles",
            "bulk_unsuppress_profiles",
        ]
    );
    for operation in OPERATIONS {
        let reads = operation.method == Method::Get || operation.id.starts_with("query_");
        assert!(operation.repeat.safe || !reads, "{}", operation.id);
        assert!(operation.repeat.why.ends_with('.'), "{}", operation.id);
    }
    assert!(!operations::SEND_CAMPAIGN.repeat.safe);
}

#[test]
fn filters_name_their_operators_and_what_they_compare_with() {
    let created = operations::GET_PROFILES
        .filters
        .iter()
        .find(|filter| filter.field == "created")
        .expect("profiles are filtered by their creation");
    assert_eq!(created.operators, ["greater-than", "less-than"]);
    let Kind::String { format, .. } = created.value.kind else {
        panic!("a time is a string");
    };
    assert_eq!(format, Some("date-time"));
}

#[test]
fn field_limits_are_those_of_caps_toml() {
    assert_eq!(FIELD_LIMITS.metric_name_chars, 127);
    assert_eq!(FIELD_LIMITS.event_first_year, 2000);
}

#[test]
fn lists_know_what_they_list() {
    let listed = |operation: &Operation| operation.listed.map(|listed| listed.resource);
    assert_eq!(listed(&operations::GET_PROFILES), Some("profile"));
    assert_eq!(listed(&operations::GET_LIST_IDS_FOR_PROFILE), Some("list"));
    assert_eq!(listed(&operations::GET_PROFILE), None);
    assert_eq!(listed(&operations::CREATE_LIST), None);
    let lists = OPERATIONS.iter().filter(|one| one.listed.is_some());
    assert!(lists.clone().all(|one| one.method == Method::Get));
    assert_eq!(lists.count(), 130);

    let profile = operations::GET_PROFILES.listed.expect("it lists");
    let kind = |name: &str| {
        let mut attributes = profile.attributes.iter();
        attributes.find(|one| one.name == name).map(|one| &one.kind)
    };
    assert_eq!(kind("properties"), Some(&Kind::Any));
    assert!(matches!(
        kind("created"),
        Some(Kind::String {
            format: Some("date-time"),
            ..
        })
    ));
    assert!(kind("location.city").is_some() && kind("location").is_none());
    // What its two parts say is there together.
    assert!(kind("subscriptions.email.marketing.consent").is_some());
    let relationships = profile.relationships.iter();
    let relationships: Vec<_> = relationships.map(|one| (one.name, one.many)).collect();
    assert!(relationships.contains(&("lists", true)));
}
