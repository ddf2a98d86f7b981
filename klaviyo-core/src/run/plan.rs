//! A dry run: everything that happens to rows before they are sent.

use std::time::Duration;

use klaviyo_gen::Operation;
use serde::Serialize;

use super::packer::Packer;
use crate::bulk::Prepared;
use crate::chunk::Batch;
use crate::encode::Rejection;
use crate::limit::least_time;
use crate::report::{Failures, Ledger};
use crate::source::{Source, located};

/// Takes rows as a run would, and sends nothing.
#[derive(Debug)]
pub struct Planning {
    operation: &'static Operation,
    packer: Packer,
    ledger: Ledger,
    batches: u64,
    bytes: u64,
}

/// What a run over the same rows would send.
#[derive(Debug)]
#[non_exhaustive]
pub struct Plan {
    /// `operationId` of the bulk operation.
    pub operation: &'static str,
    /// Rows read from the source.
    pub rows: u64,
    /// How many of them would be rejected, by the local checks; Klaviyo may refuse more.
    pub rejected: u64,
    /// Requests that the others need, without those that follow jobs or look addresses up. Every
    /// address counts as if it had a profile.
    pub batches: u64,
    /// Bytes of their bodies.
    pub bytes: u64,
    /// The least time that the limits allow for so many requests, for a client that cannot know how
    /// Klaviyo's windows are aligned.
    pub least_time: Duration,
    /// Every row that would be rejected, with the reason.
    pub failures: Failures,
    /// What concerns no single row, for example that rows share identifiers.
    pub warnings: Vec<String>,
}

impl Planning {
    pub(crate) fn new(prepared: Prepared) -> Self {
        Planning {
            operation: prepared.operation,
            packer: prepared.packer,
            ledger: Ledger::default(),
            batches: 0,
            bytes: 0,
        }
    }

    /// Takes the next row of the source.
    pub fn push<R: Serialize + ?Sized>(&mut self, row: &R) {
        let pushed = self.packer.push(row);
        self.packed(pushed);
    }

    /// As [`Planning::push`], of the row at hand of a source: rejected, it names its place there.
    pub fn push_from<S: Source + ?Sized>(&mut self, source: &S) {
        let pushed = self.packer.push_row(&source.row());
        self.packed(pushed.map_err(|rejection| located(rejection, source)));
    }

    fn packed(&mut self, pushed: Result<Option<Batch>, Rejection>) {
        match pushed {
            Ok(full) => self.count(full),
            Err(rejection) => self.ledger.reject(rejection),
        }
        if self.packer.has_addresses() {
            self.suppose();
        }
    }

    /// Which addresses have profiles, only Klaviyo knows; here each of them has.
    fn suppose(&mut self) {
        let full = self.packer.suppose(&self.ledger);
        full.into_iter().for_each(|batch| self.count(Some(batch)));
    }

    /// What a run over these rows would send.
    #[must_use]
    pub fn finish(mut self) -> Plan {
        self.suppose();
        let last = self.packer.close();
        self.count(last);
        Plan {
            operation: self.operation.id,
            rows: self.packer.rows(),
            rejected: self.ledger.counts().rejected,
            batches: self.batches,
            bytes: self.bytes,
            least_time: least_time(&self.operation.limits, self.batches),
            failures: self.ledger.take_failures(),
            warnings: self.packer.warning().into_iter().collect(),
        }
    }

    fn count(&mut self, batch: Option<Batch>) {
        if let Some(batch) = batch {
            self.batches += 1;
            self.bytes += batch.body().len() as u64;
        }
    }
}
