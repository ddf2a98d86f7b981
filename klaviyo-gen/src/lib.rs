#![doc = include_str!("../README.md")]

#[cfg(feature = "form")]
mod form;
mod operation;
#[cfg(feature = "schema")]
pub mod schema;

#[cfg(feature = "typed")]
mod typed;

/// Written by `klaviyo-generator`; never edited by hand, nor formatted anew.
mod generated {
    #[cfg(feature = "typed")]
    #[rustfmt::skip]
    pub(crate) mod client;
    #[rustfmt::skip]
    pub(crate) mod fields;
    #[rustfmt::skip]
    pub(crate) mod listed;
    #[rustfmt::skip]
    pub mod operations;
    #[rustfmt::skip]
    pub(crate) mod parameters;
    #[rustfmt::skip]
    pub(crate) mod shapes;
}

#[cfg(feature = "form")]
pub use form::{File, Form};
pub use generated::fields::{FIELD_LIMITS, MAX_REQUEST_BYTES};
pub use generated::operations::{self, OPERATIONS, REVISION};
pub use operation::*;

#[cfg(feature = "typed")]
pub use generated::client::{operations as parameters, types};
#[cfg(feature = "typed")]
pub use typed::*;

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
