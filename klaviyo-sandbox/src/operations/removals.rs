//! Merging profiles, and deleting what is known of somebody. Both are accepted at once and done a
//! while later.

use serde::Deserialize;
use serde_json::json;

use super::{Handler, profile_body, resource};
use crate::account::{Identifier, Work};
use crate::api::{Answer, Call};
use crate::clock::after;
use crate::problem::{Problem, Refusal};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("merge_profiles", merge_profiles),
    ("request_profile_deletion", request_profile_deletion),
];

/// Where the profiles stand that are to become a part of another.
const SOURCES: &str = "/data/relationships/profiles/data";

#[derive(Deserialize)]
struct Document {
    data: Merge,
}

#[derive(Deserialize)]
struct Merge {
    id: String,
    relationships: Relationships,
}

#[derive(Deserialize)]
struct Relationships {
    profiles: Linkage,
}

#[derive(Deserialize)]
struct Linkage {
    #[serde(default)]
    data: Vec<Linked>,
}

#[derive(Deserialize)]
struct Linked {
    id: String,
}

fn merge_profiles(call: &Call<'_>) -> Result<Answer, Refusal> {
    let Document { data: merge } = call.parse()?;
    let [source] = merge.relationships.profiles.data.as_slice() else {
        return Err(Problem::invalid(SOURCES, "It takes one profile.").into());
    };
    if source.id == merge.id {
        return Err(Problem::invalid(&format!("{SOURCES}/0/id"), "It is the same profile.").into());
    }
    let mut account = call.account();
    for id in [&merge.id, &source.id] {
        if account.profiles.slot(Identifier::Id, id).is_none() {
            return Err(Problem::not_found(format!("There is no profile {id}.")).into());
        }
    }
    let due = after(call.now, call.settings().job_time);
    let destination = merge.id.clone();
    let work = Work::Merge {
        source: source.id.clone(),
        destination,
    };
    account.pending.push(due, work);
    let data = json!({
        "type": "profile",
        "id": merge.id,
        "links": {"self": resource::link(call, "profiles", &merge.id, "")},
    });
    Ok(Answer::created(
        json!({"data": data, "links": {"self": call.url()}}),
    ))
}

fn request_profile_deletion(call: &Call<'_>) -> Result<Answer, Refusal> {
    let profile_body::Document { mut data } = call.parse()?;
    let change = data.take_profile()?;
    let named = usize::from(change.id.is_some()) + change.identifiers.iter().count();
    if named != 1 {
        let detail = "The profile is named by one identifier.";
        return Err(Problem::invalid("/data/attributes/profile/data", detail).into());
    }
    let due = after(call.now, call.settings().job_time);
    call.account().pending.push(due, Work::Delete(change));
    Ok(Answer::accepted(None))
}
