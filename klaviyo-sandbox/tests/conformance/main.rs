//! The behaviour of the sandbox over HTTP, each stated once, with the fact about Klaviyo it rests on.
//!
//! Sources: *docs* is Klaviyo's documentation, *live* what was seen in recorded answers, *spec* the
//! OpenAPI document; *chosen* marks what nobody could verify and is a documented choice.

#![allow(
    clippy::unwrap_used,
    reason = "a test that finds nothing should fail where it looks"
)]

mod desk;
mod document;

mod accounts;
mod authentication;
mod bodies;
mod bulk_events;
mod bulk_import;
mod bulk_jobs;
mod catalog;
mod client;
mod coupons;
mod details;
mod events;
mod every_operation;
mod faults;
mod fields;
mod filters;
mod images;
mod import_jobs;
mod inside;
mod lifecycle;
mod limits;
mod lists;
mod oauth;
mod object_relationships;
mod objects;
mod open_questions;
mod pages;
mod profiles;
mod push_tokens;
mod removals;
mod revision;
mod segments;
mod sink;
mod snapshot;
mod sorting;
mod subscriptions;
mod suppressions;
mod tags;
mod unmodelled;
