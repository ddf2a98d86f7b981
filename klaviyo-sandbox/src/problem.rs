//! What is wrong with a request, as JSON:API errors.

use chrono::{DateTime, Utc};
use http::HeaderValue;
use serde_json::{Map, Value, json};

use crate::account::{Objection, Reason};

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) title: &'static str,
    pub(crate) detail: String,
    pub(crate) source: Source,
    pub(crate) meta: Map<String, Value>,
}

/// Where it is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// In the body, at this JSON pointer.
    Pointer(String),
    /// In this parameter.
    Parameter(String),
}

impl Problem {
    fn new(
        status: u16,
        code: &'static str,
        title: &'static str,
        detail: impl Into<String>,
        pointer: &str,
    ) -> Self {
        Self {
            status,
            code,
            title,
            detail: detail.into(),
            source: Source::Pointer(pointer.to_owned()),
            meta: Map::new(),
        }
    }

    /// A value in the body that cannot be taken.
    pub(crate) fn invalid(pointer: &str, detail: impl Into<String>) -> Self {
        Self::new(400, "invalid", "Invalid input.", detail, pointer)
    }

    /// A value of a parameter that cannot be taken.
    pub(crate) fn parameter(name: &str, detail: impl Into<String>) -> Self {
        Self {
            source: Source::Parameter(name.to_owned()),
            ..Self::new(400, "invalid", "Invalid input.", detail, "")
        }
    }

    pub(crate) fn not_authenticated(detail: &str) -> Self {
        Self::new(
            401,
            "not_authenticated",
            "No credentials were given.",
            detail,
            "/data/",
        )
    }

    pub(crate) fn authentication_failed(detail: &str) -> Self {
        Self::new(
            401,
            "authentication_failed",
            "The credentials are wrong.",
            detail,
            "/data/",
        )
    }

    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(403, "forbidden", "Not allowed.", detail, "/data")
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(404, "not_found", "Not found.", detail, "/data/")
    }

    pub(crate) fn method_not_allowed(detail: impl Into<String>) -> Self {
        Self::new(
            405,
            "method_not_allowed",
            "Method not allowed.",
            detail,
            "/data",
        )
    }

    /// Another profile has the same identifier.
    pub(crate) fn duplicate_profile(id: &str) -> Self {
        Self {
            meta: Map::from_iter([("duplicate_profile_id".to_owned(), id.into())]),
            ..Self::new(
                409,
                "duplicate_profile",
                "Conflict.",
                "Another profile has one of these identifiers.",
                "/data/attributes",
            )
        }
    }

    /// What speaks against a change, in a request that brings one resource.
    pub(crate) fn objected(objection: Objection) -> Self {
        let pointer = format!("/data/{}", objection.place);
        let Objection { reason, detail, .. } = objection;
        match reason {
            Reason::Taken => Self::new(409, reason.code(), "Conflict.", detail, &pointer),
            Reason::Missing => Self::not_found(detail),
            Reason::Invalid => Self::invalid(&pointer, detail),
        }
    }

    /// As many jobs of the operation as there may be have not ended.
    pub(crate) fn too_many_jobs(most: u32) -> Self {
        let detail = format!("There are {most} unfinished jobs of this kind.");
        Self::invalid("/data", detail)
    }

    pub(crate) fn too_large(most: u64) -> Self {
        let detail = format!("The body is larger than {most} bytes.");
        Self::new(
            413,
            "payload_too_large",
            "The body is too large.",
            detail,
            "/data",
        )
    }

    pub(crate) fn unsupported_media_type(detail: impl Into<String>) -> Self {
        Self::new(
            415,
            "unsupported_media_type",
            "Unsupported media type.",
            detail,
            "/data",
        )
    }

    /// Title and detail are those that were recorded: clients read the seconds out of them.
    pub(crate) fn throttled(seconds: u64) -> Self {
        let unit = if seconds == 1 { "second" } else { "seconds" };
        let title = Self::throttled_untold().title;
        Self {
            detail: format!("{title} Expected available in {seconds} {unit}."),
            ..Self::throttled_untold()
        }
    }

    /// Without a word on how long.
    fn throttled_untold() -> Self {
        let title = "Request was throttled.";
        Self::new(429, "throttled", title, title, "/data")
    }

    pub(crate) fn server_error(status: u16) -> Self {
        Self::new(
            status,
            "error",
            "Server error.",
            "The server failed, as it was asked to.",
            "/data/",
        )
    }

    /// The sandbox itself made a mistake.
    pub(crate) fn panicked() -> Self {
        Self::new(
            500,
            "error",
            "Server error.",
            "The sandbox made a mistake; its error output tells more.",
            "/data/",
        )
    }

    fn to_json(&self, id: String) -> Value {
        let source = match &self.source {
            Source::Pointer(pointer) => json!({"pointer": pointer}),
            Source::Parameter(parameter) => json!({"parameter": parameter}),
        };
        json!({
            "id": id,
            "status": self.status,
            "code": self.code,
            "title": self.title,
            "detail": self.detail,
            "source": source,
            "links": {},
            "meta": self.meta,
        })
    }
}

/// A request that is refused, with at least one reason.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    problems: Vec<Problem>,
    /// When a throttled request may be repeated.
    retry: Option<Retry>,
}

/// When a throttled request may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Retry {
    Seconds(u64),
    At(DateTime<Utc>),
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self {
            problems: vec![problem],
            retry: None,
        }
    }
}

impl From<Objection> for Refusal {
    fn from(objection: Objection) -> Self {
        Problem::objected(objection).into()
    }
}

impl Refusal {
    /// Refuses a request if anything is wrong with it.
    pub(crate) fn unless_empty(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Self {
                problems,
                retry: None,
            })
        }
    }

    pub(crate) fn throttled(seconds: u64) -> Self {
        Self {
            problems: vec![Problem::throttled(seconds)],
            retry: Some(Retry::Seconds(seconds)),
        }
    }

    /// Without a `Retry-After`.
    pub(crate) fn throttled_untold() -> Self {
        Problem::throttled_untold().into()
    }

    /// Says it as a date instead of a number of seconds.
    pub(crate) fn retry_at(mut self, moment: DateTime<Utc>) -> Self {
        self.retry = Some(Retry::At(moment));
        self
    }

    /// The value of `Retry-After`.
    pub(crate) fn retry_after(&self) -> Option<HeaderValue> {
        match self.retry? {
            Retry::Seconds(seconds) => Some(seconds.into()),
            Retry::At(moment) => {
                HeaderValue::from_str(&moment.format("%a, %d %b %Y %H:%M:%S GMT").to_string()).ok()
            }
        }
    }

    pub(crate) fn status(&self) -> u16 {
        self.problems.first().map_or(400, |problem| problem.status)
    }

    /// The JSON:API body; each error gets an id.
    pub(crate) fn to_json(&self, mut next_id: impl FnMut() -> String) -> Value {
        let errors: Vec<Value> = self
            .problems
            .iter()
            .map(|problem| problem.to_json(next_id()))
            .collect();
        json!({"errors": errors})
    }
}
