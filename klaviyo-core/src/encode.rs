//! Rows into the bytes of their items: one row in, one item out, or the reason why not.
//!
//! A row is anything that serde can serialize as a map or a struct. Its names are the API's own; a
//! dotted name reaches into an object. [`layout`] says which name goes where (built from the
//! operation table), [`row`] walks through a row, [`value`] writes a single value and checks it.
//! The bytes are made once and sent as they are.
mod body;
mod check;
mod columns;
mod event;
mod key;
mod layout;
mod object;
mod profile;
mod reason;
mod row;
mod state;
mod value;

use std::fmt;

use chrono::{DateTime, Utc};
use klaviyo_gen::Operation;
use serde::Serialize;

use crate::chunk::Encoded;
use crate::error::Error;
pub use body::json;
pub use event::UniqueIds;
pub use reason::{Rejection, Unsendable};

/// What is done with a name that the operation does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Extra {
    /// The row is rejected, and the nearest known name is suggested.
    #[default]
    Reject,
    /// It becomes a custom property of that name.
    Properties,
}

/// What is done with a null in a row's fields and properties. What is nested inside a property is
/// data and stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Nulls {
    /// It is left out, which leaves the stored value as it is.
    #[default]
    Omit,
    /// The row is rejected.
    Reject,
}

/// How rows are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RowOptions {
    /// What is done with a name that the operation does not know.
    pub extra: Extra,
    /// What is done with a null.
    pub nulls: Nulls,
}

/// Turns rows of one bulk operation into items.
pub struct Encoder {
    writer: row::RowWriter,
    kind: Kind,
    item: Vec<u8>,
    group: Vec<u8>,
    identity: Vec<u8>,
}

/// What an operation needs beyond writing fields to their places.
#[derive(Debug)]
enum Kind {
    Profile(profile::Profiles),
    Event(event::Events),
}

impl fmt::Debug for Encoder {
    /// Without the buffers: they hold the last row.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Encoder")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl Encoder {
    /// An encoder for the rows of `bulk_import_profiles`.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the operation table does not describe the operation as needed.
    pub fn profiles(options: RowOptions) -> Result<Self, Error> {
        let operation = &klaviyo_gen::operations::BULK_IMPORT_PROFILES;
        let (layout, kind) = profile::layout(operation)?;
        Ok(Self::new(
            layout,
            Kind::Profile(kind),
            options,
            operation,
            None,
        ))
    }

    /// An encoder for the rows of `bulk_create_events`, whose times are compared with `now`.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the operation table does not describe the operation as needed.
    pub fn events(
        options: RowOptions,
        unique_ids: UniqueIds,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let operation = &klaviyo_gen::operations::BULK_CREATE_EVENTS;
        let (layout, kind) = event::layout(operation, unique_ids)?;
        Ok(Self::new(
            layout,
            Kind::Event(kind),
            options,
            operation,
            Some(now),
        ))
    }

    fn new(
        layout: layout::Layout,
        kind: Kind,
        options: RowOptions,
        operation: &'static Operation,
        now: Option<DateTime<Utc>>,
    ) -> Self {
        let limits = check::Limits::of(operation, now);
        Encoder {
            writer: row::RowWriter::new(layout, limits, options),
            kind,
            item: Vec::new(),
            group: Vec::new(),
            identity: Vec::new(),
        }
    }

    /// Encodes the row of that number.
    ///
    /// # Errors
    /// When the row cannot be sent as it is; the rejection names the field and the way out.
    pub fn encode<R: Serialize + ?Sized>(
        &mut self,
        number: u64,
        row: &R,
    ) -> Result<Encoded<'_>, Rejection> {
        self.try_encode(number, row)
            .map_err(|reason| Rejection::new(number, reason, row))?;
        let repeat_is_safe = match &self.kind {
            Kind::Profile(profiles) => profiles.repeat_is_safe(&self.writer),
            Kind::Event(events) => events.repeat_is_safe(&self.writer),
        };
        Ok(Encoded {
            group: &self.group,
            item: &self.item,
            identity: &self.identity,
            repeat_is_safe,
        })
    }

    fn try_encode<R: Serialize + ?Sized>(
        &mut self,
        number: u64,
        row: &R,
    ) -> Result<(), reason::Reason> {
        self.item.clear();
        self.group.clear();
        self.identity.clear();
        self.writer.read(row)?;
        match &self.kind {
            Kind::Profile(profiles) => profiles.finish(&self.writer, &mut self.item),
            Kind::Event(events) => events.finish(
                &mut self.writer,
                number,
                &mut self.group,
                &mut self.item,
                &mut self.identity,
            ),
        }
    }

    /// What ends a group of this encoder's items; empty when it does not group.
    #[must_use]
    pub fn group_close(&self) -> &[u8] {
        match &self.kind {
            Kind::Profile(_) => &[],
            Kind::Event(events) => events.group_close(),
        }
    }
}

#[cfg(test)]
mod tests;
