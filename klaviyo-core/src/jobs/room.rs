//! Room for jobs that are not finished: what keeps a run from beginning more than can be.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use klaviyo_gen::Operation;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::Kind;

/// Unfinished jobs at once that a run waits for, where Klaviyo states no limit. At the fastest pace of
/// imports (2.5 a second) it lets each take three minutes before sending slows down; each holds a few
/// hundred kilobytes beside its items.
const MOST_JOBS: usize = 500;

/// The rooms of a client. Klaviyo counts an account's unfinished jobs together, so all runs of an
/// operation share one room, and take their turns in the order of asking.
///
/// Jobs that nobody waits for have their places until the run that began them has sent its last
/// request. They may be unfinished then: of those, no later run knows here, and Klaviyo refuses what
/// is too much.
#[derive(Debug, Clone, Default)]
pub(crate) struct JobRooms(Arc<Mutex<HashMap<&'static str, Arc<JobRoom>>>>);

/// Room for so many unfinished jobs.
#[derive(Debug)]
pub(crate) struct JobRoom {
    places: Arc<Semaphore>,
    /// Wakes those that look at jobs only when room is short, whoever has taken the last place.
    filled: Notify,
}

impl JobRooms {
    /// The room of a run: as many jobs as Klaviyo allows the account, or as a run that waits for them
    /// can keep; `None` when any number may be unfinished.
    pub(crate) fn of(&self, operation: &Operation, kind: Kind, wait: bool) -> Option<Arc<JobRoom>> {
        let Some(most) = kind.most_unfinished else {
            return wait.then(|| Arc::new(JobRoom::new(MOST_JOBS)));
        };
        let mut rooms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = rooms
            .entry(operation.id)
            .or_insert_with(|| Arc::new(JobRoom::new(most)));
        Some(Arc::clone(room))
    }
}

impl JobRoom {
    pub(super) fn new(places: usize) -> Self {
        JobRoom {
            places: Arc::new(Semaphore::new(places)),
            filled: Notify::new(),
        }
    }

    /// Waits for a place, behind all who waited before.
    pub(crate) async fn enter(&self) -> Option<OwnedSemaphorePermit> {
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        if self.is_full() {
            self.filled.notify_waiters();
        }
        place
    }

    pub(super) fn is_full(&self) -> bool {
        self.places.available_permits() == 0
    }

    /// Ends when no place is left.
    pub(super) async fn filled(&self) {
        // Asked for before the check, so that a place taken between the two is not missed.
        let filled = self.filled.notified();
        if !self.is_full() {
            filled.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use klaviyo_gen::operations::{BULK_CREATE_COUPON_CODES, BULK_IMPORT_PROFILES};

    use super::*;

    #[test]
    fn runs_share_the_room_that_klaviyo_gives_and_have_their_own_for_what_they_keep() {
        let rooms = JobRooms::default();
        let of =
            |operation: &Operation, wait| rooms.of(operation, Kind::of(operation).unwrap(), wait);
        let codes = of(&BULK_CREATE_COUPON_CODES, true).unwrap();
        let other = of(&BULK_CREATE_COUPON_CODES, false).unwrap();
        assert!(Arc::ptr_eq(&codes, &other));
        assert_eq!(codes.places.available_permits(), 100);
        let imports = of(&BULK_IMPORT_PROFILES, true).unwrap();
        let other = of(&BULK_IMPORT_PROFILES, true).unwrap();
        assert!(!Arc::ptr_eq(&imports, &other));
        assert!(of(&BULK_IMPORT_PROFILES, false).is_none());
    }
}
