//! A summary of what the sandbox holds.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::tally::Requests;
use crate::account::{Account, BulkKind, Catalog, Job, Kind, Status};

/// A summary of what the sandbox holds and of the requests that it answered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct State {
    /// How many profiles there are.
    pub profiles: u64,
    /// How many events there are.
    pub events: u64,
    /// Events that were accepted but are not held.
    pub dropped_events: DroppedEvents,
    /// The lists, in the order of their creation.
    pub lists: Vec<ListState>,
    /// The segments, in the order of their creation.
    pub segments: Vec<SegmentState>,
    /// The metrics, in the order of their first events.
    pub metrics: Vec<MetricState>,
    /// What the catalog holds.
    pub catalog: CatalogState,
    /// How many coupons there are.
    pub coupons: u64,
    /// How many codes of coupons there are.
    pub coupon_codes: u64,
    /// The custom objects.
    pub objects: ObjectState,
    /// The bulk profile imports.
    pub jobs: JobCounts,
    /// The bulk jobs of the catalog.
    pub catalog_jobs: JobCounts,
    /// The bulk jobs of coupon codes.
    pub coupon_code_jobs: JobCounts,
    /// The bulk suppressions and their opposites; what they skipped counts as failed.
    pub suppression_jobs: JobCounts,
    /// The requests for access tokens.
    pub oauth: OAuthState,
    /// The requests to each operation, by its `operationId`; those to no operation under `none`.
    pub requests: BTreeMap<String, Requests>,
}

/// The requests for access tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct OAuthState {
    /// How often one was given.
    pub renewals: u64,
    /// How often none was given.
    pub refused: u64,
}

impl From<(u64, u64)> for OAuthState {
    fn from((renewals, refused): (u64, u64)) -> Self {
        Self { renewals, refused }
    }
}

/// Events that were accepted but are not held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct DroppedEvents {
    /// Their `unique_id` had been taken for the same profile and metric.
    pub repeats: u64,
    /// Their profile's address is at `example.com` or `test.com`.
    pub test_domains: u64,
    /// They name a profile by an id that no profile has.
    pub unknown_profiles: u64,
}

/// A list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListState {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How many profiles are on it.
    pub profiles: u64,
}

/// A metric and what its events add up to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricState {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How many events it has.
    pub count: u64,
    /// The sum of their values.
    pub value: f64,
    /// The sums of those of their properties that are numbers: of as many names as one event may
    /// have, the first ones.
    pub properties: BTreeMap<String, f64>,
    /// How many numbers came under further names, and are in no sum.
    pub unsummed: u64,
}

/// How many things the catalog holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct CatalogState {
    /// Items.
    pub items: u64,
    /// Variants of items.
    pub variants: u64,
    /// Categories.
    pub categories: u64,
}

/// A segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SegmentState {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How many profiles are in it.
    pub profiles: u64,
}

/// How many custom objects there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ObjectState {
    /// Data sources.
    pub data_sources: u64,
    /// Object types.
    pub object_types: u64,
    /// Object records, of all types.
    pub object_records: u64,
}

/// How far jobs are, and what became of their rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct JobCounts {
    /// Jobs that wait.
    pub queued: u64,
    /// Jobs that are at work.
    pub processing: u64,
    /// Jobs that have ended.
    pub complete: u64,
    /// Jobs that were cancelled.
    pub cancelled: u64,
    /// Rows that went well.
    pub completed_rows: u64,
    /// Rows that ended as errors.
    pub failed_rows: u64,
}

