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
use crate::pointer::{Layout, Meant, locate};
use crate::report::Cause;

/// The end of each item of a job: `None` is completed.
pub(super) type Ends = Vec<Option<(Outcome, Cause)>>;

/// What identifies a profile in an item or a payload.
type Identifier = (&'static str, String);

/// Ties the errors of a job in that state to its items.
pub(super) fn tie(items: &Items<'_, impl Layout>, errors: &[ItemError], state: &State) -> Ends {
    let rows = items.layout.items();
    let mut ends: Ends = vec![None; rows];
    let (mut ambiguous, mut untied) = (0, 0);
    for error in errors {
        let cause = cause(error);
        match items.meant_by(error).as_slice() {
            [] => untied += 1,
            [only] => ends[*only] = Some((Outcome::Failed, cause)),
            several => {
                ambiguous += 1;
                doubt(&mut ends, several.iter().copied(), &cause);
            }
        }
    }
    let tied = tied(&ends, ambiguous);
    let not_done = state.not_done().unwrap_or(tied + untied);
    if untied > 0 || not_done > tied || !state.counts_agree(rows as u64, not_done) {
        doubt(&mut ends, 0..rows, &in_doubt(state, rows, tied, untied));
    }
    ends
}

/// How many rows the errors account for: a row with two errors is one row, and an error that may mean
/// several is of one of them.
fn tied(ends: &Ends, ambiguous: u64) -> u64 {
    let count = |outcome| {
        let ended = ends.iter().flatten().filter(|(end, _)| *end == outcome);
        ended.count() as u64
    };
    count(Outcome::Failed) + count(Outcome::Unknown).min(ambiguous)
}

/// Why a row may be meant by what the job says of no row in particular.
fn in_doubt(state: &State, rows: usize, tied: u64, untied: u64) -> Cause {
    let count = |count: Option<u64>| count.map_or("?".to_owned(), |count| count.to_string());
    if let Some(skipped) = state.skipped_count.filter(|&skipped| skipped > 0) {
        let detail = format!(
            "the job skipped {skipped} of {rows} rows and does not say which, nor why: this row may \
             be meant"
        );
        return Cause::new("job_skipped", detail);
    }
    let detail = format!(
        "the job counts {} of {rows} rows completed and {} failed; its errors name {tied}, and \
         {untied} error(s) name none: this row may be meant",
        count(state.completed_count),
        count(state.failed_count),
    );
    Cause::new("untied_job_error", detail)
}

/// Puts those in doubt that have no end yet.
fn doubt(ends: &mut Ends, items: impl Iterator<Item = usize>, cause: &Cause) {
    for item in items {
        ends[item].get_or_insert_with(|| (Outcome::Unknown, cause.clone()));
    }
}

pub(super) fn cause(error: &ItemError) -> Cause {
    Cause::of_object(&ErrorObject {
        code: error.code.clone(),
        title: error.title.clone(),
        detail: error.detail.clone(),
        source: error.source.clone(),
        ..ErrorObject::default()
    })
}

/// The items that a job was begun for, as far as they are known.
pub(super) struct Items<'a, L> {
    /// Where they stood in the request.
    pointer: &'a str,
    layout: &'a L,
    index: Index,
}

impl<'a> Items<'a, Batch> {
    /// Items that are still there: their identifiers can be compared.
    pub(super) fn of_batch(pointer: &'a str, batch: &'a Batch) -> Self {
        Items {
            pointer,
            layout: batch,
            index: Index::of(batch),
        }
    }
}

impl<'a, L: Layout> Items<'a, L> {
    /// Items of which only the order is known.
    pub(super) fn in_order(pointer: &'a str, layout: &'a L) -> Self {
        Items {
            pointer,
            layout,
            index: Index::default(),
        }
    }

    /// The items that an error may mean.
    pub(super) fn meant_by(&self, error: &ItemError) -> Vec<usize> {
        if let Meant::Items(range) = locate(self.pointer, &error.source.pointer, self.layout) {
            return range.collect();
        }
        let payload = error.original_payload.as_ref();
        payload.map_or_else(Vec::new, |payload| self.index.find(payload))
    }
}

/// The items of a batch by their identifiers.
#[derive(Default)]
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
