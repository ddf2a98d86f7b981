//! What most bodies are: one resource with its attributes.

use serde::Deserialize;

/// A body with one resource.
#[derive(Deserialize)]
pub(super) struct Document<A> {
    pub(super) data: Resource<A>,
}

/// The resource.
#[derive(Deserialize)]
pub(super) struct Resource<A> {
    pub(super) r#type: String,
    pub(super) id: Option<String>,
    pub(super) attributes: A,
}
