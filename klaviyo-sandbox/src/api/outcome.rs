//! What becomes of a request, and how it goes back.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::stream::{self, StreamExt};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use klaviyo_gen::MediaType;

use super::answer::Answer;
use crate::clock::after;
use crate::faults::{FaultKind, Line};
use crate::limits::Quota;
use crate::problem::{Problem, Refusal};
use crate::settings::OnOversizedBody;

/// What a gateway sends when it stands before the API and something is wrong.
const GATEWAY_PAGE: &str = "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>The request was stopped</h1></body></html>\n";

/// What becomes of a request.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It was answered.
    Answered(Answer),
    /// It was refused.
    Refused(Refusal),
    /// Something before the API answered.
    Gateway { status: StatusCode, empty: bool },
    /// The answer breaks off in its middle.
    Truncated(Answer),
    /// The answer never ends.
    NeverEnding(Answer),
    /// The connection is cut without an answer.
    Cut,
    /// The request took effect, and the connection is cut without an answer.
    Lost(Answer),
}

impl From<Refusal> for Outcome {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Result<Answer, Refusal>> for Outcome {
    fn from(handled: Result<Answer, Refusal>) -> Self {
        match handled {
            Ok(answer) => Self::Answered(answer),
            Err(refusal) => Self::Refused(refusal),
        }
    }
}

impl Outcome {
    /// What comes of a fault that keeps the request from its handler.
    pub(super) fn instead(fault: &FaultKind, now: DateTime<Utc>) -> Option<Self> {
        let status =
            |status| StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Some(match fault {
            FaultKind::Throttle { seconds: None, .. } => Refusal::throttled_untold().into(),
            FaultKind::Throttle {
                seconds: Some(seconds),
                as_date,
            } => {
                let refusal = Refusal::throttled(*seconds);
                if *as_date {
                    let at = after(now, std::time::Duration::from_secs(*seconds));
                    refusal.retry_at(at).into()
                } else {
                    refusal.into()
                }
            }
            FaultKind::ServerError { status } => {
                Refusal::from(Problem::server_error(*status)).into()
            }
            FaultKind::GatewayError {
                status: code,
                empty,
            } => Self::Gateway {
                status: status(*code),
                empty: *empty,
            },
            FaultKind::ResetAfterReading => Self::Cut,
            _ => return None,
        })
    }

    /// What a body over its cap of `most` bytes gets.
    pub(super) fn oversized(most: u64, says: OnOversizedBody) -> Self {
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        match says {
            OnOversizedBody::JsonApi => Refusal::from(Problem::too_large(most)).into(),
            OnOversizedBody::Html => Self::Gateway {
                status,
                empty: false,
            },
            OnOversizedBody::Empty => Self::Gateway {
                status,
                empty: true,
            },
        }
    }

    /// What a fault makes of an answer after the request took effect.
    pub(super) fn spoilt_by(self, fault: Option<FaultKind>) -> Self {
        match (self, fault) {
            (Self::Answered(answer), Some(FaultKind::AppliedButLost)) => Self::Lost(answer),
            (Self::Answered(answer), Some(FaultKind::TruncatedAnswer)) => Self::Truncated(answer),
            (Self::Answered(answer), Some(FaultKind::NeverEndingAnswer)) => {
                Self::NeverEnding(answer)
            }
            (other, _) => other,
        }
    }

    /// Whether a fault had its effect. It has none on a request that is refused before.
    pub(super) fn shows(&self, fault: &FaultKind) -> bool {
        match fault {
            FaultKind::Latency { .. } => true,
            FaultKind::Throttle { .. } => self.status() == 429,
            FaultKind::ServerError { status } => self.status() == *status,
            FaultKind::GatewayError { status, .. } => {
                matches!(self, Self::Gateway { .. }) && self.status() == *status
            }
            FaultKind::ResetBeforeReading
            | FaultKind::ResetWhileReading
            | FaultKind::ResetAfterReading => matches!(self, Self::Cut),
            FaultKind::AppliedButLost => matches!(self, Self::Lost(_)),
            FaultKind::TruncatedAnswer => matches!(self, Self::Truncated(_)),
            FaultKind::NeverEndingAnswer => matches!(self, Self::NeverEnding(_)),
        }
    }

