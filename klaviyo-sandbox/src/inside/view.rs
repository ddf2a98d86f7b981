//! What the page shows: counts, and the first of whatever there can be many of.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::state::JobCounts;
use super::tally::{Record, Requests};
use crate::account::Account;
use crate::callers::CallersWindow;
use crate::faults::Planned;
use crate::service::Service;

/// How many refusals and errors are told, the newest first.
const FAILURES: usize = 10;

/// How many lists and metrics are told.
const FIRST: usize = 50;

/// What a person wants to watch during a run.
#[derive(Debug, Serialize)]
pub(super) struct View {
    #[serde(flatten)]
    holdings: Holdings,
    requests: BTreeMap<String, Requests>,
    /// Whether the rate limits hold.
    limits: bool,
    /// The windows of each operation, for all who asked it for something.
    windows: BTreeMap<String, Vec<CallersWindow>>,
    failures: Vec<Failure>,
    faults: Vec<Planned>,
}

/// What the account holds, at a glance.
#[derive(Debug, Serialize)]
struct Holdings {
    profiles: usize,
    events: usize,
    lists: First<ListRow>,
    metrics: First<MetricRow>,
    jobs: JobCounts,
    catalog_jobs: JobCounts,
    coupon_code_jobs: JobCounts,
    suppression_jobs: JobCounts,
}

/// The first of many.
#[derive(Debug, Serialize)]
struct First<T> {
    first: Vec<T>,
    /// How many there are besides.
    more: usize,
}

#[derive(Debug, Serialize)]
struct ListRow {
    id: String,
    name: String,
    profiles: usize,
}

#[derive(Debug, Serialize)]
struct MetricRow {
    id: String,
    name: String,
    count: u64,
    value: f64,
}

/// One of the latest requests that did not go well.
#[derive(Debug, Serialize)]
struct Failure {
    /// Its number among all requests.
    number: u64,
    #[serde(flatten)]
    record: Record,
}

impl View {
    pub(super) fn of(service: &Service) -> Self {
        let now = service.now();
        let requests = service.tally().by_operation().clone();
        let limits = service.settings().limits;
        let windows = if limits {
            windows(service, &requests, now)
        } else {
            BTreeMap::new()
        };
        let failures = service
            .tally()
            .latest_failures()
            .take(FAILURES)
            .map(|(number, record)| Failure {
                number,
                record: record.clone(),
            })
            .collect();
        Self {
            holdings: Holdings::of(&service.account(now), now),
            requests,
            limits,
            windows,
            failures,
            faults: service.faults().faults().to_vec(),
        }
    }
}

fn windows(
    service: &Service,
    requests: &BTreeMap<String, Requests>,
    now: DateTime<Utc>,
) -> BTreeMap<String, Vec<CallersWindow>> {
    let mut windows = service.windows();
    let of = |(operation, requests): (&String, &Requests)| {
        let callers = requests.callers.keys();
        let usage = callers.flat_map(|caller| {
            windows
                .usage_of(operation, *caller, now)
                .collect::<Vec<_>>()
        });
        (operation.clone(), usage.collect())
    };
    requests.iter().map(of).collect()
}

impl Holdings {
    fn of(account: &Account, now: DateTime<Utc>) -> Self {
        Self {
            profiles: account.profiles.len(),
            events: account.events.len(),
            lists: First::of(account.lists.iter(), |list| ListRow {
                id: list.id.clone(),
                name: list.name.clone(),
                profiles: list.members.len(),
            }),
            metrics: First::of(account.events.metrics().iter(), |metric| MetricRow {
                id: metric.id.clone(),
                name: metric.name.clone(),
                count: metric.count,
                value: metric.value,
            }),
            jobs: JobCounts::of_imports(account, now),
            catalog_jobs: JobCounts::of_catalog(account, now),
            coupon_code_jobs: JobCounts::of_coupon_codes(account, now),
            suppression_jobs: JobCounts::of_suppressions(account, now),
        }
    }
}

impl<T> First<T> {
    fn of<'a, U: 'a>(mut all: impl Iterator<Item = &'a U>, row: impl Fn(&U) -> T) -> Self {
        let first = all.by_ref().take(FIRST).map(row).collect();
        Self {
            first,
            more: all.count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_things_are_counted_beyond_the_first() {
        let all: Vec<usize> = (0..FIRST + 7).collect();
        let first = First::of(all.iter(), |it| *it);
        assert_eq!((first.first.len(), first.more), (FIRST, 7));
        assert_eq!(First::of(all.iter().take(2), |it| *it).more, 0);
    }
}
