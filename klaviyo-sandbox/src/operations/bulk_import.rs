//! `bulk_import_profiles`: rows in, a job out.

use std::borrow::Cow;
use std::collections::HashMap;

use bytes::Bytes;
use klaviyo_gen::Operation;
use klaviyo_gen::operations::BULK_IMPORT_PROFILES;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::{Handler, items, resource};
use crate::account::{Account, Conflict, Identifier, Import, ImportRow, Job, Pace, ProfileChange};
use crate::api::{Answer, Call};
use crate::problem::{Problem, Refusal};
use crate::settings::OnTakenPhoneNumber;
use crate::validate::{Pointer, at_least_one_identifier, profile};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[("bulk_import_profiles", bulk_import_profiles)];

const OPERATION: &Operation = &BULK_IMPORT_PROFILES;

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    data: JobData<'a>,
}

#[derive(Deserialize)]
struct JobData<'a> {
    r#type: String,
    #[serde(borrow)]
    attributes: Attributes<'a>,
    #[serde(default)]
    relationships: Relationships,
}

#[derive(Deserialize)]
struct Attributes<'a> {
    #[serde(borrow)]
    profiles: Profiles<'a>,
}

#[derive(Deserialize)]
struct Profiles<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
}

#[derive(Deserialize, Default)]
struct Relationships {
    #[serde(default)]
    lists: ListLinkage,
}

#[derive(Deserialize, Default)]
struct ListLinkage {
    #[serde(default)]
    data: Vec<ListIdentifier>,
}

#[derive(Deserialize)]
struct ListIdentifier {
    r#type: String,
    id: String,
}

fn bulk_import_profiles(call: &Call<'_>) -> Result<Answer, Refusal> {
    let Document { data: job } = call.parse()?;
    if job.r#type != "profile-bulk-import-job" {
        return Err(Problem::invalid("/data/type", "It must be profile-bulk-import-job.").into());
    }
    let lists = list_ids(job.relationships)?;
    let rows = rows(&call.body, &job.attributes.profiles.data)?;
    let count = rows.len();

    let mut account = call.account();
    if let Some(unknown) = lists.iter().find(|list| account.lists.get(list).is_none()) {
        return Err(Problem::invalid("/data", format!("There is no list {unknown}.")).into());
    }
    if call.settings().taken_phone_number == OnTakenPhoneNumber::Refuse {
        refuse_taken_numbers(&account, &rows)?;
    }
    let job = account.import_jobs.create(
        Import::new(rows, lists),
        Pace::queued(call.settings().job_time),
        call.now,
    );
    Ok(accepted(job, call).with_rows(count))
}

/// Answers a request whose rows went down the sink: its job is complete.
pub(super) fn sunk(call: &Call<'_>, rows: usize) -> Answer {
    let mut account = call.account();
    let job = account
        .import_jobs
        .create_complete(Import::sunk(rows), call.now);
    accepted(job, call).with_rows(rows)
}

fn accepted(job: &Job<Import>, call: &Call<'_>) -> Answer {
    let data = resource::import_job(job, call);
    Answer::accepted(Some(json!({"data": data, "links": {"self": call.url()}})))
}

fn list_ids(relationships: Relationships) -> Result<Vec<String>, Refusal> {
    let lists = relationships.lists.data;
    if let Some(index) = lists.iter().position(|list| list.r#type != "list") {
        let pointer = format!("/data/relationships/lists/data/{index}/type");
        return Err(Problem::invalid(&pointer, "It must be list.").into());
    }
    Ok(lists.into_iter().map(|list| list.id).collect())
}

/// The rows, all of them well formed: one that is not refuses them all.
fn rows(body: &Bytes, items: &[&RawValue]) -> Result<Vec<ImportRow>, Refusal> {
    let caps = items::caps(OPERATION);
    items::check_count(caps, items.len())?;
    let schema = items::item_schema(OPERATION);
    let at = Pointer::new(caps.items.unwrap_or_default());
    let mut problems = Vec::new();
    let mut rows = Vec::with_capacity(items.len());
    for (index, raw) in items.iter().enumerate() {
        at.within(index, |at| {
            if let Some(resource) = items::read(raw, caps, schema, at, &mut problems) {
                profile(&resource, at, &mut problems);
                at_least_one_identifier(&resource, at, &mut problems);
                let original = body.slice_ref(raw.get().as_bytes());
                rows.push(ImportRow {
                    index,
                    change: ProfileChange::from_resource(resource),
                    original,
                });
            }
        });
    }
    Refusal::unless_empty(problems)?;
    Ok(rows)
}

/// Whose the phone numbers of a request's rows are, as far as its rows say so.
#[derive(Default)]
struct Owners<'a>(HashMap<(&'a str, Identifier), Cow<'a, str>>);

impl<'a> Owners<'a> {
    /// Whether a row may be of the same profile as those before it with the number: the identifiers
    /// stronger than a number are the same, wherever both have them.
    fn agree(&mut self, number: &'a str, row: &'a ProfileChange) -> bool {
        let stronger = [
            (Identifier::Id, row.id.as_deref()),
            (Identifier::Email, row.identifiers.get(Identifier::Email)),
        ];
        stronger.into_iter().all(|(by, value)| {
            let Some(key) = value.map(|value| by.key(value)) else {
                return true;
            };
            let known = self.0.entry((number, by)).or_insert_with(|| key.clone());
            *known == key
        })
    }
}

/// Refuses rows with a phone number that belongs to another profile, or to a row of another profile.
fn refuse_taken_numbers(account: &Account, rows: &[ImportRow]) -> Result<(), Refusal> {
    let mut owners = Owners::default();
    let mut problems = Vec::new();
    for row in rows {
        let Some(number) = row.change.identifiers.get(Identifier::PhoneNumber) else {
            continue;
        };
        let taken = matches!(
            account.profiles.identify(&row.change),
            Err(Conflict::Taken(Identifier::PhoneNumber, _))
        );
        if !owners.agree(number, &row.change) || taken {
            let pointer = format!(
                "/data/attributes/profiles/data/{}/attributes/phone_number",
                row.index
            );
            problems.push(Problem::invalid(
                &pointer,
                "Another profile has this phone number.",
            ));
        }
    }
    Refusal::unless_empty(problems)
}
