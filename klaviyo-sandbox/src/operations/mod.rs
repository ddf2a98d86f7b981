//! What answers each operation: the modelled ones one file for each area, found by `operationId`; the
//! others from the document.

mod accounts;
mod back_in_stock;
mod body;
mod bulk_events;
mod bulk_import;
mod bulk_jobs;
mod catalog;
mod client;
mod consent_job;
mod coupons;
mod events;
mod images;
mod import_jobs;
mod items;
mod linkage;
mod list_members;
mod lists;
mod members;
mod metrics;
mod objects;
mod profile_body;
mod profile_filter;
mod profile_relations;
mod profiles;
mod push_tokens;
mod recipient_estimations;
mod removals;
mod resource;
mod segments;
mod sparse;
mod subscriptions;
mod suppressions;
mod tags;
mod unmodelled;

use klaviyo_gen::{MediaType, Operation, schema};
use serde_json::{Value, json};

use crate::api::{Answer, Call};
use crate::problem::Refusal;
use crate::validate::{Pointer, definition, integers, nesting};

/// What answers a request to an operation.
type Handler = fn(&Call<'_>) -> Result<Answer, Refusal>;

/// An area's operations.
type Area = &'static [(&'static str, Handler)];

const AREAS: &[Area] = &[
    profiles::OPERATIONS,
    bulk_import::OPERATIONS,
    import_jobs::OPERATIONS,
    lists::OPERATIONS,
    list_members::OPERATIONS,
    bulk_events::OPERATIONS,
    events::OPERATIONS,
    metrics::OPERATIONS,
    catalog::OPERATIONS,
    catalog::JOINED,
    coupons::OPERATIONS,
    coupons::codes::OPERATIONS,
    bulk_jobs::OPERATIONS,
    subscriptions::OPERATIONS,
    suppressions::OPERATIONS,
    removals::OPERATIONS,
    segments::OPERATIONS,
    push_tokens::OPERATIONS,
    profile_relations::OPERATIONS,
    client::OPERATIONS,
    back_in_stock::OPERATIONS,
    tags::OPERATIONS,
    tags::groups::OPERATIONS,
    tags::joined::OPERATIONS,
    images::OPERATIONS,
    accounts::OPERATIONS,
    recipient_estimations::OPERATIONS,
    objects::SOURCES,
    objects::TYPES,
    objects::SCHEMAS,
    objects::RELATIONSHIPS,
    objects::RECORDS,
    objects::LOGS,
];

/// Operations that read their items one by one and check each as they go, faster than by the document.
const CHECK_THEMSELVES: [&str; 2] = ["bulk_import_profiles", "bulk_create_events"];

/// Answers a request to any operation.
pub(crate) fn answer(call: &Call<'_>) -> Result<Answer, Refusal> {
    if !CHECK_THEMSELVES.contains(&call.operation.id) {
        check_body(call)?;
    }
    handler(call.operation)(call)
}

/// What answers a request whose rows went down the sink.
pub(crate) type SunkHandler = fn(&Call<'_>, usize) -> Answer;

/// The handler of an operation's requests when there is a sink: of those that carry most rows.
pub(crate) fn sunk(operation: &Operation) -> Option<SunkHandler> {
    match operation.id {
        "bulk_import_profiles" => Some(bulk_import::sunk),
        "bulk_create_events" => Some(bulk_events::sunk),
        _ => None,
    }
}

/// Checks the body against the document.
fn check_body(call: &Call<'_>) -> Result<(), Refusal> {
    if call.operation.body != Some(MediaType::JsonApi) {
        return Ok(());
    }
    let body: Value = call.parse()?;
    let schema = schema::request(call.operation).and_then(|it| schema::definition(&it));
    let mut problems = Vec::new();
    nesting(&body, &Pointer::new("/data"), &mut problems);
    Refusal::unless_empty(problems)?;
    let mut problems = Vec::new();
    integers(call.parse()?, &Pointer::new(""), &mut problems);
    if let Some(schema) = schema {
        definition(&body, schema, &Pointer::new(""), &mut problems);
    }
    Refusal::unless_empty(problems)
}

/// An answer's body: its data, and a link to where it was found.
fn document(data: Value, call: &Call<'_>) -> Value {
    json!({"data": data, "links": {"self": call.url()}})
}

/// The handler of an operation: its model's, or that of all those without a model.
fn handler(operation: &Operation) -> Handler {
    let mut modelled = AREAS.iter().copied().flatten();
    modelled
        .find(|(id, _)| *id == operation.id)
        .map_or(unmodelled::answer, |(_, handler)| *handler)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_handler_answers_one_operation_of_the_table() {
        let mut seen = HashSet::new();
        for (id, _) in AREAS.iter().copied().flatten() {
            assert!(
                klaviyo_gen::find(id).is_some_and(|operation| operation.id == *id),
                "{id}"
            );
            assert!(seen.insert(id), "{id} has two handlers");
        }
    }
}
