//! What the bodies of the bulk consent operations have in common: profiles, or one list, or one
//! segment.

use klaviyo_gen::Operation;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::items;
use crate::account::Account;
use crate::api::Call;
use crate::problem::{Problem, Refusal};
use crate::validate::Pointer;

#[derive(Deserialize)]
struct Document {
    data: Job,
}

/// What a request asks for.
#[derive(Deserialize)]
pub(super) struct Job {
    attributes: Attributes,
    #[serde(default)]
    relationships: Relationships,
}

#[derive(Deserialize)]
struct Attributes {
    profiles: Option<Profiles>,
    custom_source: Option<String>,
    historical_import: Option<bool>,
}

#[derive(Deserialize)]
struct Profiles {
    data: Vec<Map<String, Value>>,
}

#[derive(Deserialize, Default)]
struct Relationships {
    list: Option<ToOne>,
    segment: Option<ToOne>,
}

/// A relationship to one other resource, as it stands in a body. The document lets it be empty.
#[derive(Deserialize)]
pub(super) struct ToOne {
    data: Option<Linked>,
}

#[derive(Deserialize)]
struct Linked {
    id: String,
}

impl ToOne {
    /// The id of what is linked, if anything is.
    pub(super) fn id(self) -> Option<String> {
        self.data.map(|linked| linked.id)
    }
}

/// Reads the body, which has been checked against the document.
pub(super) fn read(call: &Call<'_>) -> Result<Job, Refusal> {
    let Document { data } = call.parse()?;
    Ok(data)
}

impl Job {
    /// The id of the list that it names.
    pub(super) fn take_list(&mut self) -> Option<String> {
        self.relationships.list.take().and_then(ToOne::id)
    }

    /// The id of the segment that it names.
    pub(super) fn take_segment(&mut self) -> Option<String> {
        self.relationships.segment.take().and_then(ToOne::id)
    }

    /// The `custom_source` of the consents.
    pub(super) fn take_source(&mut self) -> Option<String> {
        self.attributes.custom_source.take()
    }

    /// Whether the consents were given elsewhere and before.
    pub(super) fn is_historical(&self) -> bool {
        self.attributes.historical_import == Some(true)
    }

    pub(super) fn has_profiles(&self) -> bool {
        self.attributes.profiles.is_some()
    }

    /// The profiles, all of them as they should be: one that is not refuses them all.
    pub(super) fn take_rows<T>(
        &mut self,
        operation: &'static Operation,
        read: impl Fn(Map<String, Value>, &Pointer<'_>, &mut Vec<Problem>) -> T,
    ) -> Result<Vec<T>, Refusal> {
        let caps = items::caps(operation);
        let profiles = self.attributes.profiles.take();
        let items = profiles.map(|profiles| profiles.data).unwrap_or_default();
        items::check_count(caps, items.len())?;
        let at = Pointer::new(caps.items.unwrap_or_default());
        let mut problems = Vec::new();
        let rows = items.into_iter().enumerate();
        let rows = rows
            .map(|(index, item)| at.within(index, |at| read(item, at, &mut problems)))
            .collect();
        Refusal::unless_empty(problems)?;
        Ok(rows)
    }
}

/// Refuses a list that is not there, as the bulk import does.
pub(super) fn known_list(account: &Account, list: Option<&str>) -> Result<(), Problem> {
    match list {
        Some(list) if account.lists.get(list).is_none() => Err(Problem::invalid(
            "/data",
            format!("There is no list {list}."),
        )),
        _ => Ok(()),
    }
}
