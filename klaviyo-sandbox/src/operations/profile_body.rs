//! A profile in a body: its shape, and the rules beside it.

use klaviyo_gen::Schema;
use klaviyo_gen::operations::BULK_IMPORT_PROFILES;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{bulk_events, items};
use crate::problem::{Problem, Refusal};
use crate::validate::{self, Pointer};

/// What every body with one resource is.
#[derive(Deserialize)]
pub(super) struct Document {
    pub(super) data: Resource,
}

/// A resource whose attributes are looked at one by one.
#[derive(Deserialize)]
pub(super) struct Resource {
    r#type: String,
    #[serde(default)]
    pub(super) attributes: Map<String, Value>,
    #[serde(default)]
    pub(super) relationships: Map<String, Value>,
}

impl Resource {
    pub(super) fn check_type(&self, kind: &str) -> Result<(), Refusal> {
        items::check_type(&self.r#type, kind)
    }

    /// Takes the profile out of the attributes and reads it.
    pub(super) fn take_profile(
        &mut self,
        schema: &'static Schema,
    ) -> Result<Map<String, Value>, Refusal> {
        let profile = self.attributes.remove("profile");
        let data = profile.and_then(|mut profile| profile.get_mut("data").map(Value::take));
        read(data, schema, "/data/attributes/profile/data", true)
    }
}

/// The shape of a profile that is not a visitor's: that of an item of the bulk import, the only one
/// of a profile that the table has.
pub(super) fn of_customer() -> &'static Schema {
    items::item_schema(&BULK_IMPORT_PROFILES)
}

/// The shape of a profile that may be an anonymous visitor's: that of an event's profile.
pub(super) fn of_visitor() -> &'static Schema {
    bulk_events::profile_schema()
}

/// Reads a profile resource that stands at a place in the body.
pub(super) fn read(
    data: Option<Value>,
    schema: &'static Schema,
    place: &str,
    identified: bool,
) -> Result<Map<String, Value>, Refusal> {
    let data = data.ok_or_else(|| Problem::invalid(place, "The field is required."))?;
    let mut at = Pointer::new(place);
    let mut problems = Vec::new();
    validate::shape(&data, schema, &mut at, &mut problems);
    Refusal::unless_empty(problems)?;
    let Value::Object(resource) = data else {
        return Err(Problem::invalid(place, "It must be an object.").into());
    };
    let mut problems = Vec::new();
    validate::profile(&resource, &mut at, &mut problems);
    if identified {
        validate::at_least_one_identifier(&resource, &at, &mut problems);
    }
    Refusal::unless_empty(problems)?;
    Ok(resource)
}
