//! Single profiles: look at, create, create or update, update.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Handler, profile_body, profile_filter, profile_relations, resource};
use crate::account::{Account, Conflict, Identifier, Nulls, Profile, ProfileChange, Slot};
use crate::api::{Answer, Call, Filter, Page};
use crate::problem::{Problem, Refusal};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("get_profiles", get_profiles),
    ("get_profile", get_profile),
    ("create_profile", create_profile),
    ("create_or_update_profile", create_or_update_profile),
    ("update_profile", update_profile),
];

/// Fields that there is an index for.
const INDEXED: [&str; 5] = ["id", "email", "phone_number", "external_id", "_kx"];

fn get_profiles(call: &Call<'_>) -> Result<Answer, Refusal> {
    let filter = Filter::of(call)?;
    let account = call.account();
    let candidates: Box<dyn Iterator<Item = &Profile>> = match filter.wanted(&INDEXED) {
        Some((field, values)) => {
            let by = Identifier::from_name(field).unwrap_or(Identifier::Id);
            // Several values may name one profile.
            let slots: BTreeSet<Slot> = values
                .into_iter()
                .filter_map(|value| account.profiles.slot(by, value))
                .collect();
            Box::new(slots.into_iter().map(|slot| account.profiles.get(slot)))
        }
        None => Box::new(account.profiles.iter()),
    };
    let passing = candidates.filter(|profile| profile_filter::passes(&filter, profile, |_| None));
    let page = match call.query.get("sort") {
        Some(by) => Page::of(
            profile_filter::sorted(passing, by).into_iter(),
            &call.query,
            &call.url(),
        )?,
        // Unsorted, a page costs no more than what comes before it.
        None => Page::of(passing, &call.query, &call.url())?,
    };
    let data: Vec<Value> = page
        .rows
        .iter()
        .map(|profile| resource::profile(profile, call))
        .collect();
    let ids: Vec<&str> = page
        .rows
        .iter()
        .map(|profile| profile.id.as_str())
        .collect();
    let mut body = json!({"data": data, "links": page.links});
    profile_relations::include(&mut body, &ids, &account, call);
    Ok(Answer::ok(body))
}

fn get_profile(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let profile = account.profiles.get(slot(&account, call)?);
    let mut body = document(profile, call);
    profile_relations::include(&mut body, &[&profile.id], &account, call);
    Ok(Answer::ok(body))
}

fn create_profile(call: &Call<'_>) -> Result<Answer, Refusal> {
    let resource = read(call, true)?;
    for (name, place) in [("id", "/data/id"), ("meta", "/data/meta")] {
        if resource.contains_key(name) {
            return Err(Problem::invalid(place, "The field is not known here.").into());
        }
    }
    let change = ProfileChange::from_resource(resource);
    let mut account = call.account();
    if let Some(existing) = account.profiles.any_of(&change) {
        return Err(Problem::duplicate_profile(&account.profiles.get(existing).id).into());
    }
    let slot = account.profiles.create(change, call.now);
    Ok(Answer::created(document(account.profiles.get(slot), call)))
}

fn create_or_update_profile(call: &Call<'_>) -> Result<Answer, Refusal> {
    let change = ProfileChange::from_resource(read(call, true)?);
    let mut account = call.account();
    let written = account.profiles.upsert(change, Nulls::Clear, call.now);
    let (slot, new) = written.map_err(|conflict| refused(conflict, &account))?;
    let body = document(account.profiles.get(slot), call);
    Ok(if new {
        Answer::created(body)
    } else {
        Answer::ok(body)
    })
}

fn update_profile(call: &Call<'_>) -> Result<Answer, Refusal> {
    let resource = read(call, false)?;
    let mut account = call.account();
    let slot = slot(&account, call)?;
    if resource.get("id").and_then(Value::as_str) != Some(call.path.get("id")) {
        return Err(
            Problem::invalid("/data/id", "It must be the profile's id, as in the path.").into(),
        );
    }
    let change = ProfileChange::from_resource(resource);
    let written = account
        .profiles
        .update(slot, change, Nulls::Clear, call.now);
    written.map_err(|conflict| refused(conflict, &account))?;
    Ok(Answer::ok(document(account.profiles.get(slot), call)))
}

/// The profile resource in the body.
fn read(call: &Call<'_>, identified: bool) -> Result<Map<String, Value>, Refusal> {
    let mut body: Map<String, Value> = call.parse()?;
    let Some(Value::Object(resource)) = body.remove("data") else {
        return Err(Problem::invalid("/data", "It must be an object.").into());
    };
    profile_body::check(&resource, "/data", identified)?;
    Ok(resource)
}

fn refused(conflict: Conflict, account: &Account) -> Refusal {
    match conflict {
        Conflict::UnknownId => Problem::not_found("No profile has this id.").into(),
        Conflict::Taken(_, slot) => {
            Problem::duplicate_profile(&account.profiles.get(slot).id).into()
        }
    }
}

/// The profile that the path names.
pub(super) fn slot(account: &Account, call: &Call<'_>) -> Result<Slot, Refusal> {
    let id = call.path.get("id");
    account
        .profiles
        .slot(Identifier::Id, id)
        .ok_or_else(|| Problem::not_found(format!("There is no profile {id}.")).into())
}

/// A document with one profile.
pub(super) fn document(profile: &Profile, call: &Call<'_>) -> Value {
    json!({"data": resource::profile(profile, call), "links": {"self": call.url()}})
}

/// A document that names one profile.
pub(super) fn linkage(profile: &Profile, call: &Call<'_>) -> Value {
    json!({"data": {"type": "profile", "id": profile.id}, "links": {"self": call.url()}})
}
