//! What goes wrong on request, so that a client's answer to it can be tested.
//!
//! A fault strikes requests that passed the key, the revision and the limits: it is one more thing
//! that goes wrong, not a way around them.

mod check;
mod error;
mod line;
mod plan;
mod read;

pub use error::FaultError;
pub(crate) use line::{Line, Wire};
pub(crate) use plan::{Plan, Planned, Strike};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Something that goes wrong, and for which requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub struct Fault {
    /// What goes wrong.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// The `operationId`, or an earlier name, of the operation whose requests it strikes; every
    /// operation's if `None`.
    pub operation: Option<String>,
    /// How many of those requests go well first.
    pub after: u32,
    /// How often it strikes, at least once; without end if `None`.
    pub times: Option<u32>,
    /// The chance, above 0 and at most 1, that it strikes a request; drawn from the sandbox's seed.
    pub chance: f64,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// The answer comes later, by so many real milliseconds.
    Latency {
        /// How much later.
        millis: u64,
    },
    /// A 429, whatever the windows say.
    Throttle {
        /// `Retry-After`, a year at most; `None` leaves the header out.
        seconds: Option<u64>,
        /// Whether `Retry-After` is an HTTP date instead of a number of seconds.
        as_date: bool,
    },
    /// An error of the server, as JSON:API.
    ServerError {
        /// The HTTP status, from 500 to 599.
        status: u16,
    },
    /// An error of a gateway with this status: HTML, or nothing at all.
    GatewayError {
        /// The HTTP status, from 400 to 599, such as 502, 504 or 524; 403 is a challenge page.
        status: u16,
        /// Whether there is no body at all.
        empty: bool,
    },
    /// The connection is reset when the head has arrived, before the body is read.
    ResetBeforeReading,
    /// The connection is reset when a part of the body has been read.
    ResetWhileReading,
    /// The connection is reset when the body has been read; nothing was done with it.
    ResetAfterReading,
    /// The request takes effect, and the connection is reset instead of an answer.
    AppliedButLost,
    /// The request takes effect, and the answer breaks off in the middle of its body; one without a
    /// body in its head.
    TruncatedAnswer,
    /// The request takes effect, and the answer begins but never ends; one without a body never
    /// comes.
    NeverEndingAnswer,
}

fn certain() -> f64 {
    1.0
}

impl Fault {
    /// A fault that strikes every request to every operation.
    #[must_use]
    pub fn new(kind: FaultKind) -> Self {
        Self {
            kind,
            operation: None,
            after: 0,
            times: None,
            chance: certain(),
        }
    }

    /// Only requests to this operation.
    #[must_use]
    pub fn on(mut self, operation: &str) -> Self {
        self.operation = Some(operation.to_owned());
        self
    }

    /// Not the first so many of them.
    #[must_use]
    pub fn after(mut self, requests: u32) -> Self {
        self.after = requests;
        self
    }

    /// Only so often.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Only with this chance, above 0 and at most 1.
    #[must_use]
    pub fn chance(mut self, chance: f64) -> Self {
        self.chance = chance;
        self
    }
}
