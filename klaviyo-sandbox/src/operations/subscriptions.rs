//! `bulk_subscribe_profiles` and `bulk_unsubscribe_profiles`: accepted at once, done a while later.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{Handler, consent_job};
use crate::account::{
    Account, Asked, Channel, ConsentState, DEFAULT_OPT_IN, DOUBLE_OPT_IN, Identifier,
    ProfileChange, Subscribing, SubscribingRow, Unsubscribing, UnsubscribingRow, Work,
};
use crate::api::{Answer, Call};
use crate::clock::after;
use crate::problem::{Problem, Refusal};
use crate::settings::Confirmation;
use crate::validate::{self, Pointer};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("bulk_subscribe_profiles", bulk_subscribe_profiles),
    ("bulk_unsubscribe_profiles", bulk_unsubscribe_profiles),
];

fn bulk_subscribe_profiles(call: &Call<'_>) -> Result<Answer, Refusal> {
    let mut job = consent_job::read(call)?;
    let list = job.take_list();
    let historical = job.is_historical();
    let rows = job.take_rows(call.operation, |item, at, problems| {
        let row = read(item, at, problems);
        check_moments(&row, historical, call.now, at, problems);
        row
    })?;
    let count = rows.len();
    let mut account = call.account();
    consent_job::known_list(&account, list.as_deref())?;
    let order = Subscribing {
        rows,
        // Seen in practice: without a list, only what comes from elsewhere makes new profiles.
        creates: list.is_some() || historical,
        double_opt_in: !historical && asks_for_confirmation(&account, list.as_deref()),
        list,
        source: job.take_source(),
    };
    submit(order, &mut account, call);
    Ok(Answer::accepted(None).with_rows(count))
}

/// Whether a subscription waits for the owner of the address: its list says so, or else the
/// account's default does.
pub(super) fn asks_for_confirmation(account: &Account, list: Option<&str>) -> bool {
    let list = list.and_then(|id| account.lists.get(id));
    list.map_or(DEFAULT_OPT_IN, |list| &*list.opt_in_process) == DOUBLE_OPT_IN
}

/// Has profiles subscribed, unless nobody confirms it.
pub(super) fn submit(order: Subscribing, account: &mut Account, call: &Call<'_>) {
    if order.double_opt_in && call.settings().confirmation == Confirmation::Awaited {
        return;
    }
    let due = after(call.now, call.settings().job_time);
    account.pending.push(due, Work::Subscribe(order));
}

fn bulk_unsubscribe_profiles(call: &Call<'_>) -> Result<Answer, Refusal> {
    let mut job = consent_job::read(call)?;
    let list = job.take_list();
    let rows = job.take_rows(call.operation, |item, at, problems| {
        let SubscribingRow { change, channels } = read(item, at, problems);
        UnsubscribingRow {
            change,
            channels: channels.into_iter().map(|asked| asked.channel).collect(),
        }
    })?;
    let count = rows.len();
    let mut account = call.account();
    consent_job::known_list(&account, list.as_deref())?;
    let due = after(call.now, call.settings().job_time);
    let work = Work::Unsubscribe(Unsubscribing { rows, list });
    account.pending.push(due, work);
    Ok(Answer::accepted(None).with_rows(count))
}

/// Reads a profile and the channels that it is about.
fn read(
    mut item: Map<String, Value>,
    at: &Pointer<'_>,
    problems: &mut Vec<Problem>,
) -> SubscribingRow {
    let channels = take_channels(&mut item);
    validate::profile(&item, at, problems);
    validate::at_least_one_identifier(&item, at, problems);
    let change = ProfileChange::from_resource(item);
    at.within("attributes", |at| {
        check_channels(&change, &channels, at, problems);
    });
    SubscribingRow { change, channels }
}

/// Takes out of a profile's attributes what is not an attribute of a profile.
pub(super) fn take_channels(item: &mut Map<String, Value>) -> Vec<Asked> {
    let Some(Value::Object(attributes)) = item.get_mut("attributes") else {
        return Vec::new();
    };
    attributes.remove("age_gated_date_of_birth");
    let subscriptions = attributes.remove("subscriptions").unwrap_or_default();
    Channel::ALL
        .into_iter()
        .filter_map(|channel| {
            let [kind, name] = channel.names();
            let parameters = subscriptions.get(kind)?.get(name)?;
            let at = parameters.get("consented_at").and_then(Value::as_str);
            Some(Asked {
                channel,
                state: match parameters.get("consent").and_then(Value::as_str) {
                    Some("UNSUBSCRIBED") => ConsentState::Unsubscribed,
                    _ => ConsentState::Subscribed,
                },
                at: at
                    .and_then(|at| DateTime::parse_from_rfc3339(at).ok())
                    .map(|at| at.to_utc()),
            })
        })
        .collect()
}

/// Each channel needs what it reaches people by; Klaviyo's own id stands for both.
pub(super) fn check_channels(
    change: &ProfileChange,
    channels: &[Asked],
    at: &Pointer<'_>,
    problems: &mut Vec<Problem>,
) {
    if channels.is_empty() {
        let detail = "No channel is named.";
        problems.push(Problem::invalid(&at.at("subscriptions"), detail));
    }
    for missing in [Identifier::Email, Identifier::PhoneNumber] {
        let is_needed = channels
            .iter()
            .any(|asked| asked.channel.reaches() == Some(missing));
        if is_needed && change.id.is_none() && change.identifiers.get(missing).is_none() {
            let detail = "The channel needs it.";
            problems.push(Problem::invalid(&at.at(missing.name()), detail));
        }
    }
}

/// A consent given elsewhere says when that was; any other is given now.
fn check_moments(
    row: &SubscribingRow,
    historical: bool,
    now: DateTime<Utc>,
    at: &Pointer<'_>,
    problems: &mut Vec<Problem>,
) {
    for asked in &row.channels {
        let [kind, name] = asked.channel.names();
        let detail = match asked.at {
            // Tracking has no such field.
            None if historical && !name.ends_with("tracking") => {
                "A historical import says when consent was given."
            }
            Some(_) if !historical => "Only a historical import takes the field.",
            Some(at) if at > now => "It lies in the future.",
            _ => continue,
        };
        let field = format!("attributes/subscriptions/{kind}/{name}/consented_at");
        problems.push(Problem::invalid(&at.at(field), detail));
    }
}
