//! What the operation table says of the jobs that a bulk operation begins.

use klaviyo_gen::{ItemErrors, Operation, find};

/// The jobs of a bulk operation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// Reads one of them.
    pub(super) read: &'static Operation,
    /// Lists them.
    pub(super) listing: Option<&'static Operation>,
    /// Where their errors are found.
    pub(super) errors: ItemErrors,
    /// Where the items stood in the request, as errors point to them.
    pub(super) items: &'static str,
    /// Most of them that may be unfinished at once.
    pub(crate) most_unfinished: Option<usize>,
    /// Whether they can stay unfinished for hours after they took effect.
    pub(crate) long: bool,
}

impl Kind {
    /// `None` when the operation begins no jobs.
    pub(crate) fn of(operation: &Operation) -> Option<Self> {
        let caps = operation.caps?;
        Some(Kind {
            read: find(caps.job?)?,
            listing: caps.job_listing.and_then(find),
            errors: caps.item_errors,
            items: caps.items.unwrap_or(""),
            most_unfinished: caps.max_jobs_in_progress.map(|most| most as usize),
            long: caps.long_jobs,
        })
    }
}
