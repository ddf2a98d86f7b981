//! An answer that refuses a request, with all that it said.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use http::HeaderMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::limit::Signals;
use crate::transport::Response;

/// How much of a body that is not JSON:API is kept: enough to see what answered.
const BODY_HEAD: usize = 2048;

/// An answer that refuses a request (status 300 and above), with all that it said.
#[derive(Debug, Clone)]
pub struct ApiError {
    /// `operationId` of the request.
    pub operation: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The answer's headers.
    pub headers: HeaderMap,
    /// The JSON:API errors; empty when the body held none.
    pub errors: Vec<ErrorObject>,
    /// The first 2 KB of a body that held no JSON:API errors.
    pub body_head: String,
    /// How long Klaviyo asks to wait (429 only).
    pub retry_after: Option<Duration>,
    /// How many times the request was sent.
    pub attempts: u32,
    /// Whether an earlier attempt, whose answer was lost, may have had its effect. Then this refusal
    /// may be its echo: a 404 of what it deleted, a 409 of what it created.
    pub maybe_applied: bool,
}

/// One error of a JSON:API answer. Everything in it is optional on the wire.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ErrorObject {
    /// Identifies this occurrence, for Klaviyo's support.
    #[serde(deserialize_with = "lenient")]
    pub id: String,
    /// The kind of error, for example `invalid` or `duplicate_profile`.
    #[serde(deserialize_with = "lenient")]
    pub code: String,
    /// The kind of error in words.
    #[serde(deserialize_with = "lenient")]
    pub title: String,
    /// What is wrong in this request.
    #[serde(deserialize_with = "lenient")]
    pub detail: String,
    /// Where in the request it is.
    #[serde(deserialize_with = "lenient")]
    pub source: ErrorSource,
    /// Further facts, for example `duplicate_profile_id`.
    #[serde(deserialize_with = "lenient")]
    pub meta: serde_json::Map<String, Value>,
}

/// Where in a request an error is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ErrorSource {
    /// JSON pointer into the request's body.
    #[serde(deserialize_with = "lenient")]
    pub pointer: String,
    /// Name of a query parameter.
    #[serde(deserialize_with = "lenient")]
    pub parameter: String,
}

/// Reads a value that should be there and be a `T`. What is missing or of another kind becomes the
/// default, or its JSON where that is a text: an odd member must not hide the others.
pub(crate) fn lenient<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Lenient,
{
    Value::deserialize(deserializer).map(T::read)
}

/// What can be read from any JSON.
pub(crate) trait Lenient {
    /// Reads it.
    fn read(value: Value) -> Self;
}

impl Lenient for String {
    fn read(value: Value) -> Self {
        match value {
            Value::Null => String::new(),
            Value::String(text) => text,
            other => other.to_string(),
        }
    }
}

impl Lenient for serde_json::Map<String, Value> {
    fn read(value: Value) -> Self {
        match value {
            Value::Object(members) => members,
            _ => serde_json::Map::new(),
        }
    }
}

impl Lenient for Option<String> {
    fn read(value: Value) -> Self {
        value.as_str().map(str::to_owned)
    }
}

impl Lenient for Option<u64> {
    fn read(value: Value) -> Self {
        value.as_u64()
    }
}

impl<T: DeserializeOwned + Default + Members> Lenient for T {
    fn read(value: Value) -> Self {
        serde_json::from_value(value).unwrap_or_default()
    }
}

/// An object whose members are read leniently, each for itself.
pub(crate) trait Members {}

impl Members for ErrorObject {}
impl Members for ErrorSource {}

impl ApiError {
    /// Reads the refusal out of an answer that came at `now`.
    #[must_use]
    pub fn read(
        operation: &'static str,
        response: &Response,
        attempts: u32,
        now: DateTime<Utc>,
    ) -> Self {
        #[derive(Deserialize)]
        struct Document {
            errors: Vec<Value>,
        }
        let errors = serde_json::from_slice::<Document>(&response.body)
            .map(|document| document.errors)
            .unwrap_or_default();
        let errors: Vec<ErrorObject> = errors.into_iter().map(Lenient::read).collect();
        let body_head = if errors.is_empty() {
            let head = &response.body[..response.body.len().min(BODY_HEAD)];
            String::from_utf8_lossy(head).into_owned()
        } else {
            String::new()
        };
        ApiError {
            operation,
            status: response.status,
            retry_after: Signals::read(response.status, &response.headers, now).retry_after,
            headers: response.headers.clone(),
            errors,
            body_head,
            attempts,
            maybe_applied: false,
        }
    }

