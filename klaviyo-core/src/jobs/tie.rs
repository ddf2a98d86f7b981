//! Ties a job's errors to the items of its batch. Pure.
//!
//! By the pointer where it names an item, else by the identifiers of the payload. What cannot be tied
//! puts every item in doubt that may be meant: none of them is called completed.

use std::collections::HashMap;

use serde_json::Value;

use super::answer::{ItemError, State};
use crate::api_error::ErrorObject;
use crate::chunk::Batch;
use crate::outcome::Outcome;
use crate::pointer::{Meant, locate};
use crate::report::Cause;

/// The end of each item of a batch: `None` is completed.
pub(super) type Ends = Vec<Option<(Outcome, Cause)>>;

/// What identifies a profile in an item or a payload.
type Identifier = (&'static str, String);

/// Ties errors to items, for a job of that state.
pub(super) fn tie(items: &str, batch: &Batch, errors: &[ItemError], state: &State) -> Ends {
    let mut ends: Ends = vec![None; batch.len()];
    let index = Index::of(batch);
    let mut untied = 0;
    for error in errors {
        let cause = cause(error);
        match candidates(items, batch, &index, error).as_slice() {
            [] => untied += 1,
            [only] => ends[*only] = Some((Outcome::Failed, cause)),
            several => doubt(&mut ends, several.iter().copied(), &cause),
        }
    }
    // A row with two errors is one row.
    let tied = ends.iter().flatten().count() as u64;
    let failed = state.failed_count.unwrap_or(tied + untied);
    let rows = batch.len() as u64;
    if untied > 0 || failed > tied || !state.counts_agree(rows, failed) {
        let detail = format!(
            "the job counts {} of {rows} rows completed and {failed} failed; its errors name {tied}, \
             and {untied} error(s) name none: this row may be meant",
            state
                .completed_count
                .map_or("?".to_owned(), |count| count.to_string()),
        );
        let all = 0..batch.len();
        doubt(&mut ends, all, &Cause::new("untied_job_error", detail));
    }
    ends
}

/// Puts those in doubt that have no end yet.
fn doubt(ends: &mut Ends, items: impl Iterator<Item = usize>, cause: &Cause) {
    for item in items {
        ends[item].get_or_insert_with(|| (Outcome::Unknown, cause.clone()));
    }
}

fn cause(error: &ItemError) -> Cause {
    Cause::of_object(&ErrorObject {
        code: error.code.clone(),
        title: error.title.clone(),
        detail: error.detail.clone(),
        source: error.source.clone(),
        ..ErrorObject::default()
    })
}

/// The items that an error may mean.
fn candidates(items: &str, batch: &Batch, index: &Index, error: &ItemError) -> Vec<usize> {
    if let Meant::Items(range) = locate(items, &error.source.pointer, batch) {
        return range.collect();
    }
    let payload = error.original_payload.as_ref();
    payload.map_or_else(Vec::new, |payload| index.find(payload))
}

/// The items of a batch by their identifiers.
struct Index(HashMap<Identifier, Vec<usize>>);

impl Index {
    fn of(batch: &Batch) -> Self {
        let mut index: HashMap<Identifier, Vec<usize>> = HashMap::new();
        for item in 0..batch.len() {
            let value = serde_json::from_slice(batch.item(item)).unwrap_or(Value::Null);
            for identifier in identifiers(&value) {
                index.entry(identifier).or_default().push(item);
            }
        }
        Index(index)
    }

    /// The items that the payload's identifiers lead to: those that all of them agree on, if any.
    fn find(&self, payload: &Value) -> Vec<usize> {
        let mut found: Option<Vec<usize>> = None;
        for identifier in identifiers(payload) {
            let Some(items) = self.0.get(&identifier) else {
                continue;
            };
            found = Some(match found {
                None => items.clone(),
                Some(before) => {
                    let both: Vec<usize> = before
                        .iter()
                        .copied()
                        .filter(|item| items.contains(item))
                        .collect();
                    if both.is_empty() { before } else { both }
                }
            });
        }
        found.unwrap_or_default()
    }
}

/// The identifiers of a profile, wherever a payload keeps them: at its top, or in `attributes`.
fn identifiers(value: &Value) -> Vec<Identifier> {
    let places = [
        value,
        &value["attributes"],
        &value["data"],
        &value["data"]["attributes"],
    ];
    let names = ["id", "email", "phone_number", "external_id", "_kx"];
    let pairs = places.iter().flat_map(|place| {
        names.iter().filter_map(|&name| {
            let text = place.get(name)?.as_str()?;
            // Klaviyo keeps addresses in lower case, whatever was sent.
            let text = if name == "email" {
                text.to_lowercase()
            } else {
                text.to_owned()
            };
            Some((name, text))
        })
    });
    pairs.collect()
}

#[cfg(test)]
mod tests;
