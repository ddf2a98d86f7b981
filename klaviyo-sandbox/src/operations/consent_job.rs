//! What the bodies of the bulk consent operations have in common: profiles, or one list, or one
//! segment.

use klaviyo_gen::Operation;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::items;
use crate::account::Account;
use crate::api::Call;
use crate::problem::{Problem, Refusal};
use crate::validate::Pointer;

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    data: Job<'a>,
}

/// What a request asks for.
#[derive(Deserialize)]
pub(super) struct Job<'a> {
    r#type: String,
    #[serde(borrow)]
    attributes: Attributes<'a>,
    #[serde(default)]
    relationships: Relationships,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attributes<'a> {
    #[serde(borrow)]
    profiles: Option<Profiles<'a>>,
    custom_source: Option<String>,
    historical_import: Option<bool>,
}

#[derive(Deserialize)]
struct Profiles<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Relationships {
    list: Option<ToOne>,
    segment: Option<ToOne>,
}

/// A relationship to one other resource, as it stands in a body.
#[derive(Deserialize)]
pub(super) struct ToOne {
    data: Option<Linked>,
}

#[derive(Deserialize)]
struct Linked {
    r#type: String,
    id: String,
}

impl ToOne {
    /// The id of what is linked, if anything is.
    pub(super) fn id(self, kind: &str) -> Result<Option<String>, Problem> {
        match self.data {
            Some(linked) if linked.r#type != kind => {
                let pointer = format!("/data/relationships/{kind}/data/type");
                Err(Problem::invalid(&pointer, format!("It must be {kind}.")))
            }
            linked => Ok(linked.map(|linked| linked.id)),
        }
    }
}

/// Reads the body.
pub(super) fn read<'a>(call: &'a Call<'_>, kind: &str) -> Result<Job<'a>, Refusal> {
    let Document { data: job } = call.parse()?;
    items::check_type(&job.r#type, kind)?;
    Ok(job)
}

impl Job<'_> {
    /// The id of the list that it names.
    pub(super) fn take_list(&mut self) -> Result<Option<String>, Problem> {
        let list = self.relationships.list.take();
        list.map_or(Ok(None), |list| list.id("list"))
    }

    /// The id of the segment that it names.
    pub(super) fn take_segment(&mut self) -> Result<Option<String>, Problem> {
        let segment = self.relationships.segment.take();
        segment.map_or(Ok(None), |segment| segment.id("segment"))
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

    /// The profiles, all of them well formed: one that is not refuses them all.
    pub(super) fn rows<T>(
        &self,
        operation: &'static Operation,
        read: impl Fn(Map<String, Value>, &mut Pointer, &mut Vec<Problem>) -> T,
    ) -> Result<Vec<T>, Refusal> {
        let caps = items::caps(operation);
        let Some(profiles) = &self.attributes.profiles else {
            let pointer = "/data/attributes/profiles";
            return Err(Problem::invalid(pointer, "The field is required.").into());
        };
        items::check_count(caps, profiles.data.len())?;
        let mut at = Pointer::new(caps.items.unwrap_or_default());
        let mut problems = Vec::new();
        let mut rows = Vec::with_capacity(profiles.data.len());
        for (index, raw) in profiles.data.iter().enumerate() {
            at.within(index, |at| {
                let schema = items::item_schema(operation);
                if let Some(item) = items::read(raw, caps, schema, at, &mut problems) {
                    rows.push(read(item, at, &mut problems));
                }
            });
        }
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
