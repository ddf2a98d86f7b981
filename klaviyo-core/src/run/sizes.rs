//! Which bodies get through: a gateway before Klaviyo may refuse smaller ones than Klaviyo would.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::Error;

/// What the answers of a run say of the sizes of its bodies, in bytes.
#[derive(Debug, Default)]
pub(crate) struct Sizes(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    largest_taken: usize,
    /// The smallest body that was refused as too large (413), and how.
    refused: Option<(usize, Error)>,
}

impl Sizes {
    /// A body of this size was taken.
    pub(super) fn taken(&self, bytes: usize) {
        let mut known = self.known();
        known.largest_taken = known.largest_taken.max(bytes);
    }

    /// A body of this size was refused as too large.
    pub(super) fn refused(&self, bytes: usize, error: &Error) {
        let mut known = self.known();
        let is_news = |(smallest, _): &(usize, Error)| bytes < *smallest;
        if known.refused.as_ref().is_none_or(is_news) {
            known.refused = Some((bytes, error.clone()));
        }
    }

    /// The refusal that a body of this size would surely meet; `None` when it may be taken. Where a
    /// larger body was taken than one that was refused, it was not the size that was at fault.
    pub(super) fn refusal_of(&self, bytes: usize) -> Option<Error> {
        let known = self.known();
        let (smallest, error) = known.refused.as_ref()?;
        let cap_is_known = (1..*smallest).contains(&known.largest_taken);
        (cap_is_known && bytes >= *smallest).then(|| error.clone())
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_refused_is_known_once_something_smaller_was_taken() {
        let sizes = Sizes::default();
        let refuse = |bytes| sizes.refused(bytes, &Error::Configuration(bytes.to_string()));
        let known = |bytes| sizes.refusal_of(bytes).map(|error| error.to_string());
        refuse(5_000);
        assert_eq!(
            known(5_000),
            None,
            "nothing was taken yet: it may be the request"
        );
        sizes.taken(1_250);
        refuse(2_500);
        refuse(4_000);
        assert!(known(2_500).unwrap().contains("2500"));
        assert!(known(5_000).is_some());
        assert_eq!(known(2_499), None);
        sizes.taken(3_000);
        assert_eq!(
            known(5_000),
            None,
            "a larger body than one that was refused was taken"
        );
    }
}
