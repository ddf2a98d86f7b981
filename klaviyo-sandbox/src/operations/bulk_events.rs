//! `bulk_create_events`: profiles, each with events. Accepted means validated; there is no job.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use klaviyo_gen::operations::BULK_CREATE_EVENTS;
use klaviyo_gen::{Caps, FIELD_LIMITS, Operation, Schema};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::{Handler, items};
use crate::account::{Account, NewEvent, ProfileChange};
use crate::api::{Answer, Call};
use crate::problem::{Problem, Refusal};
use crate::settings::{OnKnownEvent, OnRepeatedEvent};
use crate::validate::{self, Pointer};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[("bulk_create_events", bulk_create_events)];

const OPERATION: &Operation = &BULK_CREATE_EVENTS;

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    data: Job<'a>,
}

#[derive(Deserialize)]
struct Job<'a> {
    r#type: String,
    #[serde(borrow)]
    attributes: Attributes<'a>,
}

#[derive(Deserialize)]
struct Attributes<'a> {
    #[serde(borrow, rename = "events-bulk-create")]
    groups: Groups<'a>,
}

#[derive(Deserialize)]
struct Groups<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
}

/// The events of one profile, with the places where they stand in the body.
pub(super) struct Group {
    pub(super) change: ProfileChange,
    pub(super) events: Vec<(String, NewEvent)>,
}

fn bulk_create_events(call: &Call<'_>) -> Result<Answer, Refusal> {
    let Document { data: job } = call.parse()?;
    if job.r#type != "event-bulk-create-job" {
        return Err(Problem::invalid("/data/type", "It must be event-bulk-create-job.").into());
    }
    let groups = groups(&job.attributes.groups.data, call.now)?;
    let count = groups.iter().map(|group| group.events.len()).sum();
    take(groups, call)?;
    Ok(Answer::accepted(None).with_rows(count))
}

/// Answers a request whose events went down the sink.
pub(super) fn sunk(_: &Call<'_>, rows: usize) -> Answer {
    Answer::accepted(None).with_rows(rows)
}

/// Takes groups of events, unless a repeat among them is to be refused.
pub(super) fn take(groups: Vec<Group>, call: &Call<'_>) -> Result<(), Refusal> {
    if call.settings().repeated_event == OnRepeatedEvent::Refuse {
        refuse_repeats(&groups)?;
    }
    let mut account = call.account();
    if call.settings().known_event == OnKnownEvent::Refuse {
        refuse_known(&groups, &account)?;
    }
    for group in groups {
        account.take_events(
            group.change,
            group.events.into_iter().map(|(_, event)| event),
            call.now,
        );
    }
    Ok(())
}

/// The groups, all of them well formed: an event that is not refuses them all.
fn groups(items: &[&RawValue], now: DateTime<Utc>) -> Result<Vec<Group>, Refusal> {
    let caps = items::caps(OPERATION);
    let at = Pointer::new(caps.group.unwrap_or_default());
    let mut problems = Vec::new();
    let groups: Vec<Group> = items
        .iter()
        .enumerate()
        .filter_map(|(index, raw)| at.within(index, |at| group(raw, caps, now, at, &mut problems)))
        .collect();
    items::check_count(caps, groups.iter().map(|group| group.events.len()).sum())?;
    Refusal::unless_empty(problems)?;
    Ok(groups)
}

/// The shape of a profile with its events.
fn group_schema() -> &'static Schema {
    items::caps(OPERATION)
        .group_item
        .expect("the table has the groups of events")
}

/// The shape of the profile of an event.
pub(super) fn profile_schema() -> &'static Schema {
    validate::field(group_schema(), &["attributes", "profile", "data"])
        .expect("the table has the profile of a group")
}

fn group(
    raw: &RawValue,
    caps: &Caps,
    now: DateTime<Utc>,
    at: &Pointer<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Group> {
    let mut group = items::read(raw, caps, group_schema(), at, problems)?;
    let Value::Object(attributes) = group.get_mut("attributes")? else {
        return None;
    };
    let profile = take_object(attributes, "profile")?;
    let Some(Value::Array(events)) = attributes
        .get_mut("events")?
        .get_mut("data")
        .map(Value::take)
    else {
        return None;
    };
    at.within("attributes", |at| {
        let change = at.within("profile/data", |at| self::profile(profile, at, problems));
        let events = at.within("events/data", |at| {
            events
                .into_iter()
                .enumerate()
                .filter_map(|(index, event)| {
                    let Value::Object(mut event) = event else {
                        return None;
                    };
                    at.within(index, |at| {
                        let event =
                            validate::event(&mut event, caps.max_string_bytes, now, at, problems)?;
                        Some((at.to_string(), event))
                    })
                })
                .collect()
        });
        Some(Group { change, events })
    })
}

/// `{name: {"data": {…}}}`, taken out.
fn take_object(attributes: &mut Map<String, Value>, name: &str) -> Option<Map<String, Value>> {
    match attributes.get_mut(name)?.get_mut("data").map(Value::take) {
        Some(Value::Object(object)) => Some(object),
        _ => None,
    }
}

/// Checks the profile of events, whose shape is right, and reads it.
pub(super) fn profile(
    resource: Map<String, Value>,
    at: &Pointer<'_>,
    problems: &mut Vec<Problem>,
) -> ProfileChange {
    validate::profile(&resource, at, problems);
    validate::at_least_one_identifier(&resource, at, problems);
    if serde_json::to_vec(&resource)
        .is_ok_and(|bytes| bytes.len() > FIELD_LIMITS.event_profile_bytes)
    {
        let detail = format!(
            "The profile is larger than {} bytes.",
            FIELD_LIMITS.event_profile_bytes
        );
        problems.push(Problem::invalid(&at.to_string(), detail));
    }
    ProfileChange::from_resource(resource)
}

/// Refuses a `unique_id` that stands twice in the request for the same profile and metric. Events
/// without one are told apart by their seconds, and those in the same second are dropped later.
fn refuse_repeats(groups: &[Group]) -> Result<(), Refusal> {
    let mut seen = HashSet::new();
    let mut problems = Vec::new();
    for group in groups {
        let strongest = group.change.identifiers.iter().next();
        let profile = (
            group.change.id.as_deref(),
            strongest.map(|(by, value)| (by, by.key(value))),
        );
        for (place, event) in &group.events {
            if let Some(unique_id) = &event.unique_id
                && !seen.insert((profile.clone(), &event.metric, unique_id))
            {
                let pointer = format!("{place}/attributes/unique_id");
                problems.push(Problem::invalid(
                    &pointer,
                    "The request has this unique id before.",
                ));
            }
        }
    }
    Refusal::unless_empty(problems)
}

fn refuse_known(groups: &[Group], account: &Account) -> Result<(), Refusal> {
    let mut problems = Vec::new();
    for group in groups {
        for (place, event) in &group.events {
            if account.knows_event(&group.change, &event.metric, &event.effective_unique_id()) {
                let pointer = format!("{place}/attributes/unique_id");
                problems.push(Problem::invalid(
                    &pointer,
                    "The profile has an event with this unique id.",
                ));
            }
        }
    }
    Refusal::unless_empty(problems)
}
