//! Who is on a list: look, put on, take off; and the lists that a profile is on.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Handler, linkage, lists, profiles, resource};
use crate::account::{Account, Identifier, List, Profile, Slot};
use crate::api::{Answer, Call, FieldValue, Filter, Page};
use crate::problem::Refusal;

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("get_profiles_for_list", get_profiles_for_list),
    ("get_profile_ids_for_list", get_profile_ids_for_list),
    ("add_profiles_to_list", add_profiles_to_list),
    ("remove_profiles_from_list", remove_profiles_from_list),
    ("get_lists_for_profile", get_lists_for_profile),
    ("get_list_ids_for_profile", get_list_ids_for_profile),
];

type Member<'a> = (&'a Profile, DateTime<Utc>);

/// The list's members, filtered and sorted as the request asks.
fn members<'a>(
    account: &'a Account,
    list: &List,
    call: &Call<'_>,
) -> Result<Vec<Member<'a>>, Refusal> {
    let filter = Filter::of(call.operation, &call.query)?;
    let mut members: Vec<Member<'a>> = list
        .members
        .iter()
        .map(|(slot, joined)| (account.profiles.get(*slot), *joined))
        .filter(|(profile, joined)| {
            filter.passes(|field| match field {
                "joined_group_at" => FieldValue::Moment(*joined),
                other => profiles::field(profile, other),
            })
        })
        .collect();
    members.sort_by_key(|(_, joined)| *joined);
    if call.query.get("sort") == Some("-joined_group_at") {
        members.reverse();
    }
    Ok(members)
}

fn get_profiles_for_list(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let members = members(&account, lists::find(&account, call)?, call)?;
    let page = Page::of(members.into_iter(), &call.query, &call.url())?;
    let with_joined = call
        .query
        .list("fields[profile]")
        .is_none_or(|fields| fields.contains(&"joined_group_at"));
    let data: Vec<Value> = page
        .rows
        .into_iter()
        .map(|(profile, joined)| {
            let mut data = resource::profile(profile, call);
            if with_joined {
                data["attributes"]["joined_group_at"] = resource::moment(joined).into();
            }
            data
        })
        .collect();
    Ok(Answer::ok(json!({"data": data, "links": page.links})))
}

fn get_profile_ids_for_list(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let members = members(&account, lists::find(&account, call)?, call)?;
    let page = Page::of(members.into_iter(), &call.query, &call.url())?;
    let data: Vec<Value> = page
        .rows
        .into_iter()
        .map(|(profile, _)| json!({"type": "profile", "id": profile.id}))
        .collect();
    Ok(Answer::ok(json!({"data": data, "links": page.links})))
}

fn add_profiles_to_list(call: &Call<'_>) -> Result<Answer, Refusal> {
    change_members(call, |list, slot| list.add(slot, call.now))
}

fn remove_profiles_from_list(call: &Call<'_>) -> Result<Answer, Refusal> {
    change_members(call, List::remove)
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
