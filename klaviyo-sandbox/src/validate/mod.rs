//! Whether what a body says can be taken, and where it cannot.
//!
//! Whole bodies are checked against the document's definitions, bulk items against the operation table;
//! the rules beside them (identifiers, addresses, times, sizes) stand here, with their figures from
//! the table's field limits.

mod definition;
mod event;
mod integers;
mod nesting;
mod pointer;
mod profile;
mod properties;
mod shape;

pub(crate) use definition::{definition, fits};
pub(crate) use event::event;
pub(crate) use integers::integers;
pub(crate) use nesting::nesting;
pub(crate) use pointer::Pointer;
pub(crate) use profile::{at_least_one_identifier, email, profile};
pub(crate) use shape::{field, shape};
