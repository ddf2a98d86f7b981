//! What is written by hand of the typed client: what its generated types and methods are made with.

#![cfg_attr(
    not(feature = "full"),
    allow(
        dead_code,
        unused_imports,
        unused_macros,
        reason = "not every tag needs all of it"
    )
)]

pub(crate) mod alternatives;
mod answer;
mod client;
mod error;
mod execute;
pub(crate) mod lenient;
mod patch;
pub(crate) mod request;
mod scalar;
pub(crate) mod texts;
mod values;

pub use answer::Answer;
pub use client::Client;
pub use error::{ApiError, Error, ErrorSource, KEPT_BODY, Refusal, Unreadable};
pub use execute::{BoxError, Execute, Execution};
pub use patch::Patch;
pub use scalar::Scalar;
pub use values::Values;

/// An object with any fields.
pub type JsonObject = serde_json::Map<String, serde_json::Value>;
