//! The account's segments. Who is in one is given from outside: the sandbox does not evaluate
//! definitions.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::ids::Ids;
use super::profiles::Slot;

/// A segment and its members.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Segment {
    pub(crate) id: String,
    pub(crate) name: String,
    /// As it came.
    pub(crate) definition: Value,
    pub(crate) is_active: bool,
    pub(crate) is_starred: bool,
    pub(crate) created: DateTime<Utc>,
    pub(crate) updated: DateTime<Utc>,
    /// Who is in it, and since when.
    pub(crate) members: BTreeMap<Slot, DateTime<Utc>>,
}

impl Segment {
    /// Makes these its members; whoever was in it before has been in it since then.
    pub(crate) fn set_members(&mut self, slots: impl Iterator<Item = Slot>, now: DateTime<Utc>) {
        let before = std::mem::take(&mut self.members);
        self.members = slots
            .map(|slot| (slot, before.get(&slot).copied().unwrap_or(now)))
            .collect();
    }
}

/// All segments, in the order of their creation.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Segments {
    ids: Ids,
    created: u64,
    segments: Vec<Segment>,
}

impl Segments {
    pub(crate) fn new(ids: Ids) -> Self {
        Self {
            ids,
            created: 0,
            segments: Vec::new(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Segment> {
        self.segments.iter()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Segment> {
        self.segments.iter().find(|segment| segment.id == id)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Segment> {
        self.segments.iter_mut().find(|segment| segment.id == id)
    }

    /// A segment whose definition names no condition.
    pub(crate) fn create(&mut self, name: &str, now: DateTime<Utc>) -> &mut Segment {
        let position = self.segments.len();
        self.segments.push(Segment {
            id: self.ids.segment(self.created),
            name: name.to_owned(),
            definition: json!({"condition_groups": []}),
            is_active: true,
            is_starred: false,
            created: now,
            updated: now,
            members: BTreeMap::new(),
        });
        self.created += 1;
        &mut self.segments[position]
    }

    /// Deletes a segment; says whether there was one.
    pub(crate) fn delete(&mut self, id: &str) -> bool {
        let before = self.segments.len();
        self.segments.retain(|segment| segment.id != id);
        self.segments.len() < before
    }

    /// The segments that a profile is in.
    pub(crate) fn of(&self, slot: Slot) -> impl Iterator<Item = &Segment> {
        self.segments
            .iter()
            .filter(move |segment| segment.members.contains_key(&slot))
    }

    /// Takes a profile out of every segment.
    pub(crate) fn forget(&mut self, slot: Slot) {
        for segment in &mut self.segments {
            segment.members.remove(&slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_the_moment_they_came() {
        let mut segments = Segments::new(Ids::new(3));
        let later = DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(1);
        let segment = segments.create("VIP", DateTime::UNIX_EPOCH);
        segment.set_members([1, 2].into_iter(), DateTime::UNIX_EPOCH);
        segment.set_members([2, 3].into_iter(), later);
        assert_eq!(
            segment.members,
            BTreeMap::from([(2, DateTime::UNIX_EPOCH), (3, later)])
        );
    }
}
