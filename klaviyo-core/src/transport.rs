//! One attempt of one request over HTTP. Nothing here waits, repeats or decides.
mod http_transport;
mod origin;

use std::fmt;

use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use klaviyo_gen::Operation;

pub(crate) use http_transport::revision;
pub use http_transport::{HttpOptions, HttpTransport};
pub use origin::Origin;

/// The header that says which revision of the API is meant.
pub(crate) const REVISION: HeaderName = HeaderName::from_static("revision");

/// A request, ready to be sent any number of times.
#[derive(Clone)]
pub struct Request {
    /// The operation that it is a request of.
    pub operation: &'static Operation,
    /// Path and query, percent-encoded, beginning with `/`.
    pub target: String,
    /// Headers beside those that every request has, or instead of them. `Content-Type` need not be
    /// here unless it says more than the operation's media type.
    pub headers: HeaderMap,
    /// The body, in the operation's media type; empty when it takes none.
    pub body: Bytes,
    /// Longest time for an attempt, if not the transport's own.
    pub timeout: Option<Duration>,
}

impl fmt::Debug for Request {
    /// Without query, headers and body: they hold customers' data.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Request")
            .field("operation", &self.operation.id)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Request {
    /// A request with no headers of its own.
    #[must_use]
    pub fn new(operation: &'static Operation, target: String, body: Bytes) -> Self {
        Request {
            operation,
            target,
            headers: HeaderMap::new(),
            body,
            timeout: None,
        }
    }

    /// A copy that shows this to be let in, and asks for this revision if it asks for none; the body
    /// is shared.
    pub(crate) fn with_headers(
        &self,
        authorization: Option<&HeaderValue>,
        revision: Option<&HeaderValue>,
    ) -> Self {
        let mut request = self.clone();
        if let Some(authorization) = authorization {
            request.headers.insert(AUTHORIZATION, authorization.clone());
        }
        if let Some(revision) = revision {
            let revision = revision.clone();
            request.headers.entry(REVISION).or_insert(revision);
        }
        request
    }
}

/// A whole answer.
#[derive(Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, complete.
    pub body: Bytes,
}

impl fmt::Debug for Response {
    /// Without the body: it holds customers' data.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Response")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("bytes", &self.body.len())
            .finish()
    }
}

/// Why there was no whole answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breakage {
    /// No connection came about, so the request certainly had no effect.
    Connect,
    /// The answer did not come in time; the request may have had its effect.
    Timeout,
    /// The connection broke; the request may have had its effect.
    Broken,
}

/// An attempt that got no whole answer.
#[derive(Debug, Clone)]
pub struct TransportError {
    /// What broke.
    pub breakage: Breakage,
    /// The cause, in the words of the library that met it. Holds no body and no key.
    pub message: String,
}

impl fmt::Display for TransportError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.breakage {
            Breakage::Connect => "no connection",
            Breakage::Timeout => "no answer in time",
            Breakage::Broken => "the connection broke",
        };
        write!(formatter, "{what}: {}", self.message)
    }
}

impl std::error::Error for TransportError {}

/// Makes one attempt. Behind a trait so that tests can answer from memory.
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends the request once and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// When there is no whole answer.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>>;
}
