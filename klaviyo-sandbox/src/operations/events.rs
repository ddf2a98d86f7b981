//! Single events: create, look at.

use klaviyo_gen::operations::BULK_CREATE_EVENTS;
use serde_json::{Map, Value, json};

use super::bulk_events::{self, Group};
use super::{Handler, items, resource};
use crate::account::{Account, StoredEvent};
use crate::api::{Answer, Call, FieldValue, Filter, Page};
use crate::problem::{Problem, Refusal};
use crate::validate::{self, Pointer};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("get_events", get_events),
    ("get_event", get_event),
    ("create_event", create_event),
];

/// An event and its number.
pub(super) type Numbered<'a> = (usize, &'a StoredEvent);

fn get_events(call: &Call<'_>) -> Result<Answer, Refusal> {
    let filter = Filter::of(call)?;
    if filter.equal_to("properties").is_some() {
        return Err(
            Problem::parameter("filter", "The sandbox does not filter by properties.").into(),
        );
    }
    let account = call.account();
    let mut events: Vec<Numbered<'_>> = account
        .events
        .iter()
        .filter(|(_, event)| {
            filter.passes(|field| match field {
                "metric_id" | "metric" => FieldValue::Text(&account.events.metric(event.metric).id),
                "profile_id" | "profile" => {
                    FieldValue::Text(&account.profiles.get(event.profile).id)
                }
                "datetime" | "timestamp" => FieldValue::Moment(event.time),
                _ => FieldValue::Missing,
            })
        })
        .collect();
    events.sort_by_key(|(_, event)| event.time);
    if call.query.get("sort").is_some_and(|by| by.starts_with('-')) {
        events.reverse();
    }
    let page = Page::of(events.into_iter(), &call.query, &call.url())?;
    let mut body = json!({"links": page.links});
    include(&mut body, &page.rows, &account, call);
    body["data"] = page
        .rows
        .into_iter()
        .map(|(number, event)| resource::event(number, event, &account, call))
        .collect();
    Ok(Answer::ok(body))
}

fn get_event(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let (number, event) = find(&account, call)?;
    let data = resource::event(number, event, &account, call);
    let mut body = json!({"data": data, "links": {"self": call.url()}});
    include(&mut body, &[(number, event)], &account, call);
    Ok(Answer::ok(body))
}

/// The event that the path names, and its number.
pub(super) fn find<'a>(account: &'a Account, call: &Call<'_>) -> Result<Numbered<'a>, Refusal> {
    let id = call.path.get("id");
    account
        .events
        .find(id)
        .ok_or_else(|| Problem::not_found(format!("There is no event {id}.")).into())
}

/// Adds the profiles and metrics of events, each once, where the request asks for them.
fn include(body: &mut Value, events: &[Numbered<'_>], account: &Account, call: &Call<'_>) {
    let mut included = Vec::new();
    if call.query.has("include", "metric") {
        let metrics = distinct(events.iter().map(|(_, event)| event.metric));
        included.extend(
            metrics
                .into_iter()
                .map(|slot| resource::metric(account.events.metric(slot), call)),
        );
    }
    if call.query.has("include", "profile") {
        let profiles = distinct(events.iter().map(|(_, event)| event.profile));
        included.extend(
            profiles
                .into_iter()
                .map(|slot| resource::profile(account.profiles.get(slot), call)),
        );
    }
    if call.query.get("include").is_some() {
        body["included"] = included.into();
    }
}

fn distinct(slots: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut slots: Vec<u32> = slots.collect();
    slots.sort_unstable();
    slots.dedup();
    slots
}

pub(super) fn create_event(call: &Call<'_>) -> Result<Answer, Refusal> {
    let mut body: Map<String, Value> = call.parse()?;
    let Some(Value::Object(mut event)) = body.remove("data") else {
        return Err(Problem::invalid("/data", "It must be an object.").into());
    };
    let profile = event
        .get_mut("attributes")
        .and_then(Value::as_object_mut)
        .and_then(|attributes| attributes.remove("profile"))
        .and_then(|mut profile| profile.get_mut("data").map(Value::take))
        .ok_or_else(|| {
            Problem::invalid("/data/attributes/profile/data", "The field is required.")
        })?;
    let group = read(event, profile, call)?;
    bulk_events::take(vec![group], call)?;
    Ok(Answer::accepted(None).with_rows(1))
}

/// Reads an event and its profile. Their shapes are those of the bulk operation, the only ones
/// that the table has.
fn read(event: Map<String, Value>, profile: Value, call: &Call<'_>) -> Result<Group, Refusal> {
    let at = Pointer::new("/data");
    let mut problems = Vec::new();
    let mut event = Value::Object(event);
    validate::shape(
        &event,
        items::item_schema(&BULK_CREATE_EVENTS),
        &at,
        &mut problems,
    );
    at.within("attributes/profile/data", |at| {
        validate::shape(&profile, bulk_events::profile_schema(), at, &mut problems);
    });
    Refusal::unless_empty(problems)?;

    let mut problems = Vec::new();
    let (Value::Object(event), Value::Object(profile)) = (&mut event, profile) else {
        return Err(Problem::invalid("/data", "It must be an object.").into());
    };
    let change = at.within("attributes/profile/data", |at| {
        bulk_events::profile(profile, at, &mut problems)
    });
    let max_string_bytes = items::caps(&BULK_CREATE_EVENTS).max_string_bytes;
    let event = validate::event(event, max_string_bytes, call.now, &at, &mut problems);
    Refusal::unless_empty(problems)?;
    Ok(Group {
        change,
        events: event
            .map(|event| ("/data".to_owned(), event))
            .into_iter()
            .collect(),
    })
}
