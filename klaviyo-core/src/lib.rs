//! Moves millions of rows into Klaviyo as fast as the account's limits allow, with a known end for
//! every row.
//!
//! ```text
//! source → encode (one row → one item's bytes) → chunk (items → batch under every cap)
//!        → limit (permission for one request) → transport (HTTP, one attempt)
//!        → classify (done | again after a wait | split | fail)
//!        → jobs (poll to the end, all pages of errors) → one outcome per row → report
//! ```
//!
//! Everything is bounded: a slow end stops the reading of the source, and memory does not grow with
//! the number of rows (`examples/memory.rs` measures it).
//!
//! With [`tracing`](https://docs.rs/tracing), a run is a span `run` (info), with a span `batch` for each
//! batch and a span `attempt` for each attempt (debug). Events say when a run begins, ends or stops, what
//! is sent again, why and after which wait, what the limits hold up, which batches are parted, and how
//! jobs do: each attempt and job at debug, what goes as it should at info, what does not at warn, what
//! stops a run at error. Never a body, a key or a row, nor what Klaviyo said of one.
//!
//! [`Run::gauge`] tells how far a run has come, [`bulk::BulkCall::progress`] calls somebody who wants to
//! know.
//!
//! Here against the Klaviyo of `klaviyo-sandbox`, on this machine; on a real account, begin with
//! [`Client::from_env`]:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use klaviyo_core::{Client, ClientOptions};
//! use serde_json::json;
//!
//! let sandbox = klaviyo_sandbox::Sandbox::start().await?;
//! let client = Client::new(ClientOptions {
//!     base_url: sandbox.url().to_owned(),
//!     ..ClientOptions::new(sandbox.key())
//! })?;
//!
//! let rows = [
//!     json!({"email": "ada@shop.example", "properties.ltv": 12.5}),
//!     json!({"email": "not an address"}),
//! ];
//! let report = client.bulk().import_profiles(rows).run().await?;
//! assert_eq!((report.counts.completed, report.counts.rejected), (1, 1));
//!
//! for failure in &report.failures {
//!     let failure = failure?;
//!     println!("row {}: {} {}", failure.row, failure.code, failure.detail);
//! }
//! # Ok(())
//! # }
//! ```

pub mod actions;
pub mod api_error;
pub mod auth;
pub mod bulk;
mod call;
pub mod chunk;
mod circle;
pub mod classify;
pub mod client;
pub mod clock;
pub mod encode;
pub mod error;
pub mod exchange;
pub mod jobs;
#[cfg_attr(
    not(feature = "journal"),
    allow(dead_code, reason = "only a journal reads what runs write down")
)]
pub mod journal;
pub mod limit;
pub mod meter;
pub mod options;
mod outages;
pub mod outcome;
pub mod pages;
mod pointer;
pub mod progress;
#[cfg(feature = "raw")]
mod raw;
mod record;
pub mod report;
mod retain;
pub mod retry;
pub mod run;
pub mod secret;
mod shared;
pub mod source;
pub mod stop;
mod target;
#[cfg(test)]
mod testing;
mod trace;
pub mod transport;

pub use api_error::ApiError;
pub use auth::{Credentials, OAuth, Tokens};
pub use bulk::BulkError;
pub use call::Call;
pub use client::{ChangedOptions, Client, ClientOptions};
pub use error::Error;
pub use jobs::{JobHandle, JobHandles};
pub use meter::Usage;
pub use options::RunOptions;
pub use outcome::{Counts, Outcome};
pub use pages::{Page, Pages};
pub use progress::{Gauge, Progress};
pub use report::{Report, RowFailure, RowOutcome, RunError};
pub use run::{Plan, Run};
pub use secret::Secret;