    /// The code of the first error, or the status in words when there is none.
    #[must_use]
    pub fn code(&self) -> String {
        match self.errors.first() {
            Some(error) if !error.code.is_empty() => error.code.clone(),
            _ if self.is_challenge() => "gateway_challenge".to_owned(),
            _ => format!("http_{}", self.status),
        }
    }

    /// What is wrong, in one line.
    #[must_use]
    pub fn detail(&self) -> String {
        match self.errors.first() {
            Some(error) if !error.detail.is_empty() => error.detail.clone(),
            Some(error) => error.title.clone(),
            None if self.is_challenge() => {
                "a gateway in front of Klaviyo answered with an HTML page instead of the API; the \
                 request did not reach it"
                    .to_owned()
            }
            None if self.body_head.trim().is_empty() => "the answer had no body".to_owned(),
            None => "the answer was not JSON:API".to_owned(),
        }
    }

    fn is_challenge(&self) -> bool {
        let html = self.body_head.trim_start().starts_with('<');
        html && self.status == 403
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (operation, status, code) = (self.operation, self.status, self.code());
        let (detail, rest) = (self.detail(), self.advice());
        // Klaviyo's sentence goes on here.
        let detail = if rest.is_empty() {
            detail.as_str()
        } else {
            detail.trim_end_matches('.')
        };
        write!(
            formatter,
            "{operation} was answered {status} ({code}): {detail}{rest}"
        )
    }
}

impl ApiError {
    /// What is to be said behind Klaviyo's own words: where it is, or what to do.
    fn advice(&self) -> String {
        if self.status == 401 && self.operation == crate::auth::REFRESH.id {
            return "; check the app's id and secret, and the refresh token".to_owned();
        }
        if self.status == 401 {
            return "; check the API key: it is wrong, or of another account".to_owned();
        }
        let place = match self.errors.first().map(|error| &error.source) {
            Some(source) if !source.pointer.is_empty() => format!(" (at {})", source.pointer),
            Some(source) if !source.parameter.is_empty() => {
                format!(" (parameter {})", source.parameter)
            }
            _ => String::new(),
        };
        let doubt = if self.maybe_applied {
            "; an earlier attempt got no answer and may have worked"
        } else {
            ""
        };
        place + doubt
    }
}

impl std::error::Error for ApiError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> ApiError {
        let response = Response {
            status,
            headers: HeaderMap::new(),
            body: body.to_owned().into(),
        };
        ApiError::read("create_list", &response, 1, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn json_api_errors_are_kept_with_their_pointer() {
        let error = read(
            400,
            r#"{"errors":[{"id":"1","code":"invalid","title":"T","detail":"D","status":400,
                "source":{"pointer":"/data/attributes/name"},"links":{},"meta":{}}]}"#,
        );
        assert_eq!(error.errors[0].source.pointer, "/data/attributes/name");
        assert_eq!(
            error.to_string(),
            "create_list was answered 400 (invalid): D (at /data/attributes/name)"
        );
    }

    #[test]
    fn nulls_and_missing_members_do_not_hide_the_error() {
        let error = read(
            400,
            r#"{"errors":[{"code":"invalid","source":null,"detail":null}]}"#,
        );
        assert_eq!(error.code(), "invalid");
    }

    #[test]
    fn an_odd_error_does_not_hide_the_others() {
        let error = read(
            400,
            r#"{"errors":[7,{"code":7,"detail":["a"]},{"source":{"pointer":"/data/1"}}]}"#,
        );
        assert_eq!(error.errors.len(), 3);
        assert_eq!(
            (
                error.errors[1].code.as_str(),
                error.errors[1].detail.as_str()
            ),
            ("7", "[\"a\"]")
        );
        assert_eq!(error.errors[2].source.pointer, "/data/1");
    }

    #[test]
    fn klaviyos_full_stop_does_not_stand_inside_the_sentence() {
        let body = r#"{"errors":[{"code":"denied","detail":"This key is not known."}]}"#;
        assert_eq!(
            read(401, body).to_string(),
            "create_list was answered 401 (denied): This key is not known; check the API key: it is \
             wrong, or of another account"
        );
        let alone = read(404, body).to_string();
        assert!(alone.ends_with("This key is not known."), "{alone}");
    }

    #[test]
    fn a_challenge_page_is_named_as_what_it_is() {
        let error = read(403, "<!DOCTYPE html><title>Just a moment</title>");
        assert_eq!(error.code(), "gateway_challenge");
        assert!(error.body_head.contains("Just a moment"));
    }

    #[test]
    fn a_long_body_is_cut_and_an_empty_one_is_said() {
        assert_eq!(read(500, &"x".repeat(5000)).body_head.len(), BODY_HEAD);
        assert!(read(503, "").to_string().contains("no body"));
    }
}
