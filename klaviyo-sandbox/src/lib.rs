#![doc = include_str!("../README.md")]

mod account;
mod api;
mod beside;
mod callers;
mod clock;
mod faults;
mod inside;
mod limits;
mod nearest;
mod oauth;
mod operations;
mod panics;
mod problem;
mod sandbox;
mod serve;
mod service;
mod settings;
mod validate;

pub use account::{
    Channel, ConsentState, Event, Identifier, Profile, Suppression, SuppressionReason,
};
pub use callers::Caller;
pub use clock::Clock;
pub use faults::{Fault, FaultError, FaultKind};
pub use inside::{
    CatalogState, DroppedEvents, JobCounts, ListState, MetricState, OAuthState, ObjectState,
    Requests, SegmentState, SnapshotError, State,
};
pub use oauth::OnRefresh;
pub use sandbox::{Builder, Sandbox};
pub use settings::{
    Confirmation, JobErrorPointer, NamedSetting, OnCompressedBody, OnKnownEvent, OnOversizedBody,
    OnRepeatedEvent, OnTakenPhoneNumber, SettingError, Settings, Takes, UnauthorizedCode,
};
