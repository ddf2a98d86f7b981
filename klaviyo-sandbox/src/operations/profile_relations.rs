//! What belongs to a profile, in the same answer; and the profile of an event.

use serde_json::{Value, json};

use super::{Handler, events, profiles, resource};
use crate::account::{Account, Identifier};
use crate::api::{Answer, Call};
use crate::problem::Refusal;

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("get_profile_for_event", get_profile_for_event),
    ("get_profile_id_for_event", get_profile_id_for_event),
];

fn get_profile_for_event(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let (_, event) = events::find(&account, call)?;
    let profile = account.profiles.get(event.profile);
    Ok(Answer::ok(profiles::document(profile, call)))
}

fn get_profile_id_for_event(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let (_, event) = events::find(&account, call)?;
    let profile = account.profiles.get(event.profile);
    Ok(Answer::ok(profiles::linkage(profile, call)))
}

/// Adds what the request asks to have included of some profiles' lists, segments and tokens, and
/// names in each profile which are its own.
pub(super) fn include(body: &mut Value, ids: &[&str], account: &Account, call: &Call<'_>) {
    if call.query.get("include").is_none() {
        return;
    }
    let mut included: Vec<Value> = Vec::new();
    for (index, id) in ids.iter().enumerate() {
        for name in ["lists", "segments", "push-tokens", "conversations"] {
            if !call.query.has("include", name) {
                continue;
            }
            let related = related(name, id, account, call);
            let linkage: Value = related
                .iter()
                .map(|one| json!({"type": one["type"], "id": one["id"]}))
                .collect();
            let profile = match &mut body["data"] {
                Value::Array(profiles) => &mut profiles[index],
                profile => profile,
            };
            profile["relationships"][name]["data"] = linkage;
            for one in related {
                if !included.contains(&one) {
                    included.push(one);
                }
            }
        }
    }
    body["included"] = included.into();
}

fn related(name: &str, id: &str, account: &Account, call: &Call<'_>) -> Vec<Value> {
    let Some(slot) = account.profiles.slot(Identifier::Id, id) else {
        return Vec::new();
    };
    match name {
        "lists" => {
            let lists = account.lists.of(slot);
            lists.map(|list| resource::list(list, call)).collect()
        }
        "segments" => {
            let segments = account.segments.of(slot);
            let shown = segments.map(|segment| resource::segment(segment, call));
            shown.collect()
        }
        "push-tokens" => {
            let tokens = account.push_tokens.of(slot);
            let shown = tokens.map(|token| resource::push_token(token, account, call));
            shown.collect()
        }
        // The sandbox has no conversations.
        _ => Vec::new(),
    }
}
