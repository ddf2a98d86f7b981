//! What the options of a bulk operation amount to, and what a run of it begins with.

use std::fmt::Debug;

use chrono::{DateTime, Utc};
use klaviyo_gen::Operation;
#[cfg(feature = "journal")]
use serde_json::Map;
use serde_json::Value;

use super::frame::{Beside, envelope, is_one_group};
use crate::chunk::{Chunker, DuplicateRule, Rules};
use crate::encode::{Duplicates, Encoder, Nulls, Rows};
use crate::error::Error;
use crate::options::RunOptions;
use crate::run::{Lookup, Packer};
use crate::target::target;

/// The options of a bulk operation: with them, [`Bulk::start`](super::Bulk::start) begins a run of it.
///
/// Only the options of this module are; each says which operation it belongs to.
pub trait BulkOptions: Debug + Send + Sync {
    /// The operation.
    fn operation(&self) -> &'static Operation;

    /// Its own options, as the object that [`options`](super::options) reads.
    fn own(&self) -> Value {
        Value::Null
    }

    /// What is the same for all bulk operations.
    fn run(&self) -> &RunOptions;

    /// The same, to be changed.
    fn run_mut(&mut self) -> &mut RunOptions;

    /// What the options amount to, for the run of that id.
    ///
    /// # Errors
    /// [`Error::Configuration`] when an option cannot be used.
    #[doc(hidden)]
    fn setup(&self, run_id: &str) -> Result<Setup, Error>;
}

/// The two methods of [`BulkOptions`] that are the same for all that have a field `run`.
macro_rules! run_options {
    () => {
        fn run(&self) -> &crate::options::RunOptions {
            &self.run
        }

        fn run_mut(&mut self) -> &mut crate::options::RunOptions {
            &mut self.run
        }
    };
}
pub(super) use run_options;

/// The method of [`BulkOptions`] for those that have options of their own.
macro_rules! own_options {
    () => {
        fn own(&self) -> serde_json::Value {
            serde_json::to_value(self).unwrap_or_default()
        }
    };
}
pub(super) use own_options;

/// The options on which it depends what is sent, by name; a run can be resumed with these only.
#[cfg(feature = "journal")]
pub(super) fn shaping<O: BulkOptions + ?Sized>(options: &O) -> Map<String, Value> {
    let run = options.run();
    let parts = [
        options.own(),
        serde_json::to_value(run.rows).unwrap_or_default(),
        serde_json::to_value(&run.source).unwrap_or_default(),
    ];
    let mut shaping = Map::new();
    for part in parts {
        if let Value::Object(part) = part {
            shaping.extend(part.into_iter().filter(|(_, value)| !value.is_null()));
        }
    }
    shaping
}

/// What the options of a bulk operation amount to.
#[derive(Debug)]
pub struct Setup {
    operation: &'static Operation,
    rows: Rows,
    beside: Vec<Beside>,
    path: Vec<String>,
    query: Vec<(&'static str, String)>,
    /// What is to be used instead by who wants to clear fields; `None`: this operation clears them.
    instead_of_clearing: Option<&'static str>,
}

/// What a run, or a dry one, begins with.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) operation: &'static Operation,
    /// Path and query of each request.
    pub(crate) target: String,
    pub(crate) packer: Packer,
}

impl Setup {
    /// A setup for rows of that sort; `instead_of_clearing` says what clears fields.
    pub(super) fn new(
        operation: &'static Operation,
        rows: Rows,
        instead_of_clearing: &'static str,
    ) -> Self {
        Setup {
            operation,
            rows,
            beside: Vec::new(),
            path: Vec::new(),
            query: Vec::new(),
            instead_of_clearing: Some(instead_of_clearing),
        }
    }

    /// A null clears a field.
    pub(super) fn clearing(mut self) -> Self {
        self.instead_of_clearing = None;
        self
    }

    /// Every request is related to this resource.
    pub(super) fn related(mut self, name: &'static str, id: &str) -> Result<Self, Error> {
        let beside = Beside::relationship(self.operation, name, id)?;
        self.beside.push(beside);
        Ok(self)
    }

    /// Every request has this attribute.
    pub(super) fn attribute(mut self, name: &'static str, value: &Value) -> Self {
        self.beside.push(Beside::attribute(name, value));
        self
    }

    /// The id in the path of every request.
    pub(super) fn path(mut self, id: &str) -> Self {
        self.path.push(id.to_owned());
        self
    }

    /// A parameter in the query of every request.
    pub(super) fn query(mut self, name: &'static str, value: &str) -> Self {
        self.query.push((name, value.to_owned()));
        self
    }

    /// Makes what a run begins with; the times of events are compared with `now`.
    pub(super) fn prepare(self, run: &RunOptions, now: DateTime<Utc>) -> Result<Prepared, Error> {
        let operation = self.operation;
        if let (Nulls::Clear, Some(instead)) = (run.rows.nulls, self.instead_of_clearing) {
            let id = operation.id;
            let message = format!("nulls=\"clear\": {id} clears nothing by null; {instead}");
            return Err(Error::Configuration(message));
        }
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let query = self.query.iter();
        let query: Vec<(&str, &str)> = query.map(|(name, value)| (*name, value.as_str())).collect();
        let rules = Rules {
            one_group: operation.caps.is_some_and(is_one_group),
            duplicates: match (&self.rows, run.rows.duplicates) {
                (Rows::Events(_), _) | (_, Duplicates::Reject) => DuplicateRule::Refuse,
                (_, Duplicates::Warn) => DuplicateRule::Count,
            },
        };
        let chunker = Chunker::with_rules(envelope(operation, &self.beside)?, rules);
        let encoder = || Encoder::new(operation, &self.rows, run.rows, now);
        let mut packer = Packer::new(encoder()?, chunker);
        if let Rows::Members = self.rows {
            packer = packer.looking_up(Lookup::new(encoder()?));
        }
        Ok(Prepared {
            operation,
            target: target(operation, &path, &query),
            packer,
        })
    }
}

/// An id that an option gives.
///
/// # Errors
/// [`Error::Configuration`] when it is none.
pub(super) fn id<'a>(option: &str, id: &'a str) -> Result<&'a str, Error> {
    // The dots would lead to another operation's path.
    if matches!(id, "" | "." | "..") {
        let message = format!("{option} cannot be {id:?}; give the id that Klaviyo shows");
        return Err(Error::Configuration(message));
    }
    Ok(id)
}

/// An id that an option may give.
///
/// # Errors
/// [`Error::Configuration`] when what it gives is none.
pub(super) fn optional_id<'a>(
    option: &str,
    given: Option<&'a str>,
) -> Result<Option<&'a str>, Error> {
    given.map(|given| id(option, given)).transpose()
}
