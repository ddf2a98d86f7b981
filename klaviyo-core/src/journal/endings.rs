//! Ends of rows as a journal writes them: rows that ended alike together, without their items.

use super::Rows;
use crate::outcome::Outcome;
use crate::report::{Cause, RowFailure};

/// Rows that ended alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) rows: Rows,
    pub(crate) outcome: Outcome,
    /// `None` for rows that got through.
    pub(crate) reason: Option<Cause>,
}

impl Ending {
    /// Adds a failure to those before it: to the last ending if it ended alike and comes behind it.
    pub(crate) fn add(endings: &mut Vec<Ending>, failure: &RowFailure) {
        match endings.last_mut() {
            Some(last) if last.takes(failure) => last.rows.push(failure.row),
            _ => endings.push(Ending {
                rows: std::iter::once(failure.row).collect(),
                outcome: failure.outcome,
                reason: Some(Cause {
                    code: failure.code.clone(),
                    detail: failure.detail.clone(),
                    pointer: failure.pointer.clone(),
                }),
            }),
        }
    }

    fn takes(&self, failure: &RowFailure) -> bool {
        let alike = self.reason.as_ref().is_some_and(|reason| {
            reason.code == failure.code
                && reason.detail == failure.detail
                && reason.pointer == failure.pointer
        });
        alike && self.outcome == failure.outcome && self.rows.last() < Some(failure.row)
    }
}
