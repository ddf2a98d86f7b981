//! The requests that were answered, counted.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Utc};
use klaviyo_gen::Operation;
use serde::Serialize;

/// How many of the latest requests are remembered one by one.
const REMEMBERED: usize = 1000;

/// What requests to no operation are counted under.
const NO_OPERATION: &str = "none";

/// The requests to one operation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Requests {
    /// All of them, however they were answered.
    pub total: u64,
    /// How many were answered with which HTTP status; 0 stands for a connection that was cut.
    pub statuses: BTreeMap<u16, u64>,
    /// Rows in the bodies of those that were taken.
    pub rows: u64,
    /// Bytes of the bodies that were read.
    pub bytes: u64,
    /// The XXH3s of the bodies that went down the sink, added up modulo 2⁶⁴, so that their order is of
    /// no account; 0 without a sink.
    pub hash: u64,
}

impl Requests {
    /// How many were answered with an HTTP status.
    #[must_use]
    pub fn answered(&self, status: u16) -> u64 {
        self.statuses.get(&status).copied().unwrap_or_default()
    }
}

/// A request that was answered. Never what it carried: bodies are customers' data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Record {
    pub(crate) at: DateTime<Utc>,
    pub(crate) operation: &'static str,
    pub(crate) status: u16,
    pub(crate) rows: usize,
    pub(crate) bytes: u64,
}

/// All requests so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    by_operation: BTreeMap<String, Requests>,
    latest: VecDeque<Record>,
    counted: u64,
}

impl Tally {
    pub(crate) fn count(
        &mut self,
        operation: Option<&'static Operation>,
        status: u16,
        rows: usize,
        bytes: u64,
        now: DateTime<Utc>,
    ) {
        let operation = operation.map_or(NO_OPERATION, |operation| operation.id);
        let requests = self.by_operation.entry(operation.to_owned()).or_default();
        self.counted += 1;
        requests.total += 1;
        *requests.statuses.entry(status).or_default() += 1;
        requests.rows += rows as u64;
        requests.bytes += bytes;
        if self.latest.len() == REMEMBERED {
            self.latest.pop_front();
        }
        self.latest.push_back(Record {
            at: now,
            operation,
            status,
            rows,
            bytes,
        });
    }

    /// Adds the hash of a body of a request that was counted.
    pub(crate) fn add_hash(&mut self, operation: Option<&'static Operation>, hash: u64) {
        let requests = operation.and_then(|operation| self.by_operation.get_mut(operation.id));
        if let Some(requests) = requests {
            requests.hash = requests.hash.wrapping_add(hash);
        }
    }

    pub(crate) fn by_operation(&self) -> &BTreeMap<String, Requests> {
        &self.by_operation
    }

    /// The latest requests, the newest last.
    pub(crate) fn latest(&self) -> impl Iterator<Item = &Record> {
        self.latest.iter()
    }

    /// Those of the latest that were refused, failed or cut, the newest first, each with its number
    /// among all requests.
    pub(crate) fn latest_failures(&self) -> impl Iterator<Item = (u64, &Record)> {
        (0..self.counted)
            .rev()
            .zip(self.latest.iter().rev())
            .filter(|(_, record)| record.status == 0 || record.status >= 400)
    }
}

#[cfg(test)]
mod tests {
    use klaviyo_gen::operations::GET_PROFILES;

    use super::*;

    #[test]
    fn the_latest_requests_are_remembered_and_all_are_counted() {
        let mut tally = Tally::default();
        let more = 5;
        for number in 0..REMEMBERED + more {
            tally.count(
                Some(&GET_PROFILES),
                if number < 3 { 429 } else { 200 },
                1,
                10,
                DateTime::UNIX_EPOCH,
            );
        }
        let requests = &tally.by_operation()["get_profiles"];
        assert_eq!(
            (
                requests.total,
                requests.answered(429),
                requests.answered(500)
            ),
            (1005, 3, 0)
        );
        assert_eq!((requests.rows, requests.bytes), (1005, 10_050));
        assert_eq!(tally.latest().count(), REMEMBERED);
        assert!(tally.latest().all(|record| record.status == 200));
    }

    #[test]
    fn failures_are_numbered_and_the_newest_comes_first() {
        let mut tally = Tally::default();
        for status in [200, 429, 202, 0, 503, 201] {
            tally.count(Some(&GET_PROFILES), status, 0, 0, DateTime::UNIX_EPOCH);
        }
        let failures: Vec<_> = tally
            .latest_failures()
            .map(|(number, record)| (number, record.status))
            .collect();
        assert_eq!(failures, [(4, 503), (3, 0), (1, 429)]);
    }
}
