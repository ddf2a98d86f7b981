//! The modelled operations: one file for each area, found by `operationId`.

mod back_in_stock;
mod bulk_events;
mod bulk_import;
mod bulk_jobs;
mod catalog;
mod client;
mod consent_job;
mod coupons;
mod events;
mod import_jobs;
mod items;
mod linkage;
mod list_members;
mod lists;
mod members;
mod metrics;
mod profile_body;
mod profile_filter;
mod profile_relations;
mod profiles;
mod push_tokens;
mod removals;
mod resource;
mod segments;
mod sparse;
mod subscriptions;
mod suppressions;

use crate::api::{Answer, Call};
use crate::problem::Refusal;

/// What answers a request to an operation.
pub(crate) type Handler = fn(&Call<'_>) -> Result<Answer, Refusal>;

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
];

/// The handler of an operation, if it is modelled.
pub(crate) fn handler(id: &str) -> Option<Handler> {
    AREAS
        .iter()
        .copied()
        .flatten()
        .find(|(other, _)| *other == id)
        .map(|(_, handler)| *handler)
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
