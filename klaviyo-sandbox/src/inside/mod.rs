//! A look inside: what the sandbox holds and what it was asked, for tests and people.

mod elsewhere;
mod fields;
mod given;
mod live;
mod neighbours;
mod page;
mod routes;
pub(crate) mod snapshot;
mod state;
mod tally;
mod told;
mod view;

pub(crate) use routes::routes;
pub use snapshot::SnapshotError;
pub use state::{
    CatalogState, DroppedEvents, JobCounts, ListState, MetricState, OAuthState, ObjectState,
    SegmentState, State,
};
pub use tally::Requests;
pub(crate) use tally::{Counted, Tally};
