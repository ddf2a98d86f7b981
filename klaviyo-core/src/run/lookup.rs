//! Finds the profiles of e-mail addresses, before their rows are items.
//!
//! Rows wait here until so many addresses have come together that looking them up is worth a round of
//! requests; then those that have a profile go on, in their order, and the others are rejected.
//!
//! A journal keeps what was found. A run that is resumed takes that, so that the same rows make the
//! same batches, whoever has got or lost a profile since.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::AtomicBool;

use bytes::Bytes;
use futures::future::join_all;
use klaviyo_gen::operations::GET_PROFILES;
use serde::{Deserialize, Serialize};

use super::pending::Unreached;
use crate::api_error::{Members, lenient};
use crate::circle::Circle;
use crate::encode::{Encoder, Rejection};
use crate::error::Error;
use crate::journal::{Addresses, LookedUp};
use crate::report::Ledger;
use crate::shared::Shared;
use crate::target::{encoded, target, target_of_link};
use crate::transport::Request;

/// Addresses in one request: as many as a page holds.
const MOST_ADDRESSES: usize = 100;
/// Bytes of a request's path and query. Klaviyo states no limit; 8 KB is usual for servers.
const MOST_BYTES: usize = 6_000;
/// Requests side by side.
const ROUND: usize = 10;
/// As long as the ids of profiles are.
const USUAL_ID: &str = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

/// Rows whose profiles are still to be found.
pub(crate) struct Lookup {
    /// Encodes the ids that were found.
    encoder: Encoder,
    full: Vec<Query>,
    open: Query,
    /// How many queries came to their end.
    done: u64,
}

/// Rows whose addresses go into one request.
struct Query {
    rows: Vec<Waiting>,
    /// Bytes of the request's path and query.
    bytes: usize,
}

/// A row that waits for its profile.
pub(super) struct Waiting {
    pub(super) row: u64,
    address: String,
}

/// What became of a row that waited.
#[derive(Debug)]
pub(super) enum Found {
    /// The id of its profile.
    Profile(String),
    /// No profile has its address.
    Nothing,
    /// The run stopped.
    Unasked,
}

impl fmt::Debug for Lookup {
    /// Without the addresses: they are customers' data.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self
            .full
            .iter()
            .map(|query| query.rows.len())
            .sum::<usize>();
        let rows = rows + self.open.rows.len();
        let mut text = formatter.debug_struct("Lookup");
        text.field("rows", &rows).finish_non_exhaustive()
    }
}

/// A row that names a profile by its id.
#[derive(Serialize)]
struct ById<'a> {
    id: &'a str,
}

/// The ids of profiles by their addresses, in lower case.
type Ids = HashMap<String, String>;
/// The ids of a query's profiles, in the order of its rows.
type IdsOfRows = Vec<Option<String>>;

impl Lookup {
    /// Nothing to look up yet; `encoder` is for the ids.
    pub(crate) fn new(encoder: Encoder) -> Self {
        Lookup {
            encoder,
            full: Vec::new(),
            open: Query::new(),
            done: 0,
        }
    }

    /// Takes a row that is known by its address.
    pub(super) fn push(&mut self, row: u64, address: String) {
        if !self.open.fits(&address) {
            let full = std::mem::replace(&mut self.open, Query::new());
            self.full.push(full);
        }
        self.open.push(row, address);
    }

    /// Whether a round of requests is worth it.
    pub(super) fn has_ready(&self) -> bool {
        self.full.len() >= ROUND
    }

    /// Looks up what is ready, or `all`, and gives what became of each row, in their order. A request
    /// that fails stops the run.
    ///
    /// Cancel-safe: rows stay here until all is known.
    pub(super) async fn ask(&mut self, shared: &Shared, all: bool) -> Vec<(Waiting, Found)> {
        if all && !self.open.rows.is_empty() {
            let last = std::mem::replace(&mut self.open, Query::new());
            self.full.push(last);
        }
        let mut found = Vec::new();
        for round in self.full.chunks(ROUND) {
            let first = self.done + found.len() as u64;
            let queries = (first..).zip(round);
            found.extend(join_all(queries.map(|(number, query)| query.find(shared, number))).await);
        }
        self.done += found.len() as u64;
        let mut ends = Vec::new();
        for (query, ids) in self.full.drain(..).zip(found) {
            let found: Vec<Found> = match ids {
                None => query.rows.iter().map(|_| Found::Unasked).collect(),
                Some(ids) => ids.into_iter().map(Found::of).collect(),
            };
            ends.extend(query.rows.into_iter().zip(found));
        }
        ends
    }

    /// Gives each row that waits an id of the usual length, without asking.
    pub(super) fn suppose(&mut self) -> Vec<(Waiting, Found)> {
        let open = std::mem::replace(&mut self.open, Query::new());
        let queries = self.full.drain(..).chain([open]);
        let rows = queries.flat_map(|query| query.rows);
        rows.map(|waiting| (waiting, Found::Profile(USUAL_ID.to_owned())))
            .collect()
    }

    /// Encodes an id that was found.
    pub(super) fn encode(
        &mut self,
        row: u64,
        id: &str,
    ) -> Result<crate::chunk::Encoded<'_>, Rejection> {
        self.encoder.encode(row, &ById { id })
    }

    /// The run ends; rows that still wait are not sent.
    pub(super) fn abandon(self, shared: &Shared) {
        let unreached = Unreached::new(shared.past_row());
        let queries = self.full.into_iter().chain([self.open]);
        for waiting in queries.flat_map(|query| query.rows) {
            waiting.leave(&unreached, &shared.ledger);
        }
    }
}

impl Found {
    fn of(id: Option<String>) -> Self {
        id.map_or(Found::Nothing, Found::Profile)
    }
}

