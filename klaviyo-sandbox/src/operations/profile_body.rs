//! A profile in a body, whose shape the document has been checked for: the rules beside it.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::account::ProfileChange;
use crate::problem::{Problem, Refusal};
use crate::validate::{self, Pointer};

/// A body with one resource whose attributes are looked at one by one.
#[derive(Deserialize)]
pub(super) struct Document {
    pub(super) data: Resource,
}

#[derive(Deserialize)]
pub(super) struct Resource {
    pub(super) attributes: Map<String, Value>,
}

impl Resource {
    /// Takes the profile out of the attributes and reads it.
    pub(super) fn take_profile(&mut self) -> Result<ProfileChange, Refusal> {
        let place = "/data/attributes/profile/data";
        let profile = self.attributes.remove("profile");
        match profile.and_then(|mut profile| profile.get_mut("data").map(Value::take)) {
            Some(Value::Object(profile)) => read(profile, place),
            _ => Err(Problem::invalid(place, "The field is required.").into()),
        }
    }
}

/// Reads the profile that stands at a place in the body. It says who is meant.
pub(super) fn read(profile: Map<String, Value>, place: &str) -> Result<ProfileChange, Refusal> {
    check(&profile, place, true)?;
    Ok(ProfileChange::from_resource(profile))
}

/// Checks the profile that stands at a place in the body.
pub(super) fn check(
    profile: &Map<String, Value>,
    place: &str,
    identified: bool,
) -> Result<(), Refusal> {
    let at = Pointer::new(place);
    let mut problems = Vec::new();
    validate::profile(profile, &at, &mut problems);
    if identified {
        validate::at_least_one_identifier(profile, &at, &mut problems);
    }
    Refusal::unless_empty(problems)
}
