//! Why a call of the typed client failed.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::typed::execute::BoxError;
use crate::{JsonObject, Operation};

/// How much of a body that is not as expected an error keeps, in bytes.
pub const KEPT_BODY: usize = 2048;

/// Why a call failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A path parameter has a value that would lead to another path: it is empty, `.` or `..`. Nothing
    /// was sent.
    Path {
        /// The parameter's name.
        parameter: &'static str,
    },
    /// The request could not be written. Nothing was sent.
    Request(BoxError),
    /// There is no answer: what [`Execute`](crate::Execute) says of it.
    Execute(BoxError),
    /// Klaviyo refused the request.
    Refused(Box<Refusal>),
    /// Klaviyo accepted the request, and its answer is not what the document promises.
    Unreadable(Box<Unreadable>),
}

/// Klaviyo's answer to a request that it refused.
#[derive(Debug)]
#[non_exhaustive]
pub struct Refusal {
    /// The operation.
    pub operation: &'static Operation,
    /// The status.
    pub status: StatusCode,
    /// All headers, `Retry-After` and `RateLimit-*` among them.
    pub headers: HeaderMap,
    /// What Klaviyo says is wrong; empty when the body is not JSON:API, such as a gateway's page.
    pub errors: Vec<ApiError>,
    /// The first [`KEPT_BODY`] bytes of the body when there are no errors; empty otherwise.
    pub body: String,
}

/// An answer to an accepted request that could not be read.
#[derive(Debug)]
#[non_exhaustive]
pub struct Unreadable {
    /// The operation.
    pub operation: &'static Operation,
    /// The status.
    pub status: StatusCode,
    /// All headers.
    pub headers: HeaderMap,
    /// The first [`KEPT_BODY`] bytes of the body.
    pub body: String,
    /// What does not fit.
    pub source: serde_json::Error,
}

/// One error of a JSON:API answer. Anything in it may be missing.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ApiError {
    /// Klaviyo's name for this occurrence.
    pub id: Option<String>,
    /// What kind of error it is, for example `invalid` or `duplicate_profile`.
    pub code: Option<String>,
    /// The kind of error in words.
    pub title: Option<String>,
    /// What is wrong in this request.
    pub detail: Option<String>,
    /// Where in the request.
    pub source: Option<ErrorSource>,
    /// Further facts, for example `duplicate_profile_id`.
    pub meta: Option<JsonObject>,
}

/// Where in the request an error is.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ErrorSource {
    /// A JSON pointer into the body.
    pub pointer: Option<String>,
    /// The name of a query parameter.
    pub parameter: Option<String>,
}

impl Refusal {
    pub(crate) fn new(
        operation: &'static Operation,
        status: StatusCode,
        headers: HeaderMap,
        body: &Bytes,
    ) -> Self {
        let errors = api_errors(body);
        let body = if errors.is_empty() {
            first_bytes(body)
        } else {
            String::new()
        };
        Self {
            operation,
            status,
            headers,
            errors,
            body,
        }
    }
}

/// The errors of a JSON:API body; none when it is something else.
fn api_errors(body: &Bytes) -> Vec<ApiError> {
    #[derive(Deserialize)]
    struct Errors {
        errors: Vec<ApiError>,
    }
    serde_json::from_slice(body).map_or_else(|_| Vec::new(), |body: Errors| body.errors)
}

/// The beginning of a body as text.
pub(crate) fn first_bytes(body: &Bytes) -> String {
    String::from_utf8_lossy(&body[..body.len().min(KEPT_BODY)]).into_owned()
}

impl std::fmt::Display for Error {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::Path { parameter } => {
                write!(
                    formatter,
                    "the path parameter {parameter} is empty, `.` or `..`"
                )
            }
            Error::Request(source) => write!(formatter, "the request cannot be written: {source}"),
            Error::Execute(source) => write!(formatter, "there is no answer: {source}"),
            Error::Refused(refusal) => refusal.fmt(formatter),
            Error::Unreadable(unreadable) => unreadable.fmt(formatter),
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{} was refused with {}",
            self.operation.id, self.status
        )?;
        let details = self
            .errors
            .iter()
            .filter_map(|error| error.detail.as_deref().or(error.title.as_deref()));
        for detail in details {
            write!(formatter, ": {detail}")?;
        }
        Ok(())
    }
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "the answer to {} ({}) is unreadable: {}",
            self.operation.id, self.status, self.source
        )
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Request(source) | Error::Execute(source) => Some(source.as_ref()),
            Error::Unreadable(unreadable) => Some(&unreadable.source),
            Error::Path { .. } | Error::Refused(_) => None,
        }
    }
}
