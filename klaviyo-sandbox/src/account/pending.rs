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

/// All that waits, the earliest first: everything takes equally long.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Pending(VecDeque<(DateTime<Utc>, Work)>);

impl Pending {
    pub(crate) fn push(&mut self, due: DateTime<Utc>, work: Work) {
        self.0.push_back((due, work));
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
