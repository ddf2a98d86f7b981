//! What Klaviyo's specification says, as Rust: the operation table, and (by feature) the typed client.
mod operation;
#[cfg(feature = "schema")]
pub mod schema;

#[cfg(feature = "typed")]
mod alternatives;
#[cfg(feature = "typed")]
mod answer;
#[cfg(feature = "typed")]
mod client;
#[cfg(feature = "typed")]
mod error;
#[cfg(feature = "typed")]
mod execute;
#[cfg(feature = "typed")]
mod file;
#[cfg(feature = "typed")]
mod lenient;
#[cfg(feature = "typed")]
mod patch;
#[cfg(feature = "typed")]
mod request;
#[cfg(feature = "typed")]
mod scalar;
#[cfg(feature = "typed")]
mod texts;
#[cfg(feature = "typed")]
mod values;

/// Written by `klaviyo-generator`; never edited by hand, nor formatted anew.
mod generated {
    #[cfg(feature = "typed")]
    #[rustfmt::skip]
    pub(crate) mod client;
    #[rustfmt::skip]
    pub(crate) mod fields;
    #[rustfmt::skip]
    pub mod operations;
    #[rustfmt::skip]
    pub(crate) mod parameters;
    #[rustfmt::skip]
    pub(crate) mod shapes;
}

pub use generated::fields::{FIELD_LIMITS, MAX_REQUEST_BYTES};
pub use generated::operations::{self, OPERATIONS, REVISION};
pub use operation::*;

#[cfg(feature = "typed")]
pub use {
    answer::Answer,
    client::Client,
    error::{ApiError, Error, ErrorSource, KEPT_BODY, Refusal, Unreadable},
    execute::{BoxError, Execute, Execution},
    file::File,
    generated::client::{operations as parameters, types},
    patch::Patch,
    scalar::Scalar,
    values::Values,
};

/// An object with any fields.
#[cfg(feature = "typed")]
pub type JsonObject = serde_json::Map<String, serde_json::Value>;

/// The operation of that name, be it its `operationId` or an earlier name of it.
#[must_use]
pub fn find(id_or_alias: &str) -> Option<&'static Operation> {
    let by_id = OPERATIONS.binary_search_by_key(&id_or_alias, |operation| operation.id);
    if let Ok(index) = by_id {
        return Some(OPERATIONS[index]);
    }
    let aliases = operations::ALIASES;
    let by_alias = aliases.binary_search_by_key(&id_or_alias, |(alias, _)| alias);
    by_alias.ok().map(|index| aliases[index].1)
}
