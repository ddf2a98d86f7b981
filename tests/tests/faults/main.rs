//! What the client reports under faults, beside what the sandbox really holds.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod catalogs;
mod family;
mod objects;
mod one_at_a_time;
mod people;
mod purchases;
mod storm;
