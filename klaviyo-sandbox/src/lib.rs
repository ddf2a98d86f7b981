#![doc = include_str!("../README.md")]

mod account;
mod api;
mod beside;
mod clock;
mod faults;
mod inside;
mod limits;
mod oauth;
mod operations;
mod problem;
mod sandbox;
mod serve;
mod service;
mod settings;
mod validate;

pub use account::{
    Channel, ConsentState, Event, Identifier, Profile, Suppression, SuppressionReason,
};
pub use clock::Clock;
pub use faults::{Fault, FaultError, FaultKind};
pub use inside::{
    CatalogState, DroppedEvents, JobCounts, ListState, MetricState, OAuthState, ObjectState,
    Requests, SegmentState, SnapshotError, State,
};
pub use oauth::OnRefresh;
pub use sandbox::{Builder, Sandbox};
pub use settings::{
    Confirmation, JobErrorPointer, OnKnownEvent, OnRepeatedEvent, OnTakenPhoneNumber, Settings,
};
