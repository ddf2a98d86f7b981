//! Makes the document's schemas flat, so that a type can be printed by looking at one schema alone.
//!
//! Each pass takes the schemas and gives them back; none knows a schema by its name. Afterwards
//! every schema is an object whose properties are plain values, arrays or references; or a string
//! with listed values; or one of several such. The passes only move and merge: what a valid value is
//! stays the same, but for the widenings that a pass states.

mod all_of;
mod hoist;
mod linkage;
mod one_of;
mod resources;
#[cfg(test)]
mod tests;

use anyhow::Result;

use super::schema::Schemas;

/// The kind of a value that may be several of text, integer, number and boolean.
pub(super) const SCALAR: &str = "scalar";

/// The schemas, flat, under the names of their Rust types.
pub(super) fn normalise(schemas: Schemas) -> Result<Schemas> {
    let schemas = all_of::fold(schemas);
    let schemas = one_of::simplify(schemas);
    let schemas = linkage::share(schemas);
    let schemas = resources::share(schemas);
    hoist::hoist(schemas)
}
