//! What the account holds, as JSON:API resources.

use chrono::{DateTime, SecondsFormat, Utc};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

mod subscriptions;

use super::sparse::sparse;
use crate::account::{
    Account, Direction, Identifier, Import, ImportError, Job, List, Metric, Profile, PushToken,
    Segment, StoredEvent, Suppressing, Target,
};
use crate::api::Call;

/// The attributes of a profile that are null when they have no value.
const PROFILE_TEXTS: [&str; 6] = [
    "first_name",
    "last_name",
    "organization",
    "locale",
    "title",
    "image",
];

/// The fields of a location that are null when they have no value.
const LOCATION_FIELDS: [&str; 10] = [
    "address1",
    "address2",
    "city",
    "country",
    "latitude",
    "longitude",
    "region",
    "zip",
    "timezone",
    "ip",
];

/// What is predicted for a profile, where anything is.
const PREDICTIONS: [&str; 10] = [
    "average_days_between_orders",
    "average_order_value",
    "churn_probability",
    "expected_date_of_next_order",
    "historic_clv",
    "historic_number_of_orders",
    "predicted_clv",
    "predicted_number_of_orders",
    "ranked_channel_affinity",
    "total_clv",
];

/// A moment as it stands in answers.
pub(super) fn moment(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// A link to a part of the API, with ids encoded as a path needs it.
pub(super) fn link(call: &Call<'_>, collection: &str, id: &str, rest: &str) -> String {
    format!(
        "{}/api/{collection}/{}{rest}",
        call.base(),
        utf8_percent_encode(id, NON_ALPHANUMERIC)
    )
}

/// A relationship without its members: only where to find them.
pub(super) fn related(call: &Call<'_>, collection: &str, id: &str, name: &str) -> Value {
    json!({"links": {
        "self": link(call, collection, id, &format!("/relationships/{name}")),
        "related": link(call, collection, id, &format!("/{name}")),
    }})
}

pub(super) fn profile(profile: &Profile, call: &Call<'_>) -> Value {
    let mut attributes = Map::new();
    for identifier in [
        Identifier::Email,
        Identifier::PhoneNumber,
        Identifier::ExternalId,
    ] {
        attributes.insert(
            identifier.name().to_owned(),
            profile.identifier(identifier).into(),
        );
    }
    for name in PROFILE_TEXTS {
        attributes.insert(
            name.to_owned(),
            profile.attributes.get(name).cloned().unwrap_or_default(),
        );
    }
    let location = profile.attributes.get("location");
    let location: Map<String, Value> = LOCATION_FIELDS
        .iter()
        .map(|name| {
            let value = location.and_then(|location| location.get(name)).cloned();
            ((*name).to_owned(), value.unwrap_or_default())
        })
        .filter(|(name, value)| {
            !value.is_null() || !matches!(name.as_str(), "latitude" | "longitude")
        })
        .collect();
    attributes.insert("created".to_owned(), moment(profile.created).into());
    attributes.insert("updated".to_owned(), moment(profile.updated).into());
    attributes.insert(
        "last_event_date".to_owned(),
        profile.last_event.map(moment).into(),
    );
    attributes.insert("location".to_owned(), location.into());
    attributes.insert("properties".to_owned(), profile.properties.clone().into());
    if call
        .query
        .has("additional-fields[profile]", "subscriptions")
    {
        let subscriptions = subscriptions::subscriptions(profile);
        attributes.insert("subscriptions".to_owned(), subscriptions);
    }
    if call.query.asks_for_predictions() {
        attributes.insert("predictive_analytics".to_owned(), predictions());
    }
    json!({
        "type": "profile",
        "id": profile.id,
        "attributes": sparse(attributes, "profile", call),
        "relationships": {
            "lists": related(call, "profiles", &profile.id, "lists"),
            "segments": related(call, "profiles", &profile.id, "segments"),
            "push-tokens": related(call, "profiles", &profile.id, "push-tokens"),
        },
        "links": {"self": link(call, "profiles", &profile.id, "")},
    })
}

/// The sandbox predicts nothing: it shows what an account with too few orders does.
fn predictions() -> Value {
    PREDICTIONS
        .iter()
        .map(|name| ((*name).to_owned(), Value::Null))
        .collect::<Map<String, Value>>()
        .into()
}

pub(super) fn list(list: &List, call: &Call<'_>) -> Value {
    let mut attributes = Map::from_iter([
        ("name".to_owned(), list.name.as_str().into()),
        ("created".to_owned(), moment(list.created).into()),
        ("updated".to_owned(), moment(list.updated).into()),
        (
            "opt_in_process".to_owned(),
            list.opt_in_process.as_ref().into(),
        ),
    ]);
    if call.query.has("additional-fields[list]", "profile_count") {
        attributes.insert("profile_count".to_owned(), list.members.len().into());
    }
    json!({
        "type": "list",
        "id": list.id,
        "attributes": sparse(attributes, "list", call),
        "relationships": {
            "profiles": related(call, "lists", &list.id, "profiles"),
            "tags": related(call, "lists", &list.id, "tags"),
            "flow-triggers": related(call, "lists", &list.id, "flow-triggers"),
        },
        "links": {"self": link(call, "lists", &list.id, "")},
    })
}

pub(super) fn segment(segment: &Segment, call: &Call<'_>) -> Value {
    let mut attributes = Map::from_iter([
        ("name".to_owned(), segment.name.as_str().into()),
        ("definition".to_owned(), segment.definition.clone()),
        ("created".to_owned(), moment(segment.created).into()),
        ("updated".to_owned(), moment(segment.updated).into()),
        ("is_active".to_owned(), segment.is_active.into()),
        ("is_processing".to_owned(), false.into()),
        ("is_starred".to_owned(), segment.is_starred.into()),
    ]);
    if call
        .query
        .has("additional-fields[segment]", "profile_count")
    {
        attributes.insert("profile_count".to_owned(), segment.members.len().into());
    }
    json!({
        "type": "segment",
        "id": segment.id,
        "attributes": sparse(attributes, "segment", call),
        "relationships": {
            "profiles": related(call, "segments", &segment.id, "profiles"),
            "tags": related(call, "segments", &segment.id, "tags"),
            "flow-triggers": related(call, "segments", &segment.id, "flow-triggers"),
        },
        "links": {"self": link(call, "segments", &segment.id, "")},
    })
}

pub(super) fn push_token(token: &PushToken, account: &Account, call: &Call<'_>) -> Value {
    let device = &token.device;
    let attributes = Map::from_iter([
        ("token".to_owned(), device.token.as_str().into()),
        ("platform".to_owned(), device.platform.as_str().into()),
        ("vendor".to_owned(), device.vendor.as_str().into()),
        (
            "enablement_status".to_owned(),
            device.enablement_status.as_str().into(),
        ),
        ("background".to_owned(), device.background.as_str().into()),
        ("metadata".to_owned(), device.metadata.clone().into()),
        ("created".to_owned(), moment(token.created).into()),
        ("recorded_date".to_owned(), moment(token.recorded).into()),
    ]);
    let mut profile = related(call, "push-tokens", &token.id, "profile");
    let owner = &account.profiles.get(token.profile).id;
    profile["data"] = json!({"type": "profile", "id": owner});
    json!({
        "type": "push-token",
        "id": token.id,
        "attributes": sparse(attributes, "push-token", call),
        "relationships": {"profile": profile},
        "links": {"self": link(call, "push-tokens", &token.id, "")},
    })
}

pub(super) fn metric(metric: &Metric, call: &Call<'_>) -> Value {
    let attributes = Map::from_iter([
        ("name".to_owned(), metric.name.as_str().into()),
        ("created".to_owned(), moment(metric.created).into()),
        ("updated".to_owned(), moment(metric.created).into()),
        (
            "integration".to_owned(),
            json!({"object": "integration", "id": "0eMvjm", "key": "api", "name": "API", "category": "API"}),
        ),
    ]);
    json!({
        "type": "metric",
        "id": metric.id,
        "attributes": sparse(attributes, "metric", call),
        "relationships": {"flow-triggers": related(call, "metrics", &metric.id, "flow-triggers")},
        "links": {"self": link(call, "metrics", &metric.id, "")},
    })
}

/// An event. That its value and unique id show among its properties under `$` names is unverified.
pub(super) fn event(
    number: usize,
    event: &StoredEvent,
    account: &Account,
    call: &Call<'_>,
) -> Value {
    let id = account.events.id(number);
    let mut properties = event.properties();
    properties.insert("$event_id".to_owned(), event.unique_id.as_ref().into());
    if let Some(value) = event.value {
        properties.insert("$value".to_owned(), value.into());
    }
    if let Some(currency) = &event.value_currency {
        properties.insert("$currency_code".to_owned(), currency.as_ref().into());
    }
    let attributes = Map::from_iter([
        ("timestamp".to_owned(), event.time.timestamp().into()),
        ("datetime".to_owned(), moment(event.time).into()),
        ("uuid".to_owned(), account.events.uuid(number).into()),
        ("event_properties".to_owned(), properties.into()),
    ]);
    let mut relationships = Map::new();
    for (name, id_of) in [
        ("profile", account.profiles.get(event.profile).id.as_str()),
        ("metric", account.events.metric(event.metric).id.as_str()),
    ] {
        let mut relationship = related(call, "events", &id, name);
        relationship["data"] = json!({"type": name, "id": id_of});
        relationships.insert(name.to_owned(), relationship);
    }
    relationships.insert("attributions".to_owned(), json!({"data": []}));
    json!({
        "type": "event",
        "id": id,
        "attributes": sparse(attributes, "event", call),
        "relationships": relationships,
        "links": {"self": link(call, "events", &id, "")},
    })
}

pub(super) fn import_job(job: &Job<Import>, call: &Call<'_>) -> Value {
    let begun = (job.started <= call.now).then_some(job.started);
    let ended = job.is_complete().then_some(job.ends);
    let attributes = Map::from_iter([
        ("status".to_owned(), job.status(call.now).as_str().into()),
        ("created_at".to_owned(), moment(job.created).into()),
        ("started_at".to_owned(), begun.map(moment).into()),
        ("completed_at".to_owned(), ended.map(moment).into()),
        ("expires_at".to_owned(), moment(job.expires()).into()),
        ("total_count".to_owned(), job.work.total.into()),
        ("completed_count".to_owned(), job.work.completed().into()),
        ("failed_count".to_owned(), job.work.errors.len().into()),
    ]);
    let collection = "profile-bulk-import-jobs";
    let mut lists = related(call, collection, &job.id, "lists");
    lists["data"] = job
        .work
        .lists
        .iter()
        .map(|id| json!({"type": "list", "id": id}))
        .collect();
    json!({
        "type": "profile-bulk-import-job",
        "id": job.id,
        "attributes": sparse(attributes, "profile-bulk-import-job", call),
        "relationships": {
            "lists": lists,
            "profiles": related(call, collection, &job.id, "profiles"),
            "import-errors": {"links": {"related": link(call, collection, &job.id, "/import-errors")}},
        },
        "links": {"self": link(call, collection, &job.id, "")},
    })
}

/// The `type` of a suppression job.
pub(super) fn suppression_job_type(direction: Direction) -> &'static str {
    match direction {
        Direction::Suppress => "profile-suppression-bulk-create-job",
        Direction::Unsuppress => "profile-suppression-bulk-delete-job",
    }
}

