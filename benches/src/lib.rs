//! What the programs of the comparison that are written in Rust share.

mod bodies;
mod meter;
mod sending;

pub use bodies::{Bodies, Body, MOST_ROWS};
pub use meter::Meter;
pub use sending::{Failure, Given, send, tell};
