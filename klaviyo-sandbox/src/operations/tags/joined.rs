//! Who bears a tag, and the tags that somebody bears. Lists and segments must be there; campaigns and
//! flows are not held, so any may bear one.

use serde_json::{Value, json};

use super::super::{Handler, document, items};
use super::{find, not_found, resource};
use crate::account::{Account, Bearer, Tag};
use crate::api::{Answer, Call};
use crate::problem::{Problem, Refusal};

pub(in super::super) const OPERATIONS: &[(&str, Handler)] = &[
    ("tag_campaigns", tag),
    ("tag_flows", tag),
    ("tag_lists", tag),
    ("tag_segments", tag),
    ("remove_tag_from_campaigns", untag),
    ("remove_tag_from_flows", untag),
    ("remove_tag_from_lists", untag),
    ("remove_tag_from_segments", untag),
    ("get_campaign_ids_for_tag", get_bearers),
    ("get_flow_ids_for_tag", get_bearers),
    ("get_list_ids_for_tag", get_bearers),
    ("get_segment_ids_for_tag", get_bearers),
    ("get_tags_for_campaign", get_tags),
    ("get_tags_for_flow", get_tags),
    ("get_tags_for_list", get_tags),
    ("get_tags_for_segment", get_tags),
    ("get_tag_ids_for_campaign", get_tag_ids),
    ("get_tag_ids_for_flow", get_tag_ids),
    ("get_tag_ids_for_list", get_tag_ids),
    ("get_tag_ids_for_segment", get_tag_ids),
];

fn tag(call: &Call<'_>) -> Result<Answer, Refusal> {
    let mut account = call.account();
    let tag = find(&account, call)?;
    let bearers = named(call, &account)?;
    let excluded = bearers
        .iter()
        .enumerate()
        .filter(|(_, bearer)| account.tags.excludes(tag, bearer))
        .map(|(index, _)| {
            let detail = "It bears another tag of this exclusive group.";
            Problem::invalid(&format!("/data/{index}"), detail)
        });
    Refusal::unless_empty(excluded.collect())?;
    let rows = bearers.len();
    changeable(&mut account, call)?.borne_by.extend(bearers);
    Ok(Answer::no_content().with_rows(rows))
}

fn untag(call: &Call<'_>) -> Result<Answer, Refusal> {
    let mut account = call.account();
    find(&account, call)?;
    let bearers = named(call, &account)?;
    let tag = changeable(&mut account, call)?;
    for bearer in &bearers {
        tag.borne_by.remove(bearer);
    }
    Ok(Answer::no_content().with_rows(bearers.len()))
}

fn changeable<'a>(account: &'a mut Account, call: &Call<'_>) -> Result<&'a mut Tag, Problem> {
    let id = call.path.get("id");
    account.tags.get_mut(id).ok_or_else(|| not_found(id))
}

/// Those that the body names, all of which must be there. The document has seen to their type.
fn named(call: &Call<'_>, account: &Account) -> Result<Vec<(Bearer, String)>, Refusal> {
    let kind = in_path(call)?;
    let body: Value = call.parse()?;
    let data = body["data"].as_array().map_or(&[][..], Vec::as_slice);
    if let Some(caps) = call.operation.caps {
        items::check_count(caps, data.len())?;
    }
    let ids = data
        .iter()
        .map(|one| one["id"].as_str().unwrap_or_default());
    let mut problems = Vec::new();
    let mut found = Vec::with_capacity(data.len());
    for (index, id) in ids.enumerate() {
        if is_there(account, kind, id) {
            found.push((kind, id.to_owned()));
        } else {
            let detail = format!("No {} has this id.", kind.name());
            problems.push(Problem::invalid(&format!("/data/{index}/id"), detail));
        }
    }
    Refusal::unless_empty(problems)?;
    Ok(found)
}

fn is_there(account: &Account, kind: Bearer, id: &str) -> bool {
    match kind {
        Bearer::List => account.lists.get(id).is_some(),
        Bearer::Segment => account.segments.get(id).is_some(),
        Bearer::Campaign | Bearer::Flow => true,
    }
}

/// The kind of bearer that the operation's path is about.
fn in_path(call: &Call<'_>) -> Result<Bearer, Problem> {
    let mut segments = call.operation.path.split('/');
    segments
        .find_map(Bearer::of_collection)
        .ok_or_else(|| Problem::not_found("Nothing there bears tags."))
}

fn get_bearers(call: &Call<'_>) -> Result<Answer, Refusal> {
    let kind = in_path(call)?;
    let account = call.account();
    let bearers = find(&account, call)?.borne_by.iter();
    let data: Vec<Value> = bearers
        .filter(|(other, id)| *other == kind && is_there(&account, kind, id))
        .map(|(kind, id)| json!({"type": kind.name(), "id": id}))
        .collect();
    Ok(Answer::ok(document(data.into(), call)))
}

fn get_tags(call: &Call<'_>) -> Result<Answer, Refusal> {
    borne(call, |tag| resource::tag(tag, call))
}

fn get_tag_ids(call: &Call<'_>) -> Result<Answer, Refusal> {
    borne(call, |tag| json!({"type": "tag", "id": tag.id}))
}

fn borne(call: &Call<'_>, show: impl Fn(&Tag) -> Value) -> Result<Answer, Refusal> {
    let kind = in_path(call)?;
    let id = call.path.get("id");
    let account = call.account();
    if !is_there(&account, kind, id) {
        let detail = format!("There is no {} {id}.", kind.name());
        return Err(Problem::not_found(detail).into());
    }
    let bearer = (kind, id.to_owned());
    let data: Vec<Value> = account.tags.of(&bearer).map(show).collect();
    Ok(Answer::ok(document(data.into(), call)))
}
