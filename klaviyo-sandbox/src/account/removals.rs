//! Merging profiles and deleting them: everything that knows a profile lets go of it.

use chrono::{DateTime, Utc};

use super::Account;
use super::identifier::Identifier;
use super::profile::ProfileChange;
use super::profiles::Slot;

impl Account {
    /// Makes one profile a part of another, unless one of them is gone by now.
    pub(super) fn merge(&mut self, source: &str, destination: &str, now: DateTime<Utc>) {
        let slot = |id| self.profiles.slot(Identifier::Id, id);
        let (Some(from), Some(to)) = (slot(source), slot(destination)) else {
            return;
        };
        self.lists.hand_over(from, to);
        self.push_tokens.hand_over(from, to);
        self.events.hand_over(from, to);
        self.segments.forget(from);
        if let Some(source) = self.profiles.remove(from) {
            self.profiles.absorb(to, source, now);
        }
    }

    /// Forgets the profile that has an identifier, and what it did.
    pub(super) fn delete(&mut self, change: &ProfileChange) {
        let by_id = change
            .id
            .as_deref()
            .and_then(|id| self.profiles.slot(Identifier::Id, id));
        if let Some(slot) = by_id.or_else(|| self.profiles.any_of(change)) {
            self.forget(slot);
        }
    }

    fn forget(&mut self, slot: Slot) {
        self.lists.forget(slot);
        self.segments.forget(slot);
        self.push_tokens.forget(slot);
        self.events.forget(slot);
        self.profiles.remove(slot);
    }
}
