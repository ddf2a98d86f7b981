//! The requests that were answered, counted.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Utc};
use klaviyo_gen::Operation;
use serde::Serialize;

use crate::callers::Caller;

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
    /// How many came from whom, among those that were believed to come from anybody.
    pub callers: BTreeMap<Caller, u64>,
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
    /// Who sent it, if that was known.
    pub(crate) caller: Option<Caller>,
    pub(crate) status: u16,
    pub(crate) rows: usize,
    pub(crate) bytes: u64,
}

/// A request that has come to its end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted {
    pub(crate) at: DateTime<Utc>,
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) caller: Option<Caller>,
    pub(crate) status: u16,
    pub(crate) rows: usize,
    pub(crate) bytes: u64,
    /// The XXH3 of its body, if that went down the sink.
    pub(crate) hash: u64,
}

/// All requests so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    by_operation: BTreeMap<String, Requests>,
    latest: VecDeque<Record>,
    counted: u64,
}

impl Tally {
    pub(crate) fn count(&mut self, request: Counted) {
        let Counted {
            at,
            caller,
            status,
            rows,
            bytes,
            ..
        } = request;
        let operation = request.operation.map_or(NO_OPERATION, |it| it.id);
        let requests = self.by_operation.entry(operation.to_owned()).or_default();
        self.counted += 1;
        requests.total += 1;
        *requests.statuses.entry(status).or_default() += 1;
        requests.rows += rows as u64;
        requests.bytes += bytes;
        requests.hash = requests.hash.wrapping_add(request.hash);
        if let Some(caller) = caller {
            *requests.callers.entry(caller).or_default() += 1;
        }
        if self.latest.len() == REMEMBERED {
            self.latest.pop_front();
        }
        self.latest.push_back(Record {
            at,
            operation,
            caller,
            status,
            rows,
            bytes,
        });
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

    fn request(status: u16) -> Counted {
        Counted {
            at: DateTime::UNIX_EPOCH,
            operation: Some(&GET_PROFILES),
            caller: Some(Caller::App),
            status,
            rows: 1,
            bytes: 10,
            hash: 0,
        }
    }

    #[test]
    fn the_latest_requests_are_remembered_and_all_are_counted() {
        let mut tally = Tally::default();
        let more = 5;
        for number in 0..REMEMBERED + more {
            let status = if number < 3 { 429 } else { 200 };
            tally.count(request(status));
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
        assert_eq!(requests.callers, BTreeMap::from([(Caller::App, 1005)]));
        assert_eq!(tally.latest().count(), REMEMBERED);
        assert!(tally.latest().all(|record| record.status == 200));
    }

    #[test]
    fn failures_are_numbered_and_the_newest_comes_first() {
        let mut tally = Tally::default();
        for status in [200, 429, 202, 0, 503, 201] {
            tally.count(request(status));
        }
        let failures: Vec<_> = tally
            .latest_failures()
            .map(|(number, record)| (number, record.status))
            .collect();
        assert_eq!(failures, [(4, 503), (3, 0), (1, 429)]);
    }
}
