//! Tags: create, look at, rename, delete.

pub(super) mod groups;
pub(super) mod joined;
mod resource;

use serde_json::{Value, json};

use super::{Handler, document, items};
use crate::account::{Account, Tag};
use crate::api::{Answer, Call, FieldValue, Filter, Page};
use crate::problem::{Problem, Refusal};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("get_tags", get_tags),
    ("create_tag", create_tag),
    ("get_tag", get_tag),
    ("update_tag", update_tag),
    ("delete_tag", delete_tag),
    ("get_tag_group_for_tag", get_tag_group_for_tag),
    ("get_tag_group_id_for_tag", get_tag_group_id_for_tag),
];

fn get_tags(call: &Call<'_>) -> Result<Answer, Refusal> {
    let filter = Filter::of(call)?;
    let account = call.account();
    let mut tags: Vec<&Tag> = account
        .tags
        .iter()
        .filter(|tag| {
            filter.passes(|field| match field {
                "name" => FieldValue::Text(&tag.name),
                _ => FieldValue::Missing,
            })
        })
        .collect();
    sort(&mut tags, |tag| (&tag.id, &tag.name), call);
    let page = Page::of(tags.into_iter(), &call.query, &call.url())?;
    let data: Vec<Value> = page
        .rows
        .iter()
        .map(|tag| resource::tag(tag, call))
        .collect();
    let mut body = json!({"data": data, "links": page.links});
    include_groups(&mut body, &page.rows, &account, call);
    Ok(Answer::ok(body))
}

/// Sorts by the id or the name, as the request asks; else they stand in the order of their creation.
fn sort<'a, T>(rows: &mut [&'a T], key: impl Fn(&'a T) -> (&'a str, &'a str), call: &Call<'_>) {
    let by = call.query.get("sort").unwrap_or_default();
    match by.trim_start_matches('-') {
        "id" => rows.sort_by_key(|row| key(row).0),
        "name" => rows.sort_by_key(|row| key(row).1),
        _ => {}
    }
    if by.starts_with('-') {
        rows.reverse();
    }
}

/// Adds the groups of tags, each once, where the request asks for them.
fn include_groups(body: &mut Value, tags: &[&Tag], account: &Account, call: &Call<'_>) {
    if !call.query.has("include", "tag-group") {
        return;
    }
    let groups = account.tags.groups();
    let included: Vec<Value> = groups
        .filter(|group| tags.iter().any(|tag| tag.group == group.id))
        .map(|group| resource::group(group, call))
        .collect();
    body["included"] = included.into();
}

fn create_tag(call: &Call<'_>) -> Result<Answer, Refusal> {
    let body: Value = call.parse()?;
    let name = name(&body)?;
    let given = &body["data"]["relationships"]["tag-group"]["data"]["id"];
    let mut account = call.account();
    let group = match given.as_str() {
        Some(id) => account.tags.group(id),
        None => account.tags.default_group(),
    };
    let group = group.map(|group| group.id.clone()).ok_or_else(|| {
        let pointer = "/data/relationships/tag-group/data/id";
        Problem::invalid(pointer, "No tag-group has this id.")
    })?;
    let tag = account.tags.create(name, group);
    let data = resource::tag(tag, call);
    Ok(Answer::created(document(data, call)))
}

/// The name in a body that was found to have one.
fn name(body: &Value) -> Result<&str, Problem> {
    let name = body["data"]["attributes"]["name"].as_str();
    name.filter(|name| !name.is_empty())
        .ok_or_else(|| Problem::invalid("/data/attributes/name", "It must not be empty."))
}

fn get_tag(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let tag = find(&account, call)?;
    let mut body = document(resource::tag(tag, call), call);
    include_groups(&mut body, &[tag], &account, call);
    Ok(Answer::ok(body))
}

fn update_tag(call: &Call<'_>) -> Result<Answer, Refusal> {
    let body: Value = call.parse()?;
    let name = name(&body)?;
    let id = call.path.get("id");
    let mut account = call.account();
    let tag = account.tags.get_mut(id).ok_or_else(|| not_found(id))?;
    items::check_id(body["data"]["id"].as_str(), call)?;
    name.clone_into(&mut tag.name);
    Ok(Answer::no_content())
}

fn delete_tag(call: &Call<'_>) -> Result<Answer, Refusal> {
    let id = call.path.get("id");
    if call.account().tags.delete(id) {
        Ok(Answer::no_content())
    } else {
        Err(not_found(id).into())
    }
}

fn get_tag_group_for_tag(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let tag = find(&account, call)?;
    let group = account.tags.group(&tag.group);
    let data = group.map(|group| resource::group(group, call));
    Ok(Answer::ok(document(data.unwrap_or_default(), call)))
}

fn get_tag_group_id_for_tag(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let data = json!({"type": "tag-group", "id": find(&account, call)?.group});
    Ok(Answer::ok(document(data, call)))
}

/// The tag that the path names.
fn find<'a>(account: &'a Account, call: &Call<'_>) -> Result<&'a Tag, Refusal> {
    let id = call.path.get("id");
    account.tags.get(id).ok_or_else(|| not_found(id).into())
}

fn not_found(id: &str) -> Problem {
    Problem::not_found(format!("There is no tag {id}."))
}
