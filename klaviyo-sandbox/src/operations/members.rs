//! Who is on a list or in a segment, in pages.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{profile_filter, resource};
use crate::account::{Account, Profile, PushToken, Slot};
use crate::api::{Answer, Call, FieldValue, Filter, Page};
use crate::problem::Refusal;

/// The members of a list or segment, and since when they are.
pub(super) type Members = BTreeMap<Slot, DateTime<Utc>>;

type Member<'a> = (&'a Profile, DateTime<Utc>);

/// A page of the members' profiles.
pub(super) fn profiles(
    account: &Account,
    members: &Members,
    call: &Call<'_>,
) -> Result<Answer, Refusal> {
    let passing = passing(account, members, call)?;
    let page = Page::of(passing.into_iter(), &call.query, &call.url())?;
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

/// A page of the members' ids.
pub(super) fn ids(
    account: &Account,
    members: &Members,
    call: &Call<'_>,
) -> Result<Answer, Refusal> {
    let passing = passing(account, members, call)?;
    let page = Page::of(passing.into_iter(), &call.query, &call.url())?;
    let data: Vec<Value> = page
        .rows
        .into_iter()
        .map(|(profile, _)| json!({"type": "profile", "id": profile.id}))
        .collect();
    Ok(Answer::ok(json!({"data": data, "links": page.links})))
}

/// The members, filtered and sorted as the request asks.
fn passing<'a>(
    account: &'a Account,
    members: &Members,
    call: &Call<'_>,
) -> Result<Vec<Member<'a>>, Refusal> {
    let filter = Filter::of(call)?;
    let by_token = filter.wanted(&["push_token"]).is_some();
    let mut passing: Vec<Member<'a>> = members
        .iter()
        .filter(|(slot, joined)| {
            let tokens = account
                .push_tokens
                .of(**slot)
                .filter(|_| by_token)
                .map(Some);
            tokens
                .chain(std::iter::once(None))
                .any(|token| passes(&filter, account.profiles.get(**slot), **joined, token))
        })
        .map(|(slot, joined)| (account.profiles.get(*slot), *joined))
        .collect();
    passing.sort_by_key(|(_, joined)| *joined);
    if call.query.get("sort") == Some("-joined_group_at") {
        passing.reverse();
    }
    Ok(passing)
}

/// Whether a member passes, with one of its tokens or none.
fn passes(
    filter: &Filter,
    profile: &Profile,
    joined: DateTime<Utc>,
    token: Option<&PushToken>,
) -> bool {
    profile_filter::passes(filter, profile, |name| match name {
        "joined_group_at" => Some(FieldValue::Moment(joined)),
        "profile_id" => Some(FieldValue::Text(&profile.id)),
        "push_token" => Some(FieldValue::text(
            token.map(|token| token.device.token.as_str()),
        )),
        _ => None,
    })
}
