//! Builds the request of one operation. `Accept`, `Content-Type` and `revision` are set here and nowhere else.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use crate::{Error, Form, MediaType, Operation, REVISION, Values};

/// What stays as it is in a path or a query: the unreserved characters of a URI.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The request of one operation, in the making. The first thing that cannot be written is kept and
/// comes out at the end.
pub(crate) struct Request {
    pub(crate) operation: &'static Operation,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
    error: Option<Error>,
}

/// A value that a parameter can have.
pub(crate) trait ParameterValue {
    /// The value as it stands in the request, before it is encoded.
    fn text(self) -> String;
}

impl ParameterValue for &str {
    fn text(self) -> String {
        self.to_owned()
    }
}

impl ParameterValue for String {
    fn text(self) -> String {
        self
    }
}

impl ParameterValue for i64 {
    fn text(self) -> String {
        self.to_string()
    }
}

impl ParameterValue for f64 {
    fn text(self) -> String {
        self.to_string()
    }
}

impl ParameterValue for bool {
    fn text(self) -> String {
        self.to_string()
    }
}

impl ParameterValue for Values {
    fn text(self) -> String {
        self.to_string()
    }
}

impl Request {
    pub(crate) fn new(operation: &'static Operation) -> Self {
        let mut headers = HeaderMap::with_capacity(3);
        headers.insert(
            ACCEPT,
            HeaderValue::from_static(MediaType::JsonApi.as_str()),
        );
        headers.insert(
            HeaderName::from_static("revision"),
            HeaderValue::from_static(REVISION),
        );
        Self {
            operation,
            path: operation.path.to_owned(),
            query: String::new(),
            headers,
            body: Bytes::new(),
            error: None,
        }
    }

    /// Puts a value into the path.
    pub(crate) fn path(mut self, name: &'static str, value: &str) -> Self {
        if matches!(value, "" | "." | "..") {
            return self.fail(Error::Path { parameter: name });
        }
        let value = utf8_percent_encode(value, ENCODED).to_string();
        self.path = self.path.replacen(&format!("{{{name}}}"), &value, 1);
        self
    }

    /// Adds a value to the query, if there is one.
    pub(crate) fn query(mut self, name: &str, value: Option<impl ParameterValue>) -> Self {
        if let Some(value) = value {
            let separator = if self.query.is_empty() { '?' } else { '&' };
            let name = utf8_percent_encode(name, ENCODED);
            let value = value.text();
            let value = utf8_percent_encode(&value, ENCODED);
            self.query += &format!("{separator}{name}={value}");
        }
        self
    }

    /// Adds a header, if there is a value for it.
    #[allow(
        dead_code,
        reason = "not every revision has parameters that go into headers"
    )]
    pub(crate) fn header(mut self, name: &'static str, value: Option<impl ParameterValue>) -> Self {
        let Some(value) = value else {
            return self;
        };
        match HeaderValue::try_from(value.text()) {
            Ok(value) => {
                self.headers.insert(HeaderName::from_static(name), value);
                self
            }
            Err(error) => self.fail(Error::Request(error.into())),
        }
    }

    /// With a JSON body.
    pub(crate) fn json(mut self, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => {
                self.headers.insert(
                    CONTENT_TYPE,
                    HeaderValue::from_static(MediaType::JsonApi.as_str()),
                );
                self.body = body.into();
                self
            }
            Err(error) => self.fail(Error::Request(error.into())),
        }
    }

    /// With a multipart body.
    pub(crate) fn form(mut self, form: Form) -> Self {
        let (content_type, body) = form.into_body();
        match HeaderValue::try_from(content_type) {
            Ok(content_type) => {
                self.headers.insert(CONTENT_TYPE, content_type);
                self.body = body;
                self
            }
            Err(error) => self.fail(Error::Request(error.into())),
        }
    }

    fn fail(mut self, error: Error) -> Self {
        self.error.get_or_insert(error);
        self
    }

    /// The finished request.
    pub(crate) fn build(self) -> Result<http::Request<Bytes>, Error> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let mut request = http::Request::new(self.body);
        *request.method_mut() = http::Method::from_bytes(self.operation.method.as_str().as_bytes())
            .map_err(|error| Error::Request(error.into()))?;
        *request.uri_mut() = format!("{}{}", self.path, self.query)
            .parse()
            .map_err(|error: http::uri::InvalidUri| Error::Request(error.into()))?;
        *request.headers_mut() = self.headers;
        Ok(request)
    }
}
