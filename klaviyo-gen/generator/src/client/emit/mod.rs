//! Prints the model as Rust.

mod alternatives;
mod cases;
mod conditions;
mod describe;
mod files;
mod objects;
mod operations;
mod parameters;
mod texts;
mod tokens;
mod types;

pub(super) use cases::cases;
pub(super) use describe::Places;
pub(super) use files::File;
pub(super) use operations::operations;
pub(super) use types::types;

use quote::quote;

/// The file that holds the others.
pub(super) fn root() -> File {
    let head = quote! {
        #![doc = " The typed client: the types of all bodies, and a method for each operation."]
        pub mod operations;
        pub mod types;
    };
    File {
        path: "mod.rs".into(),
        head,
        items: Vec::new(),
    }
}
