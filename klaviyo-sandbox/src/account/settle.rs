//! What time brings: jobs that end, and work that was accepted and is due.

use chrono::{DateTime, Utc};

use super::Account;
use super::bulk::{self, BulkKind};
use super::import::Importer;
use super::pending::Work;
use super::suppressions::Suppressor;
use crate::settings::OnTakenPhoneNumber;

impl Account {
    /// Ends the jobs whose end has come, does the work that is due, and lets go of jobs that nobody
    /// can look at any more. Called before every look at
    /// the account, so that no task has to wait for it.
    pub(crate) fn settle(&mut self, taken_phone_number: OnTakenPhoneNumber, now: DateTime<Utc>) {
        self.end_imports(taken_phone_number, now);
        self.work_off(|due| due <= now);
        while let Some(job) = self.bulk_jobs.next_due(now) {
            bulk::run(job, self.ids, |kind, row, ends| match kind {
                BulkKind::Catalog(change, kind) => self.catalog.apply(change, kind, row, ends),
                BulkKind::CouponCodes => self.coupons.create_code(&row, ends),
            });
        }
        self.import_jobs.let_go_of_expired(now);
        self.bulk_jobs.let_go_of_expired(now);
        self.suppressions.let_go_of_expired(now);
    }

    /// Whether there is anything that time has brought.
    pub(crate) fn is_due(&self, now: DateTime<Utc>) -> bool {
        [
            self.import_jobs.next_end(),
            self.bulk_jobs.next_end(),
            self.pending.next_due(),
        ]
        .into_iter()
        .flatten()
        .any(|due| due <= now)
    }

    /// Ends the imports whose end has come, each after the work that was due before it: it may
    /// concern the same profiles.
    fn end_imports(&mut self, taken_phone_number: OnTakenPhoneNumber, now: DateTime<Utc>) {
        while let Some(ends) = self.import_jobs.next_end().filter(|ends| *ends <= now) {
            self.work_off(|due| due < ends);
            let mut importer = Importer {
                profiles: &mut self.profiles,
                lists: &mut self.lists,
                taken_phone_number,
                ids: self.ids,
            };
            if let Some(job) = self.import_jobs.next_due(ends) {
                importer.run(job);
            }
        }
    }

    /// Does the work whose moment is one that is asked for.
    fn work_off(&mut self, is_due: impl Fn(DateTime<Utc>) -> bool) {
        while let Some((due, work)) = self.pending.next_if(&is_due) {
            match work {
                Work::Subscribe(order) => self.subscribe(order, due),
                Work::Unsubscribe(order) => self.unsubscribe(order, due),
                Work::Suppress => self.end_suppression(due),
                Work::Merge {
                    source,
                    destination,
                } => self.merge(&source, &destination, due),
                Work::Delete(change) => self.delete(&change),
                Work::Objects(work) => self.objects.work(work, due),
            }
        }
    }

    fn end_suppression(&mut self, now: DateTime<Utc>) {
        let mut suppressor = Suppressor {
            profiles: &mut self.profiles,
            lists: &self.lists,
            segments: &self.segments,
        };
        if let Some(job) = self.suppressions.next_due(now) {
            suppressor.run(job);
        }
    }
}