    /// Whether nothing goes back, for as long as the client waits: an answer without a body has
    /// nothing but its head that could be held back.
    pub(super) fn is_withheld(&self) -> bool {
        matches!(self, Self::NeverEnding(Answer { body: None, .. }))
    }

    /// The HTTP status for the counts; 0 for a connection that was cut.
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Answered(answer) | Self::Truncated(answer) | Self::NeverEnding(answer) => {
                answer.status.as_u16()
            }
            Self::Refused(refusal) => refusal.status(),
            Self::Gateway { status, .. } => status.as_u16(),
            Self::Cut | Self::Lost(_) => 0,
        }
    }

    /// How many rows took effect.
    pub(crate) fn rows(&self) -> usize {
        match self {
            Self::Answered(answer)
            | Self::Truncated(answer)
            | Self::NeverEnding(answer)
            | Self::Lost(answer) => answer.rows,
            Self::Refused(_) | Self::Gateway { .. } | Self::Cut => 0,
        }
    }

    pub(crate) fn into_response(
        self,
        quota: Option<&Quota>,
        line: &Line,
        next_error_id: impl FnMut() -> String,
    ) -> Response {
        let mut response = match self {
            Self::Answered(answer) => answered(answer, Body::from),
            Self::Truncated(answer) => {
                if answer.body.is_none() {
                    line.break_off();
                }
                answered(answer, truncated)
            }
            Self::NeverEnding(answer) => answered(answer, never_ending),
            Self::Refused(refusal) => refused(&refusal, next_error_id),
            Self::Gateway { status, empty } => return gateway(status, empty),
            Self::Cut | Self::Lost(_) => {
                line.cut();
                return Response::new(Body::empty());
            }
        };
        if let Some(quota) = quota
            && response.status() != StatusCode::TOO_MANY_REQUESTS
        {
            tell(response.headers_mut(), quota);
        }
        response
    }
}

fn json(status: StatusCode, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static(MediaType::JsonApi.as_str()),
    );
    response
}

fn answered(answer: Answer, into_body: impl FnOnce(Bytes) -> Body) -> Response {
    match answer.body {
        Some(body) => {
            let text = Bytes::from(body.to_string());
            let length = text.len();
            let mut response = json(answer.status, into_body(text));
            response.headers_mut().insert(CONTENT_LENGTH, length.into());
            response
        }
        None => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = answer.status;
            response
        }
    }
}

fn refused(refusal: &Refusal, next_error_id: impl FnMut() -> String) -> Response {
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = json(
        status,
        Body::from(refusal.to_json(next_error_id).to_string()),
    );
    if let Some(value) = refusal.retry_after() {
        response.headers_mut().insert(RETRY_AFTER, value);
    }
    response
}

fn gateway(status: StatusCode, empty: bool) -> Response {
    let mut response = Response::new(if empty {
        Body::empty()
    } else {
        Body::from(GATEWAY_PAGE)
    });
    *response.status_mut() = status;
    if !empty {
        response.headers_mut().insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
    }
    response
}

/// The first half, and then an end that comes too early.
fn truncated(text: Bytes) -> Body {
    let half = text.slice(..text.len() / 2);
    let end = async {
        // hyper writes out what it has while it waits; without a pause it would write nothing.
        tokio::task::yield_now().await;
        Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof))
    };
    Body::from_stream(stream::iter([Ok(half)]).chain(stream::once(end)))
}

/// The first half, and then nothing, for as long as the client waits.
fn never_ending(text: Bytes) -> Body {
    let half: Result<Bytes, std::io::Error> = Ok(text.slice(..text.len() / 2));
    Body::from_stream(stream::iter([half]).chain(stream::pending()))
}

fn tell(headers: &mut HeaderMap, quota: &Quota) {
    for (name, value) in [
        ("ratelimit-limit", quota.limit.clone()),
        ("ratelimit-remaining", quota.remaining.to_string()),
        ("ratelimit-reset", quota.reset.to_string()),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}
