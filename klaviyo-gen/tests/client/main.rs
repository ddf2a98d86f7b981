//! Every operation of the typed client, held against the vendored document.
//!
//! For each operation there is a generated test (`cases`), which calls it with sampled arguments. What
//! it sends must be what the document demands, and what the document promises in return must be read
//! without loss; so must what Klaviyo returns beyond the promise.

mod check;
mod document;
mod multipart;
mod recorder;
mod refusals;
mod requests;
mod sample;

#[rustfmt::skip]
#[path = "../../src/generated/client/cases/mod.rs"]
mod cases;
