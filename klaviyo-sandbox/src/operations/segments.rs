//! Segments: create, look at, change, delete. Their members are given from outside.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Handler, items, members, profiles, resource};
use crate::account::{Account, Segment};
use crate::api::{Answer, Call, FieldValue, Filter, Page};
use crate::problem::{Problem, Refusal};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("get_segments", get_segments),
    ("create_segment", create_segment),
    ("get_segment", get_segment),
    ("update_segment", update_segment),
    ("delete_segment", delete_segment),
    ("get_profiles_for_segment", get_profiles_for_segment),
    ("get_profile_ids_for_segment", get_profile_ids_for_segment),
    ("get_segments_for_profile", get_segments_for_profile),
    ("get_segment_ids_for_profile", get_segment_ids_for_profile),
];

#[derive(Deserialize)]
struct Document {
    data: Resource,
}

#[derive(Deserialize)]
struct Resource {
    id: Option<String>,
    attributes: Attributes,
}

#[derive(Deserialize)]
struct Attributes {
    name: Option<String>,
    definition: Option<Value>,
    is_active: Option<bool>,
    is_starred: Option<bool>,
}

fn get_segments(call: &Call<'_>) -> Result<Answer, Refusal> {
    let filter = Filter::of(call)?;
    let account = call.account();
    let mut segments: Vec<&Segment> = account
        .segments
        .iter()
        .filter(|segment| filter.passes(|name| field(segment, name)))
        .collect();
    sort(&mut segments, call.query.get("sort").unwrap_or_default());
    let page = Page::of(segments.into_iter(), &call.query, &call.url())?;
    let data: Vec<Value> = page
        .rows
        .into_iter()
        .map(|segment| resource::segment(segment, call))
        .collect();
    Ok(Answer::ok(json!({"data": data, "links": page.links})))
}

fn field<'a>(segment: &'a Segment, name: &str) -> FieldValue<'a> {
    match name {
        "id" => FieldValue::Text(&segment.id),
        "name" => FieldValue::Text(&segment.name),
        "created" => FieldValue::Moment(segment.created),
        "updated" => FieldValue::Moment(segment.updated),
        "is_active" => FieldValue::Flag(segment.is_active),
        "is_starred" => FieldValue::Flag(segment.is_starred),
        _ => FieldValue::Missing,
    }
}

fn sort(segments: &mut [&Segment], by: &str) {
    match by.trim_start_matches('-') {
        "id" => segments.sort_by(|one, other| one.id.cmp(&other.id)),
        "name" => segments.sort_by(|one, other| one.name.cmp(&other.name)),
        "updated" => segments.sort_by_key(|segment| segment.updated),
        // They stand in the order of their creation.
        _ => {}
    }
    if by.starts_with('-') {
        segments.reverse();
    }
}

fn create_segment(call: &Call<'_>) -> Result<Answer, Refusal> {
    let Document { data } = call.parse()?;
    let attributes = data.attributes;
    let mut account = call.account();
    let name = attributes.name.unwrap_or_default();
    let segment = account.segments.create(&name, call.now);
    if let Some(definition) = attributes.definition {
        segment.definition = definition;
    }
    segment.is_starred = attributes.is_starred.unwrap_or_default();
    Ok(Answer::created(document(segment, call)))
}

fn get_segment(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    Ok(Answer::ok(document(find(&account, call)?, call)))
}

fn update_segment(call: &Call<'_>) -> Result<Answer, Refusal> {
    let Document { data } = call.parse()?;
    let id = call.path.get("id");
    let mut account = call.account();
    let segment = account.segments.get_mut(id).ok_or_else(|| not_found(id))?;
    items::check_id(data.id.as_deref(), call)?;
    if let Some(name) = data.attributes.name {
        segment.name = name;
    }
    if let Some(definition) = data.attributes.definition {
        segment.definition = definition;
    }
    if let Some(is_active) = data.attributes.is_active {
        segment.is_active = is_active;
    }
    if let Some(is_starred) = data.attributes.is_starred {
        segment.is_starred = is_starred;
    }
    segment.updated = call.now;
    Ok(Answer::ok(document(segment, call)))
}

fn delete_segment(call: &Call<'_>) -> Result<Answer, Refusal> {
    let id = call.path.get("id");
    if call.account().segments.delete(id) {
        Ok(Answer::no_content())
    } else {
        Err(not_found(id).into())
    }
}

fn get_profiles_for_segment(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    members::profiles(&account, &find(&account, call)?.members, call)
}

fn get_profile_ids_for_segment(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    members::ids(&account, &find(&account, call)?.members, call)
}

fn get_segments_for_profile(call: &Call<'_>) -> Result<Answer, Refusal> {
    for_profile(call, |segment| resource::segment(segment, call))
}

fn get_segment_ids_for_profile(call: &Call<'_>) -> Result<Answer, Refusal> {
    for_profile(call, |segment| json!({"type": "segment", "id": segment.id}))
}

fn for_profile(call: &Call<'_>, show: impl Fn(&Segment) -> Value) -> Result<Answer, Refusal> {
    let account = call.account();
    let slot = profiles::slot(&account, call)?;
    let data: Vec<Value> = account.segments.of(slot).map(show).collect();
    Ok(Answer::ok(
        json!({"data": data, "links": {"self": call.url()}}),
    ))
}

fn document(segment: &Segment, call: &Call<'_>) -> Value {
    json!({"data": resource::segment(segment, call), "links": {"self": call.url()}})
}

/// The segment that the path names.
fn find<'a>(account: &'a Account, call: &Call<'_>) -> Result<&'a Segment, Refusal> {
    let id = call.path.get("id");
    account.segments.get(id).ok_or_else(|| not_found(id).into())
}

fn not_found(id: &str) -> Problem {
    Problem::not_found(format!("There is no segment {id}."))
}
