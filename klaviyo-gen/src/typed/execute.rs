//! The one way out of the typed client.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use http::{Request, Response};

use crate::Operation;

/// An error of whoever sends.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What [`Execute::execute`] gives back.
pub type Execution<'a> =
    Pin<Box<dyn Future<Output = Result<Response<Bytes>, BoxError>> + Send + 'a>>;

/// Sends the typed client's requests: every generated method goes through it.
///
/// Whoever implements it knows the base URL and the account, and decides about limits and
/// repeats. The typed client itself opens no connection and needs no runtime.
pub trait Execute: Send + Sync {
    /// Sends one request of `operation` and gives back Klaviyo's answer, whatever its status.
    ///
    /// The request's URI is path and query only. Its headers hold `Accept`, `revision` and, with a
    /// body, `Content-Type`; what identifies the account is left to the implementation. A body is
    /// complete and can be sent again.
    ///
    /// # Errors
    ///
    /// When there is no answer. The error reaches the caller as [`Error::Execute`](crate::Error) and can
    /// be downcast there.
    fn execute<'a>(
        &'a self,
        operation: &'static Operation,
        request: Request<Bytes>,
    ) -> Execution<'a>;
}
