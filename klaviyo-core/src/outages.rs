//! Batches that Klaviyo did not answer usefully, through all attempts.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::Error;

/// What a run knows of such batches.
#[derive(Debug, Default)]
pub(crate) struct Outages(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    in_a_row: u32,
    /// Whether any other batch has been answered, or might have been if it could be sent again.
    heard: bool,
    last: Option<Error>,
}

impl Outages {
    /// A batch was taken.
    pub(crate) fn over(&self) {
        let mut state = self.state();
        state.in_a_row = 0;
        state.heard = true;
    }

    /// Klaviyo is there, though it refused a batch; or nobody can tell.
    pub(crate) fn heard(&self) {
        self.state().heard = true;
    }

    /// A batch failed; gives how many did in a row.
    pub(crate) fn failed(&self, error: &Error) -> u32 {
        let mut state = self.state();
        state.in_a_row += 1;
        state.last = Some(error.clone());
        state.in_a_row
    }

    /// Why not a single batch got an answer, if none did.
    pub(crate) fn throughout(&self) -> Option<Error> {
        let state = self.state();
        state.last.clone().filter(|_| !state.heard)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
