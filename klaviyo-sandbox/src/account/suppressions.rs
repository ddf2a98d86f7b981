//! Bulk suppressions: which e-mail addresses, and how many were changed.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Account;
use super::identifier::Identifier;
use super::jobs::{Job, Pace};
use super::lists::Lists;
use super::pending::Work;
use super::profile::ProfileChange;
use super::profiles::{Profiles, Slot};
use super::segments::Segments;
use super::subscriptions::SuppressionReason;

/// What a job does to its profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Direction {
    Suppress,
    Unsuppress,
}

/// Whom a job is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Target {
    Emails(Vec<String>),
    /// Whoever is on the list when the job does its work.
    List(String),
    /// Whoever is in the segment when the job does its work.
    Segment(String),
}

/// The work of a bulk suppression, or of its opposite.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Suppressing {
    pub(crate) direction: Direction,
    pub(crate) target: Target,
    pub(crate) total: usize,
    /// Profiles that were changed.
    pub(crate) completed: usize,
    /// Profiles and addresses with which there was nothing to do.
    pub(crate) skipped: usize,
}

impl Account {
    /// Starts a job.
    pub(crate) fn start_suppression(
        &mut self,
        direction: Direction,
        target: Target,
        pace: Pace,
        now: DateTime<Utc>,
    ) -> &Job<Suppressing> {
        let total = match &target {
            Target::Emails(emails) => emails.len(),
            group => members(group, &self.lists, &self.segments).len(),
        };
        let work = Suppressing {
            direction,
            target,
            total,
            completed: 0,
            skipped: 0,
        };
        let job = self.suppressions.create(work, pace, now);
        self.pending.push(job.ends, Work::Suppress);
        job
    }

    /// Suppresses the profile with an address, for whatever reason; it is created if there is none.
    pub(crate) fn suppress(&mut self, email: &str, reason: SuppressionReason, now: DateTime<Utc>) {
        let known = self.profiles.slot(Identifier::Email, email);
        let slot = known.unwrap_or_else(|| create(&mut self.profiles, email, now));
        let profile = self.profiles.get_mut(slot);
        profile.subscriptions_mut().suppress(reason, now);
    }
}

/// What a suppression reads and writes.
pub(super) struct Suppressor<'a> {
    pub(super) profiles: &'a mut Profiles,
    pub(super) lists: &'a Lists,
    pub(super) segments: &'a Segments,
}

impl Suppressor<'_> {
    /// Does the work of a job whose end has come.
    pub(super) fn run(&mut self, job: &mut Job<Suppressing>) {
        let (now, work) = (job.ends, &mut job.work);
        let slots = match &work.target {
            Target::Emails(emails) => self.owners(emails, work.direction, now),
            group => {
                let members = members(group, self.lists, self.segments);
                work.total = members.len();
                members
            }
        };
        let changed = slots
            .into_iter()
            .filter(|slot| self.change(*slot, work.direction, now));
        work.completed = changed.count();
        work.skipped = work.total - work.completed;
    }

    /// Suppresses a profile, or the opposite; says whether that changed anything.
    fn change(&mut self, slot: Slot, direction: Direction, now: DateTime<Utc>) -> bool {
        let profile = self.profiles.get_mut(slot);
        // Only addresses are suppressed.
        if profile.email().is_none() {
            return false;
        }
        let reason = SuppressionReason::UserSuppressed;
        match direction {
            Direction::Suppress => profile.subscriptions_mut().suppress(reason, now),
            Direction::Unsuppress => profile.subscriptions_mut().unsuppress(reason),
        }
    }

    /// The profiles with these addresses. To be suppressed, one that is not there is created.
    fn owners(&mut self, emails: &[String], direction: Direction, now: DateTime<Utc>) -> Vec<Slot> {
        let owner = |email: &String| {
            let known = self.profiles.slot(Identifier::Email, email);
            known.or_else(|| {
                (direction == Direction::Suppress).then(|| create(self.profiles, email, now))
            })
        };
        emails.iter().filter_map(owner).collect()
    }
}

/// A profile of which nothing is known but its address.
fn create(profiles: &mut Profiles, email: &str, now: DateTime<Utc>) -> Slot {
    let mut change = ProfileChange::default();
    change
        .identifiers
        .set(Identifier::Email, Some(email.into()));
    profiles.create(change, now)
}

/// Who is on a list or in a segment.
fn members(group: &Target, lists: &Lists, segments: &Segments) -> Vec<Slot> {
    let members = match group {
        Target::Emails(_) => None,
        Target::List(id) => lists.get(id).map(|list| &list.members),
        Target::Segment(id) => segments.get(id).map(|segment| &segment.members),
    };
    members
        .into_iter()
        .flat_map(|members| members.keys().copied())
        .collect()
}