pub(super) fn suppression_job(job: &Job<Suppressing>, call: &Call<'_>) -> Value {
    let kind = suppression_job_type(job.work.direction);
    let collection = format!("{kind}s");
    let ended = (job.is_complete() && job.completes <= call.now).then_some(job.completes);
    let attributes = Map::from_iter([
        ("status".to_owned(), job.status(call.now).as_str().into()),
        ("created_at".to_owned(), moment(job.created).into()),
        ("completed_at".to_owned(), ended.map(moment).into()),
        ("total_count".to_owned(), job.work.total.into()),
        ("completed_count".to_owned(), job.work.completed.into()),
        ("skipped_count".to_owned(), job.work.skipped.into()),
    ]);
    let relationships = match &job.work.target {
        Target::Emails(_) => json!({}),
        Target::List(id) => json!({"lists": {"data": [{"type": "list", "id": id}]}}),
        Target::Segment(id) => json!({"segments": {"data": [{"type": "segment", "id": id}]}}),
    };
    json!({
        "type": kind,
        "id": job.id,
        "attributes": sparse(attributes, kind, call),
        "relationships": relationships,
        "links": {"self": link(call, &collection, &job.id, "")},
    })
}

pub(super) fn import_error(error: &ImportError, job: &Job<Import>, call: &Call<'_>) -> Value {
    let attributes = Map::from_iter([
        ("code".to_owned(), error.code.as_ref().into()),
        ("title".to_owned(), error.title.as_ref().into()),
        ("detail".to_owned(), error.detail.as_str().into()),
        ("source".to_owned(), json!({"pointer": error.pointer})),
        (
            "original_payload".to_owned(),
            serde_json::from_slice(&error.original).unwrap_or_default(),
        ),
    ]);
    json!({
        "type": "import-error",
        "id": error.id,
        "attributes": sparse(attributes, "import-error", call),
        "links": {"self": link(call, "profile-bulk-import-jobs", &job.id, "/import-errors")},
    })
}