impl State {
    pub(crate) fn of(
        account: &Account,
        requests: BTreeMap<String, Requests>,
        oauth: OAuthState,
        now: DateTime<Utc>,
    ) -> Self {
        let dropped = account.events.dropped;
        Self {
            profiles: account.profiles.len() as u64,
            events: account.events.len() as u64,
            dropped_events: DroppedEvents {
                repeats: dropped.repeats,
                test_domains: dropped.test_domains,
                unknown_profiles: dropped.unknown_profiles,
            },
            lists: account
                .lists
                .iter()
                .map(|list| ListState {
                    id: list.id.clone(),
                    name: list.name.clone(),
                    profiles: list.members.len() as u64,
                })
                .collect(),
            segments: account
                .segments
                .iter()
                .map(|segment| SegmentState {
                    id: segment.id.clone(),
                    name: segment.name.clone(),
                    profiles: segment.members.len() as u64,
                })
                .collect(),
            metrics: account
                .events
                .metrics()
                .iter()
                .map(|metric| MetricState {
                    id: metric.id.clone(),
                    name: metric.name.clone(),
                    count: metric.count,
                    value: metric.value,
                    properties: metric.property_sums.clone(),
                    unsummed: metric.unsummed,
                })
                .collect(),
            catalog: CatalogState::of(&account.catalog),
            coupons: account.coupons.coupons.len() as u64,
            coupon_codes: account.coupons.codes.len() as u64,
            objects: ObjectState {
                data_sources: account.objects.sources.len() as u64,
                object_types: account.objects.types.len() as u64,
                object_records: account.objects.records.len() as u64,
            },
            jobs: JobCounts::of_imports(account, now),
            catalog_jobs: JobCounts::of_catalog(account, now),
            coupon_code_jobs: JobCounts::of_coupon_codes(account, now),
            suppression_jobs: JobCounts::of_suppressions(account, now),
            oauth,
            requests,
        }
    }

    /// The metric of that name.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<&MetricState> {
        self.metrics.iter().find(|metric| metric.name == name)
    }

    /// The list with that id.
    #[must_use]
    pub fn list(&self, id: &str) -> Option<&ListState> {
        self.lists.iter().find(|list| list.id == id)
    }

    /// The requests to an operation; all zero if there were none.
    #[must_use]
    pub fn requests_to(&self, operation: &str) -> Requests {
        self.requests.get(operation).cloned().unwrap_or_default()
    }

    /// How many requests were answered with an HTTP status, over all operations.
    #[must_use]
    pub fn answered(&self, status: u16) -> u64 {
        self.requests
            .values()
            .map(|requests| requests.answered(status))
            .sum()
    }
}

impl CatalogState {
    fn of(catalog: &Catalog) -> Self {
        let count = |kind| catalog.of(kind).len() as u64;
        Self {
            items: count(Kind::Item),
            variants: count(Kind::Variant),
            categories: count(Kind::Category),
        }
    }
}

impl JobCounts {
    pub(super) fn of_imports(account: &Account, now: DateTime<Utc>) -> Self {
        Self::of(account.import_jobs.iter(now), now, |work| {
            (work.completed(), work.errors.len())
        })
    }

    pub(super) fn of_catalog(account: &Account, now: DateTime<Utc>) -> Self {
        Self::of_bulk(account, now, |kind| kind != BulkKind::CouponCodes)
    }

    pub(super) fn of_coupon_codes(account: &Account, now: DateTime<Utc>) -> Self {
        Self::of_bulk(account, now, |kind| kind == BulkKind::CouponCodes)
    }

    pub(super) fn of_suppressions(account: &Account, now: DateTime<Utc>) -> Self {
        Self::of(account.suppressions.iter(now), now, |work| {
            (work.completed, work.skipped)
        })
    }

    /// Counts the bulk jobs of some kinds.
    fn of_bulk(
        account: &Account,
        now: DateTime<Utc>,
        is_counted: impl Fn(BulkKind) -> bool,
    ) -> Self {
        let jobs = account.bulk_jobs.iter(now);
        let counted = jobs.filter(|job| is_counted(job.work.kind));
        Self::of(counted, now, |work| (work.done.len(), work.errors.len()))
    }

    /// Counts jobs; `rows` says how many rows of one went well and how many failed.
    fn of<'a, T: 'a>(
        jobs: impl Iterator<Item = &'a Job<T>>,
        now: DateTime<Utc>,
        rows: impl Fn(&T) -> (usize, usize),
    ) -> Self {
        let mut counts = Self::default();
        for job in jobs {
            match job.status(now) {
                Status::Queued => counts.queued += 1,
                Status::Processing => counts.processing += 1,
                Status::Complete => counts.complete += 1,
                Status::Cancelled => counts.cancelled += 1,
            }
            let (completed, failed) = rows(&job.work);
            counts.completed_rows += completed as u64;
            counts.failed_rows += failed as u64;
        }
        counts
    }
}
