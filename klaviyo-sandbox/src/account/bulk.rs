//! The bulk jobs whose errors stand in the job itself: nine of the catalog, one of coupon codes.
//!
//! One mechanism for all: rows wait until the job ends, then each is applied as if it had come
//! alone, and what speaks against it becomes an error of the job.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::catalog::{Change, Kind};
use super::ids::Ids;
use super::jobs::Job;
use super::objection::Objection;

/// What a bulk job does, and with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum BulkKind {
    Catalog(Change, Kind),
    CouponCodes,
}

impl BulkKind {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let catalog = Kind::ALL
            .into_iter()
            .flat_map(|kind| Change::ALL.map(|change| Self::Catalog(change, kind)));
        catalog.chain([Self::CouponCodes])
    }

    /// The JSON:API type of its rows.
    pub(crate) fn resource(self) -> &'static str {
        match self {
            Self::Catalog(_, kind) => kind.resource(),
            Self::CouponCodes => "coupon-code",
        }
    }

    /// What its rows are called in bodies and relationships.
    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::Catalog(_, kind) => kind.plural(),
            Self::CouponCodes => "coupon-codes",
        }
    }

    /// The JSON:API type of its jobs; with an `s`, where they are found below `/api/`.
    pub(crate) fn job_type(self) -> String {
        let verb = match self {
            Self::Catalog(change, _) => change.verb(),
            Self::CouponCodes => Change::Create.verb(),
        };
        format!("{}-bulk-{verb}-job", self.resource())
    }
}

/// The work of a bulk job.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Bulk {
    pub(crate) kind: BulkKind,
    pub(crate) total: usize,
    /// Empty once the job has ended.
    rows: Vec<Map<String, Value>>,
    /// The ids of what was created, updated or deleted.
    pub(crate) done: Vec<String>,
    pub(crate) errors: Vec<BulkError>,
}

/// Why a row of a bulk job failed.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct BulkError {
    pub(crate) id: String,
    /// Its row's place in the request.
    pub(crate) row: usize,
    pub(crate) objection: Objection,
}

impl Bulk {
    pub(crate) fn new(kind: BulkKind, rows: Vec<Map<String, Value>>) -> Self {
        Self {
            kind,
            total: rows.len(),
            rows,
            done: Vec::new(),
            errors: Vec::new(),
        }
    }
}

/// Applies all rows of a job whose end has come. `write` applies one, and says the id of what it
/// changed.
pub(super) fn run(
    job: &mut Job<Bulk>,
    ids: Ids,
    mut write: impl FnMut(BulkKind, Map<String, Value>, DateTime<Utc>) -> Result<String, Objection>,
) {
    let (number, ends, bulk) = (job.number, job.ends, &mut job.work);
    for (row, resource) in std::mem::take(&mut bulk.rows).into_iter().enumerate() {
        match write(bulk.kind, resource, ends) {
            Ok(id) => bulk.done.push(id),
            Err(objection) => bulk.errors.push(BulkError {
                id: ids.nth_of(number, row),
                row,
                objection,
            }),
        }
    }
}
