//! The bulk operations by name, with their options as JSON: for faces that are not written in Rust.

use klaviyo_gen::Operation;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    AddProfilesToListOptions, BulkOptions, CatalogChange, CatalogOptions, CatalogPart,
    CreateClientEventsOptions, CreateCouponCodesOptions, CreateDataSourceRecordsOptions,
    CreateEventsOptions, DeleteObjectRecordsOptions, ImportProfilesOptions,
    RemoveProfilesFromListOptions, SubscribeProfilesOptions, SuppressionOptions,
    UnsubscribeProfilesOptions,
};
use crate::error::Error;

/// Options of an operation that has none of its own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct None {}

/// The name of a bulk operation's method: its `operationId` without `bulk_`.
#[must_use]
pub fn verb(operation: &Operation) -> &'static str {
    let id = operation.id;
    id.strip_prefix("bulk_").unwrap_or(id)
}

/// The options of the operation of that name (see [`verb`]), read from a JSON object. Its members are
/// the fields of the options, without `run`.
///
/// ```
/// use serde_json::json;
///
/// let options = klaviyo_core::bulk::options("import_profiles", json!({"list_id": "XyZ123"}))?;
/// assert_eq!(options.operation().id, "bulk_import_profiles");
/// # Ok::<(), klaviyo_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Configuration`] when there is no such operation, or it does not take these options.
pub fn options(name: &str, options: Value) -> Result<Box<dyn BulkOptions>, Error> {
    use CatalogChange::{Create, Delete, Update};
    use CatalogPart::{Categories, Items, Variants};
    let catalog = |change, part, options| {
        read::<None>(name, options)?;
        boxed(CatalogOptions::new(change, part))
    };
    let suppression = |lift, options| {
        read::<None>(name, options)?;
        boxed(SuppressionOptions::new(lift))
    };
    match name {
        "import_profiles" => boxed(read::<ImportProfilesOptions>(name, options)?),
        "create_events" => boxed(read::<CreateEventsOptions>(name, options)?),
        "create_client_events" => boxed(read::<CreateClientEventsOptions>(name, options)?),
        "subscribe_profiles" => boxed(read::<SubscribeProfilesOptions>(name, options)?),
        "unsubscribe_profiles" => boxed(read::<UnsubscribeProfilesOptions>(name, options)?),
        "suppress_profiles" => suppression(false, options),
        "unsuppress_profiles" => suppression(true, options),
        "add_profiles_to_list" => boxed(read::<AddProfilesToListOptions>(name, options)?),
        "remove_profiles_from_list" => boxed(read::<RemoveProfilesFromListOptions>(name, options)?),
        "create_coupon_codes" => boxed(read::<CreateCouponCodesOptions>(name, options)?),
        "create_data_source_records" => {
            boxed(read::<CreateDataSourceRecordsOptions>(name, options)?)
        }
        "delete_object_records" => boxed(read::<DeleteObjectRecordsOptions>(name, options)?),
        "create_catalog_items" => catalog(Create, Items, options),
        "update_catalog_items" => catalog(Update, Items, options),
        "delete_catalog_items" => catalog(Delete, Items, options),
        "create_catalog_variants" => catalog(Create, Variants, options),
        "update_catalog_variants" => catalog(Update, Variants, options),
        "delete_catalog_variants" => catalog(Delete, Variants, options),
        "create_catalog_categories" => catalog(Create, Categories, options),
        "update_catalog_categories" => catalog(Update, Categories, options),
        "delete_catalog_categories" => catalog(Delete, Categories, options),
        _ => Err(Error::Configuration(format!(
            "there is no bulk operation {name:?}"
        ))),
    }
}

fn read<O: DeserializeOwned>(name: &str, options: Value) -> Result<O, Error> {
    serde_json::from_value(options)
        .map_err(|cause| Error::Configuration(format!("options of {name}: {cause}")))
}

#[expect(clippy::unnecessary_wraps, reason = "what it stands among can fail")]
fn boxed<O: BulkOptions + 'static>(options: O) -> Result<Box<dyn BulkOptions>, Error> {
    Ok(Box::new(options))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_bulk_operation_of_the_table_is_there_under_its_name() {
        let bulk = klaviyo_gen::OPERATIONS.iter().filter(|one| one.is_bulk());
        let mut count = 0;
        for operation in bulk {
            let found = options(verb(operation), json!({})).unwrap();
            assert_eq!(found.operation().id, operation.id);
            count += 1;
        }
        assert_eq!(count, 21);
    }

    #[test]
    fn own_options_come_back_as_they_were_given() {
        for (name, given) in [
            ("import_profiles", json!({"list_id": "X"})),
            ("create_events", json!({"unique_id": "content"})),
            ("create_events", json!({"unique_id": "run"})),
            (
                "subscribe_profiles",
                json!({"list_id": "X", "consent": true, "channels": ["email"],
                    "historical_import": false, "custom_source": "form"}),
            ),
            ("create_coupon_codes", json!({"coupon_id": "X"})),
        ] {
            assert_eq!(options(name, given.clone()).unwrap().own(), given);
        }
    }

    #[test]
    fn what_an_operation_does_not_take_is_told() {
        for (name, given, words) in [
            ("import_profile", json!({}), "no bulk operation"),
            ("import_profiles", json!({"list": "X"}), "list_id"),
            (
                "create_events",
                json!({"unique_id": "row"}),
                "\"run\" or \"content\", not \"row\"",
            ),
            (
                "delete_catalog_items",
                json!({"list_id": "X"}),
                "unknown field",
            ),
        ] {
            let error = options(name, given).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
