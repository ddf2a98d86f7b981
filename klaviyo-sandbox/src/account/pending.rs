//! Work that was accepted and takes its time: subscribing, suppressing, merging, deleting, mapping
//! records.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::consents::{Subscribing, Unsubscribing};
use super::objects::ObjectWork;
use super::profile::ProfileChange;

/// Work that waits for its time.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Work {
    Subscribe(Subscribing),
    Unsubscribe(Unsubscribing),
    /// End the next suppression job.
    Suppress,
    /// The ids of a profile and of the one that it becomes a part of.
    Merge {
        source: String,
        destination: String,
    },
    /// Forget the profile that has this identifier.
    Delete(ProfileChange),
    Objects(ObjectWork),
}

/// All that waits, the earliest first. What a snapshot brings may take another time than what comes
/// after it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Pending(VecDeque<(DateTime<Utc>, Work)>);

impl Pending {
    pub(crate) fn push(&mut self, due: DateTime<Utc>, work: Work) {
        let place = self.0.partition_point(|(other, _)| *other <= due);
        self.0.insert(place, (due, work));
    }

    /// When the next is due.
    pub(crate) fn next_due(&self) -> Option<DateTime<Utc>> {
        self.0.front().map(|(due, _)| *due)
    }

    /// The next, if its moment is one that is asked for.
    pub(crate) fn next_if(
        &mut self,
        is_due: impl FnOnce(DateTime<Utc>) -> bool,
    ) -> Option<(DateTime<Utc>, Work)> {
        let (due, _) = self.0.front()?;
        is_due(*due).then(|| self.0.pop_front()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_earlier_comes_first() {
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        let mut pending = Pending::default();
        for second in [3600, 1, 1] {
            pending.push(at(second), Work::Suppress);
        }
        let dues: Vec<_> =
            std::iter::from_fn(|| pending.next_if(|_| true).map(|(due, _)| due)).collect();
        assert_eq!(dues, [at(1), at(1), at(3600)]);
    }
}
