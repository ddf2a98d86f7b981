//! What Klaviyo's specification says, as Rust: the operation table, and (by feature) the typed client.
mod operation;
pub use operation::*;
