//! How long something is tried that mostly, but not always, is worth it.

/// So many failures one after the other, and it is left alone for a while.
const PATIENCE: u32 = 4;
/// For so many rows.
const PAUSE: u32 = 256;

/// What is left of it.
#[derive(Debug, Default)]
pub(super) struct Patience {
    /// How often it failed since it last was worth it.
    misses: u32,
    /// For how many rows it is left alone.
    pause: u32,
}

impl Patience {
    /// Whether it is to be tried for the row at hand; to be asked once a row.
    #[inline]
    pub(super) fn is_left(&mut self) -> bool {
        let is_left = self.pause == 0;
        self.pause = self.pause.saturating_sub(1);
        is_left
    }

    /// Takes in whether it was worth it.
    #[inline]
    pub(super) fn note(&mut self, was_worth_it: bool) {
        if was_worth_it {
            self.misses = 0;
            return;
        }
        self.misses += 1;
        if self.misses == PATIENCE {
            self.misses = 0;
            self.pause = PAUSE;
        }
    }
}
