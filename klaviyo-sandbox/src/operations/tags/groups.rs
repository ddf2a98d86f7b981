//! Groups of tags: create, look at, rename, delete, and the tags in one.

use serde_json::{Value, json};

use super::super::{Handler, document, items};
use super::{name, resource, sort};
use crate::account::{Account, Tag, TagGroup};
use crate::api::{Answer, Call, FieldValue, Filter, Page};
use crate::problem::{Problem, Refusal};

pub(in super::super) const OPERATIONS: &[(&str, Handler)] = &[
    ("get_tag_groups", get_tag_groups),
    ("create_tag_group", create_tag_group),
    ("get_tag_group", get_tag_group),
    ("update_tag_group", update_tag_group),
    ("delete_tag_group", delete_tag_group),
    ("get_tags_for_tag_group", get_tags_for_tag_group),
    ("get_tag_ids_for_tag_group", get_tag_ids_for_tag_group),
];

fn get_tag_groups(call: &Call<'_>) -> Result<Answer, Refusal> {
    let filter = Filter::of(call)?;
    let account = call.account();
    let mut groups: Vec<&TagGroup> = account
        .tags
        .groups()
        .filter(|group| {
            filter.passes(|field| match field {
                "name" => FieldValue::Text(&group.name),
                "exclusive" => FieldValue::Flag(group.exclusive),
                "default" => FieldValue::Flag(group.default),
                _ => FieldValue::Missing,
            })
        })
        .collect();
    sort(&mut groups, |group| (&group.id, &group.name), call);
    let page = Page::of(groups.into_iter(), &call.query, &call.url())?;
    let rows = page.rows.into_iter();
    let data: Vec<Value> = rows.map(|group| resource::group(group, call)).collect();
    Ok(Answer::ok(json!({"data": data, "links": page.links})))
}

fn create_tag_group(call: &Call<'_>) -> Result<Answer, Refusal> {
    let body: Value = call.parse()?;
    let name = name(&body)?;
    let exclusive = body["data"]["attributes"]["exclusive"].as_bool();
    let mut account = call.account();
    let group = account.tags.create_group(name, exclusive.unwrap_or(false));
    let data = resource::group(group, call);
    Ok(Answer::created(document(data, call)))
}

fn get_tag_group(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let data = resource::group(find(&account, call)?, call);
    Ok(Answer::ok(document(data, call)))
}

fn update_tag_group(call: &Call<'_>) -> Result<Answer, Refusal> {
    let body: Value = call.parse()?;
    let name = name(&body)?;
    let id = call.path.get("id");
    let mut account = call.account();
    let group = account.tags.group_mut(id).ok_or_else(|| not_found(id))?;
    items::check_id(body["data"]["id"].as_str(), call)?;
    name.clone_into(&mut group.name);
    Ok(Answer::no_content())
}

/// The default group cannot be deleted: tags without a group would have nowhere to go.
fn delete_tag_group(call: &Call<'_>) -> Result<Answer, Refusal> {
    let mut account = call.account();
    let group = find(&account, call)?;
    if group.default {
        return Err(Problem::invalid("/data", "The default group stays.").into());
    }
    account.tags.delete_group(call.path.get("id"));
    Ok(Answer::no_content())
}

fn get_tags_for_tag_group(call: &Call<'_>) -> Result<Answer, Refusal> {
    of_group(call, |tag| resource::tag(tag, call))
}

fn get_tag_ids_for_tag_group(call: &Call<'_>) -> Result<Answer, Refusal> {
    of_group(call, |tag| json!({"type": "tag", "id": tag.id}))
}

fn of_group(call: &Call<'_>, show: impl Fn(&Tag) -> Value) -> Result<Answer, Refusal> {
    let account = call.account();
    let group = find(&account, call)?;
    let tags = account.tags.iter().filter(|tag| tag.group == group.id);
    let data: Vec<Value> = tags.map(show).collect();
    Ok(Answer::ok(document(data.into(), call)))
}

/// The group that the path names.
fn find<'a>(account: &'a Account, call: &Call<'_>) -> Result<&'a TagGroup, Refusal> {
    let id = call.path.get("id");
    let group = account.tags.group(id);
    group.ok_or_else(|| not_found(id).into())
}

fn not_found(id: &str) -> Problem {
    Problem::not_found(format!("There is no tag-group {id}."))
}
