//! What a call of the typed client gives back.

use std::ops::Deref;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

/// Klaviyo's answer to an accepted request. It can be used as the value that it holds.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Answer<T> {
    /// The status.
    pub status: StatusCode,
    /// All headers, `RateLimit-*` among them.
    pub headers: HeaderMap,
    /// The body as it came, with the fields that this revision does not know.
    pub body: Bytes,
    /// The body, read.
    pub value: T,
}

impl<T> Answer<T> {
    /// The value alone.
    pub fn into_value(self) -> T {
        self.value
    }
}

impl<T> Deref for Answer<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
