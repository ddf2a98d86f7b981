//! What a refused batch (400 or 413) was refused for: rows, the request, or nobody says. Pure.

use std::ops::Range;

use klaviyo_gen::Operation;

use crate::chunk::Batch;
use crate::error::Error;
use crate::pointer::{Meant, locate};
use crate::report::Cause;

/// What a refused batch was refused for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// These items, each for its cause; the others may be sent again.
    Rows(Vec<(Range<usize>, Cause)>),
    /// The request itself; no batch like it can succeed.
    Request(Cause),
    /// Nobody says.
    Unlocated(Cause),
}

/// Reads a refusal.
pub(super) fn read_refusal(operation: &Operation, error: &Error, batch: &Batch) -> Refusal {
    let whole = Cause::of_error(error);
    let (Error::Api(api), Some(items)) = (error, operation.caps.and_then(|caps| caps.items)) else {
        return Refusal::Unlocated(whole);
    };
    if api.status != 400 {
        return Refusal::Unlocated(whole);
    }
    let mut rows = Vec::new();
    for object in &api.errors {
        match locate(items, &object.source.pointer, batch) {
            Meant::Items(range) => rows.push((range, Cause::of_object(object))),
            Meant::Request => return Refusal::Request(Cause::of_object(object)),
            Meant::Nothing if !object.source.parameter.is_empty() => {
                return Refusal::Request(Cause::of_object(object));
            }
            Meant::Nothing => {}
        }
    }
    if rows.is_empty() {
        Refusal::Unlocated(whole)
    } else {
        Refusal::Rows(rows)
    }
}
