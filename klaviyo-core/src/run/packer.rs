//! Rows into batches: numbers them, encodes them, packs them.

use serde::Serialize;

use super::lookup::{Found, Lookup, Waiting};
use super::pending::Unreached;
use crate::chunk::{Batch, Chunker};
use crate::encode::{Encoder, Rejection};
use crate::report::Ledger;
use crate::shared::Shared;
use crate::source::SourceRow;

/// Rows into batches. What it makes of the same rows with the same options is always the same, unless
/// rows give addresses: then it depends on which of them have profiles when they are looked up. A
/// journal keeps that, so a run that is resumed makes the same of them, too.
#[derive(Debug)]
pub(crate) struct Packer {
    encoder: Encoder,
    /// Where rows go that give an address in place of an id.
    lookup: Option<Lookup>,
    chunker: Chunker,
    rows: u64,
}

impl Packer {
    pub(crate) fn new(encoder: Encoder, chunker: Chunker) -> Self {
        Packer {
            encoder,
            lookup: None,
            chunker,
            rows: 0,
        }
    }

    /// With a place for rows that give an address in place of an id.
    pub(crate) fn looking_up(mut self, lookup: Lookup) -> Self {
        self.lookup = Some(lookup);
        self
    }

    /// Takes the next row; gives the batch that it did not fit into any more, if any, or the reason
    /// why the row cannot be sent.
    pub(super) fn push<R: Serialize + ?Sized>(
        &mut self,
        row: &R,
    ) -> Result<Option<Batch>, Rejection> {
        let number = self.rows;
        self.rows += 1;
        let encoded = self.encoder.encode(number, row)?;
        if encoded.item.is_empty() {
            self.set_aside(number);
            return Ok(None);
        }
        let pushed = self.chunker.push(number, encoded);
        pushed.map_err(|unfit| self.encoder.unfit(number, unfit, row))
    }

    /// As [`Packer::push`], for a row of a source.
    pub(super) fn push_row(&mut self, row: &SourceRow<'_>) -> Result<Option<Batch>, Rejection> {
        if let Some(text) = row.json()
            && let Some(encoded) = self.encoder.encode_json(text)
        {
            let number = self.rows;
            self.rows += 1;
            let pushed = self.chunker.push(number, encoded);
            return pushed.map_err(|unfit| self.encoder.unfit(number, unfit, row));
        }
        self.push(row)
    }

    /// Keeps the last row until its profile is found.
    fn set_aside(&mut self, number: u64) {
        if let (Some(lookup), Some(address)) = (&mut self.lookup, self.encoder.address()) {
            lookup.push(number, address.to_owned());
        }
    }

    /// Whether looking up addresses is worth it.
    pub(super) fn has_addresses(&self) -> bool {
        self.lookup.as_ref().is_some_and(Lookup::has_ready)
    }

    /// Looks up the addresses that have come together, or `all`; gives the batches that became full.
    /// Cancel-safe.
    pub(super) async fn look_up(&mut self, shared: &Shared, all: bool) -> Vec<Batch> {
        let Some(lookup) = &mut self.lookup else {
            return Vec::new();
        };
        let found = lookup.ask(shared, all).await;
        self.take(found, &shared.ledger, shared.past_row())
    }

    /// Takes each address that waits as if it had a profile; gives the batches that became full.
    pub(super) fn suppose(&mut self, ledger: &Ledger) -> Vec<Batch> {
        let supposed = self.lookup.as_mut().map(Lookup::suppose);
        self.take(supposed.unwrap_or_default(), ledger, None)
    }

    /// Takes rows of which it is known whether they have a profile; `past` is the last one that an
    /// earlier process may have sent.
    fn take(
        &mut self,
        found: Vec<(Waiting, Found)>,
        ledger: &Ledger,
        past: Option<u64>,
    ) -> Vec<Batch> {
        let unreached = Unreached::new(past);
        let mut batches = Vec::new();
        for (waiting, found) in found {
            let taken = match found {
                Found::Profile(id) => self.take_one(&waiting, &id),
                Found::Nothing => Err(waiting.unknown()),
                Found::Unasked => {
                    waiting.leave(&unreached, ledger);
                    continue;
                }
            };
            match taken {
                Ok(full) => batches.extend(full),
                Err(rejection) => ledger.reject(rejection),
            }
        }
        batches
    }

    fn take_one(&mut self, waiting: &Waiting, id: &str) -> Result<Option<Batch>, Rejection> {
        let Some(lookup) = &mut self.lookup else {
            return Ok(None);
        };
        let encoded = lookup.encode(waiting.row, id)?;
        let pushed = self.chunker.push(waiting.row, encoded);
        pushed.map_err(|unfit| Rejection::unfit(waiting.row, unfit, &waiting.source()))
    }

    /// The run ends: rows that still wait are not sent.
    pub(super) fn abandon(&mut self, shared: &Shared) {
        if let Some(lookup) = self.lookup.take() {
            lookup.abandon(shared);
        }
    }

    /// Gives the open batch, if it holds a row.
    pub(super) fn close(&mut self) -> Option<Batch> {
        self.chunker.close()
    }

    /// Rows taken so far.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// What is to be said of rows that were taken although they share an identifier with another one.
    pub(super) fn warning(&self) -> Option<String> {
        let duplicates = self.chunker.duplicates();
        let (row, first_row) = duplicates.first?;
        Some(format!(
            "{} row(s) share an identifier with an earlier row of the same request, for example row \
             {row} with row {first_row}; Klaviyo may keep only one of them, duplicates=\"reject\" \
             rejects the later one",
            duplicates.count
        ))
    }
}