impl Waiting {
    /// The row as far as it is known here.
    pub(super) fn source(&self) -> serde_json::Value {
        serde_json::json!({"email": self.address})
    }

    /// The run did not come to the row.
    pub(super) fn leave(&self, unreached: &Unreached, ledger: &Ledger) {
        let (outcome, cause) = unreached.end(self.row);
        ledger.fail(cause.failure(self.row, outcome, Some(self.source().to_string())));
    }

    pub(super) fn unknown(&self) -> Rejection {
        let detail = "no profile has this address; create it first, with import_profiles";
        Rejection {
            row: self.row,
            code: "unknown_profile",
            field: "email".to_owned(),
            detail: detail.to_owned(),
            source: Some(self.source().to_string()),
        }
    }
}

impl Query {
    fn new() -> Self {
        Query {
            rows: Vec::new(),
            bytes: Query::target(&[]).len(),
        }
    }

    fn fits(&self, address: &str) -> bool {
        let few = self.rows.len() < MOST_ADDRESSES;
        few && self.bytes + bytes_of(address) <= MOST_BYTES
    }

    fn push(&mut self, row: u64, address: String) {
        self.bytes += bytes_of(&address);
        self.rows.push(Waiting { row, address });
    }

    fn target(addresses: &[&str]) -> String {
        // Klaviyo keeps addresses in lower case, and does not say how `any` compares.
        let lower = addresses.iter().map(|address| address.to_lowercase());
        let quoted: Vec<String> = lower.map(|address| quoted(&address)).collect();
        let filter = format!("any(email,[{}])", quoted.join(","));
        let size = MOST_ADDRESSES.to_string();
        let query = [
            ("filter", filter.as_str()),
            ("fields[profile]", "email"),
            ("page[size]", &size),
        ];
        target(&GET_PROFILES, &[], &query)
    }

    /// The ids of its rows' profiles, as the journal has them or else as Klaviyo says; `None` when the
    /// run stopped. It is the run's `number`th query, counted from 0.
    async fn find(&self, shared: &Shared, number: u64) -> Option<IdsOfRows> {
        let found = tokio::select! {
            biased;
            () = shared.cancel.raised() => return None,
            found = self.recall_or_ask(shared, number) => found,
        };
        found.map_err(|error| shared.stop.raise(error)).ok()
    }

    async fn recall_or_ask(&self, shared: &Shared, number: u64) -> Result<IdsOfRows, Error> {
        let Some(journal) = &shared.journal else {
            return self.ask(shared).await;
        };
        let now = self.fingerprint(number);
        if let Some(past) = journal.past() {
            match journal.recall_lookup(number).await? {
                Some(known) if known.addresses == now && known.ids.len() == self.rows.len() => {
                    return Ok(known.ids);
                }
                None if !past.finished => {}
                // Of a finished run, every query is known.
                Some(_) | None => return Err(now.changed().into()),
            }
        }
        let ids = self.ask(shared).await?;
        journal.found(LookedUp {
            addresses: now,
            ids: ids.clone(),
        });
        Ok(ids)
    }

    async fn ask(&self, shared: &Shared) -> Result<IdsOfRows, Error> {
        let addresses: Vec<&str> = self.rows.iter().map(|row| row.address.as_str()).collect();
        let ids = read_all(shared, Query::target(&addresses)).await?;
        let id = |address: &&str| ids.get(&address.to_lowercase()).cloned();
        Ok(addresses.iter().map(id).collect())
    }

    fn fingerprint(&self, number: u64) -> Addresses {
        let addresses = self.rows.iter().map(|row| (row.row, row.address.as_str()));
        Addresses::of(number, addresses)
    }
}

/// The ids on all pages; a page holds as many as are asked for, so there should be one.
async fn read_all(shared: &Shared, target: String) -> Result<Ids, Error> {
    let mut ids = Ids::new();
    let mut circle = Circle::default();
    let mut next = Some(target);
    while let Some(target) = next {
        if circle.closes_with(&target) {
            return Err(unreadable("the pages lead in a circle".to_owned()));
        }
        let request = Request::new(&GET_PROFILES, target, Bytes::new());
        let in_doubt = AtomicBool::new(false);
        let context = shared.context(GET_PROFILES.repeat.safe, &in_doubt, None);
        let answer = shared.exchange.send(&request, context).await;
        let page = Page::read(&answer.map_err(|failure| failure.error)?.body)?;
        ids.extend(page.data.into_iter().filter_map(|profile| {
            let email = profile.attributes.email?;
            Some((email.to_lowercase(), profile.id))
        }));
        next = page.links.next.as_deref().map(target_of_link);
    }
    Ok(ids)
}

fn unreadable(detail: String) -> Error {
    Error::UnreadableAnswer {
        operation: GET_PROFILES.id,
        detail,
    }
}

/// A string of a filter.
fn quoted(address: &str) -> String {
    let escaped = address.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

/// Bytes that an address adds to a request.
fn bytes_of(address: &str) -> usize {
    encoded(&quoted(&address.to_lowercase())).len() + encoded(",").len()
}

/// A page of profiles.
#[derive(Deserialize)]
struct Page {
    data: Vec<Profile>,
    #[serde(default, deserialize_with = "lenient")]
    links: Links,
}

#[derive(Deserialize)]
struct Profile {
    id: String,
    attributes: Attributes,
}

#[derive(Deserialize)]
struct Attributes {
    email: Option<String>,
}

#[derive(Deserialize, Default)]
struct Links {
    #[serde(default, deserialize_with = "lenient")]
    next: Option<String>,
}

impl Members for Links {}

impl Page {
    fn read(body: &[u8]) -> Result<Self, Error> {
        serde_json::from_slice(body).map_err(|cause| unreadable(cause.to_string()))
    }
}

#[cfg(test)]
mod tests;
