//! Who is on a list: look, put on, take off; and the lists that a profile is on.

use serde_json::{Value, json};

use super::{Handler, linkage, lists, members, profiles, resource};
use crate::account::{Identifier, List, Slot};
use crate::api::{Answer, Call};
use crate::problem::Refusal;

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("get_profiles_for_list", get_profiles_for_list),
    ("get_profile_ids_for_list", get_profile_ids_for_list),
    ("add_profiles_to_list", add_profiles_to_list),
    ("remove_profiles_from_list", remove_profiles_from_list),
    ("get_lists_for_profile", get_lists_for_profile),
    ("get_list_ids_for_profile", get_list_ids_for_profile),
];

fn get_profiles_for_list(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    members::profiles(&account, &lists::find(&account, call)?.members, call)
}

fn get_profile_ids_for_list(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    members::ids(&account, &lists::find(&account, call)?.members, call)
}

fn add_profiles_to_list(call: &Call<'_>) -> Result<Answer, Refusal> {
    change_members(call, |list, slot| list.add(slot, call.now))
}

fn remove_profiles_from_list(call: &Call<'_>) -> Result<Answer, Refusal> {
    change_members(call, |list, slot| {
        list.remove(slot);
    })
}

fn change_members(call: &Call<'_>, change: impl Fn(&mut List, Slot)) -> Result<Answer, Refusal> {
    let mut account = call.account();
    lists::find(&account, call)?;
    let slots = linkage::named(call, "profile", |id| {
        account.profiles.slot(Identifier::Id, id)
    })?;
    if let Some(list) = account.lists.get_mut(call.path.get("id")) {
        for slot in &slots {
            change(list, *slot);
        }
        list.updated = call.now;
    }
    Ok(Answer::no_content().with_rows(slots.len()))
}

fn get_lists_for_profile(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let slot = profiles::slot(&account, call)?;
    let data: Vec<Value> = account
        .lists
        .of(slot)
        .map(|list| resource::list(list, call))
        .collect();
    Ok(Answer::ok(
        json!({"data": data, "links": {"self": call.url()}}),
    ))
}

fn get_list_ids_for_profile(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let slot = profiles::slot(&account, call)?;
    let data: Vec<Value> = account
        .lists
        .of(slot)
        .map(|list| json!({"type": "list", "id": list.id}))
        .collect();
    Ok(Answer::ok(
        json!({"data": data, "links": {"self": call.url()}}),
    ))
}
