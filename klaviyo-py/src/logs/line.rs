//! An event of the engine's as a line of a log.

use std::fmt::{Debug, Write};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata};

use super::{SOURCE, number};

/// A line of a log.
pub(super) struct Line {
    metadata: &'static Metadata<'static>,
    text: String,
}

/// An event's message, and its fields behind it.
#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // A String takes whatever is written.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }
}

impl Line {
    pub(super) fn of(event: &Event<'_>) -> Self {
        let mut text = Text::default();
        event.record(&mut text);
        let Text { message, fields } = text;
        Line {
            metadata: event.metadata(),
            text: match fields.trim_start() {
                "" => message,
                fields => format!("{message} ({fields})"),
            },
        }
    }

    /// Gives it to `logging`, which has its handlers write it.
    pub(super) fn tell(&self, py: Python<'_>) -> PyResult<()> {
        let metadata = self.metadata;
        let place = metadata.target().strip_prefix(SOURCE).unwrap_or_default();
        let name = format!("klaviyo_py{}", place.replace("::", "."));
        let logger = py
            .import("logging")?
            .call_method1(intern!(py, "getLogger"), (&name,))?;
        let level = number(*metadata.level());
        let wanted = logger.call_method1(intern!(py, "isEnabledFor"), (level,))?;
        if !wanted.is_truthy()? {
            return Ok(());
        }
        let nothing = py.None();
        let record = logger.call_method1(
            intern!(py, "makeRecord"),
            (
                &name,
                level,
                metadata.file().unwrap_or_default(),
                metadata.line().unwrap_or_default(),
                &self.text,
                PyTuple::empty(py),
                nothing,
            ),
        )?;
        logger
            .call_method1(intern!(py, "handle"), (record,))
            .map(drop)
    }
}
