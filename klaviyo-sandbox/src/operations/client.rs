//! What a shop's pages and apps send: no key, but the id of the company; accepted and never
//! answered with what is known.

use serde::Deserialize;
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
    let Document { data } = call.parse()?;
    let change = profile_body::read(data, "/data")?;
    call.account().profiles.upsert_leniently(change, call.now);
    Ok(Answer::accepted(None))
}

#[derive(Deserialize)]
struct EventsJob {
    attributes: EventsAttributes,
}

#[derive(Deserialize)]
struct EventsAttributes {
    profile: Document<Map<String, Value>>,
    events: Document<Vec<Map<String, Value>>>,
}

/// Events that share one profile.
fn bulk_create_client_events(call: &Call<'_>) -> Result<Answer, Refusal> {
    let Document { data } = call.parse::<Document<EventsJob>>()?;
    let EventsAttributes { profile, events } = data.attributes;
    let caps = items::caps(call.operation);
    items::check_count(caps, events.data.len())?;
    let change = profile_body::read(profile.data, "/data/attributes/profile/data")?;
    let at = Pointer::new(caps.items.unwrap_or_default());
    let mut problems = Vec::new();
    let most = caps.max_string_bytes;
    let events = events.data.into_iter().enumerate();
    let events: Vec<_> = events
        .filter_map(|(index, mut event)| {
            at.within(index, |at| {
                let event = validate::event(&mut event, most, call.now, at, &mut problems)?;
                Some((at.to_string(), event))
            })
        })
        .collect();
    Refusal::unless_empty(problems)?;
    let count = events.len();
    bulk_events::take(vec![Group { change, events }], call)?;
    Ok(Answer::accepted(None).with_rows(count))
}

#[derive(Deserialize)]
struct Subscription {
    attributes: SubscriptionAttributes,
    relationships: SubscriptionRelationships,
}

#[derive(Deserialize)]
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
    let row = subscriber(data.attributes.profile.data)?;
    let mut account = call.account();
    let list = data.relationships.list.id();
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
    let change = profile_body::read(profile, place)?;
    if channels.is_empty() {
        channels = implied(&change);
    }
    let mut problems = Vec::new();
    Pointer::new(place).within("attributes", |at| {
        subscriptions::check_channels(&change, &channels, at, &mut problems);
    });
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
