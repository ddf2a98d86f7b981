//! Lists: create, look at, rename, delete.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Handler, resource};
use crate::account::{Account, DEFAULT_OPT_IN, List};
use crate::api::{Answer, Call, FieldValue, Filter, Page};
use crate::problem::{Problem, Refusal};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("get_lists", get_lists),
    ("create_list", create_list),
    ("get_list", get_list),
    ("update_list", update_list),
    ("delete_list", delete_list),
];

#[derive(Deserialize)]
struct Document {
    data: Resource,
}

#[derive(Deserialize)]
struct Resource {
    r#type: String,
    id: Option<String>,
    attributes: Attributes,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attributes {
    name: Option<String>,
    opt_in_process: Option<String>,
}

fn get_lists(call: &Call<'_>) -> Result<Answer, Refusal> {
    let filter = Filter::of(call)?;
    let account = call.account();
    let mut lists: Vec<&List> = account
        .lists
        .iter()
        .filter(|list| {
            filter.passes(|field| match field {
                "id" => FieldValue::Text(&list.id),
                "name" => FieldValue::Text(&list.name),
                "created" => FieldValue::Moment(list.created),
                "updated" => FieldValue::Moment(list.updated),
                _ => FieldValue::Missing,
            })
        })
        .collect();
    sort(&mut lists, call.query.get("sort").unwrap_or_default());
    let page = Page::of(lists.into_iter(), &call.query, &call.url())?;
    let data: Vec<Value> = page
        .rows
        .into_iter()
        .map(|list| resource::list(list, call))
        .collect();
    Ok(Answer::ok(json!({"data": data, "links": page.links})))
}

fn sort(lists: &mut [&List], by: &str) {
    match by.trim_start_matches('-') {
        "id" => lists.sort_by(|one, other| one.id.cmp(&other.id)),
        "name" => lists.sort_by(|one, other| one.name.cmp(&other.name)),
        "updated" => lists.sort_by_key(|list| list.updated),
        // They stand in the order of their creation.
        _ => {}
    }
    if by.starts_with('-') {
        lists.reverse();
    }
}

fn create_list(call: &Call<'_>) -> Result<Answer, Refusal> {
    let Document { data } = call.parse()?;
    check_type(&data)?;
    let name = data
        .attributes
        .name
        .filter(|name| !name.is_empty())
        .ok_or_else(|| Problem::invalid("/data/attributes/name", "The list needs a name."))?;
    let opt_in = match data.attributes.opt_in_process {
        Some(text) => opt_in(&text)?,
        None => DEFAULT_OPT_IN,
    };
    let mut account = call.account();
    let list = account.lists.create(&name, call.now);
    list.opt_in_process = opt_in.into();
    Ok(Answer::created(
        json!({"data": resource::list(list, call), "links": {"self": call.url()}}),
    ))
}

fn get_list(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let list = find(&account, call)?;
    Ok(Answer::ok(
        json!({"data": resource::list(list, call), "links": {"self": call.url()}}),
    ))
}

fn update_list(call: &Call<'_>) -> Result<Answer, Refusal> {
    let Document { data } = call.parse()?;
    check_type(&data)?;
    let mut account = call.account();
    find(&account, call)?;
    let id = call.path.get("id");
    if data.id.as_deref() != Some(id) {
        return Err(
            Problem::invalid("/data/id", "It must be the list's id, as in the path.").into(),
        );
    }
    let opt_in = data
        .attributes
        .opt_in_process
        .as_deref()
        .map(opt_in)
        .transpose()?;
    let list = account.lists.get_mut(id).ok_or_else(|| not_found(id))?;
    if let Some(name) = data.attributes.name {
        list.name = name;
    }
    if let Some(opt_in) = opt_in {
        list.opt_in_process = opt_in.into();
    }
    list.updated = call.now;
    Ok(Answer::ok(
        json!({"data": resource::list(list, call), "links": {"self": call.url()}}),
    ))
}

fn delete_list(call: &Call<'_>) -> Result<Answer, Refusal> {
    let id = call.path.get("id");
    if call.account().lists.delete(id) {
        Ok(Answer::no_content())
    } else {
        Err(not_found(id).into())
    }
}

fn check_type(resource: &Resource) -> Result<(), Problem> {
    if resource.r#type == "list" {
        Ok(())
    } else {
        Err(Problem::invalid("/data/type", "It must be list."))
    }
}

fn opt_in(text: &str) -> Result<&'static str, Problem> {
    ["double_opt_in", "single_opt_in"]
        .into_iter()
        .find(|known| *known == text)
        .ok_or_else(|| {
            Problem::invalid(
                "/data/attributes/opt_in_process",
                "It must be double_opt_in or single_opt_in.",
            )
        })
}

/// The list that the path names.
pub(super) fn find<'a>(account: &'a Account, call: &Call<'_>) -> Result<&'a List, Refusal> {
    let id = call.path.get("id");
    account.lists.get(id).ok_or_else(|| not_found(id).into())
}

fn not_found(id: &str) -> Problem {
    Problem::not_found(format!("There is no list {id}."))
}
