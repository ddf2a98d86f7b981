//! What a shop's pages and apps send: no key, but the id of the company; accepted and never
//! answered with what is known.

use klaviyo_gen::operations::BULK_CREATE_CLIENT_EVENTS;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::bulk_events::{self, Group};
use super::consent_job::ToOne;
use super::{Handler, events, items, profile_body, subscriptions};
use crate::account::{Asked, Channel, ConsentState, Identifier, ProfileChange};
use crate::account::{Subscribing, SubscribingRow};
use crate::api::{Answer, Call};
use crate::problem::{Problem, Refusal};
use crate::validate::{self, Pointer};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("create_client_profile", create_client_profile),
    // The same body as the one with a key.
    ("create_client_event", events::create_event),
    ("bulk_create_client_events", bulk_create_client_events),
    ("create_client_subscription", create_client_subscription),
];

#[derive(Deserialize)]
struct Document<T> {
    data: T,
}

fn create_client_profile(call: &Call<'_>) -> Result<Answer, Refusal> {
    let Document { data } = call.parse::<Document<Value>>()?;
    let profile = profile_body::read(Some(data), profile_body::of_visitor(), "/data", true)?;
    let change = ProfileChange::from_resource(profile);
    call.account().profiles.upsert_leniently(&change, call.now);
    Ok(Answer::accepted(None))
}

#[derive(Deserialize)]
struct EventsJob<'a> {
    r#type: String,
    #[serde(borrow)]
    attributes: EventsAttributes<'a>,
}

#[derive(Deserialize)]
struct EventsAttributes<'a> {
    profile: Document<Value>,
    #[serde(borrow)]
    events: EventsData<'a>,
}

#[derive(Deserialize)]
struct EventsData<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
}

/// Events that share one profile.
fn bulk_create_client_events(call: &Call<'_>) -> Result<Answer, Refusal> {
    let Document { data: job } = call.parse::<Document<EventsJob<'_>>>()?;
    items::check_type(&job.r#type, "event-bulk-create")?;
    let caps = items::caps(&BULK_CREATE_CLIENT_EVENTS);
    items::check_count(caps, job.attributes.events.data.len())?;
    let profile = profile_body::read(
        Some(job.attributes.profile.data),
        profile_body::of_visitor(),
        "/data/attributes/profile/data",
        true,
    )?;
    let mut at = Pointer::new(caps.items.unwrap_or_default());
    let mut problems = Vec::new();
    let schema = items::item_schema(&BULK_CREATE_CLIENT_EVENTS);
    let mut events = Vec::new();
    for (index, raw) in job.attributes.events.data.iter().enumerate() {
        at.within(index, |at| {
            if let Some(mut event) = items::read(raw, caps, schema, at, &mut problems) {
                let most = caps.max_string_bytes;
                let event = validate::event(&mut event, most, call.now, at, &mut problems);
                events.extend(event.map(|event| (at.as_str().to_owned(), event)));
            }
        });
    }
    Refusal::unless_empty(problems)?;
    let count = events.len();
    let change = ProfileChange::from_resource(profile);
    bulk_events::take(vec![Group { change, events }], call)?;
    Ok(Answer::accepted(None).with_rows(count))
}

#[derive(Deserialize)]
struct Subscription {
    r#type: String,
    attributes: SubscriptionAttributes,
    relationships: SubscriptionRelationships,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SubscriptionAttributes {
    profile: Document<Map<String, Value>>,
    custom_source: Option<String>,
}

#[derive(Deserialize)]
struct SubscriptionRelationships {
    list: ToOne,
}

fn create_client_subscription(call: &Call<'_>) -> Result<Answer, Refusal> {
    let Document { data } = call.parse::<Document<Subscription>>()?;
    items::check_type(&data.r#type, "subscription")?;
    let list = data.relationships.list.id("list")?;
    let row = subscriber(data.attributes.profile.data)?;
    let mut account = call.account();
    let Some(list) = list.filter(|id| account.lists.get(id).is_some()) else {
        let pointer = "/data/relationships/list/data/id";
        return Err(Problem::invalid(pointer, "There is no such list.").into());
    };
    let order = Subscribing {
        rows: vec![row],
        double_opt_in: subscriptions::asks_for_confirmation(&account, Some(&list)),
        list: Some(list),
        source: data.attributes.custom_source,
        creates: true,
    };
    subscriptions::submit(order, &mut account, call);
    Ok(Answer::accepted(None))
}

/// Reads the profile. Whoever names no channel means marketing by whatever they left.
fn subscriber(mut profile: Map<String, Value>) -> Result<SubscribingRow, Refusal> {
    let place = "/data/attributes/profile/data";
    let mut channels = subscriptions::take_channels(&mut profile);
    let profile = profile_body::read(
        Some(profile.into()),
        profile_body::of_customer(),
        place,
        true,
    )?;
    let change = ProfileChange::from_resource(profile);
    if channels.is_empty() {
        channels = implied(&change);
    }
    let mut problems = Vec::new();
    let at = Pointer::new(format!("{place}/attributes"));
    subscriptions::check_channels(&change, &channels, &at, &mut problems);
    Refusal::unless_empty(problems)?;
    Ok(SubscribingRow { change, channels })
}

fn implied(change: &ProfileChange) -> Vec<Asked> {
    [
        (Identifier::Email, Channel::EmailMarketing),
        (Identifier::PhoneNumber, Channel::SmsMarketing),
    ]
    .into_iter()
    .filter(|(identifier, _)| change.identifiers.get(*identifier).is_some())
    .map(|(_, channel)| Asked {
        channel,
        state: ConsentState::Subscribed,
        at: None,
    })
    .collect()
}
