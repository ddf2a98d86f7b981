//! Rows into the bytes of their items: one row in, one item out, or the reason why not.
//!
//! A row is anything that serde can serialize as a map or a struct. Its names are the API's own; a
//! dotted name reaches into an object. A row may also be an item as it is sent, with its `type` and
//! its `attributes`, as a dead letter holds it.
//!
//! [`layout`] says which name goes where (built from the operation table), [`row`] walks through a
//! row, [`value`] writes a single value and checks it, and a [`kind`] for each sort of rows checks the
//! row as a whole. The bytes are made once and sent as they are.
mod address;
mod body;
mod catalog;
mod check;
mod columns;
mod decimal;
mod event;
mod follow;
mod given;
mod inside;
mod json_text;
mod key;
mod kind;
mod layout;
mod letter_id;
mod member;
mod names;
mod object;
mod plain;
mod profile;
mod reason;
mod record;
mod references;
mod remembered;
mod resource;
mod row;
mod shape;
mod sign;
mod state;
mod subscription;
mod suggest;
mod untyped;
mod value;

use std::fmt;

use chrono::{DateTime, Utc};
use klaviyo_gen::Operation;
use serde::Serialize;

use crate::chunk::{Encoded, Unfit};
use crate::error::Error;
pub use body::json;
pub use catalog::catalog_id;
pub use decimal::Decimal;
pub use event::UniqueIds;
pub(crate) use inside::MARK;
pub(crate) use json_text::{Json, check as check_json, checked_object};
use kind::{Kind, Output};
pub(crate) use layout::constants;
pub use reason::{Rejection, Unsendable};
pub(crate) use subscription::SubscriptionRules;
pub(crate) use suggest::nearest;
pub use untyped::TextType;
#[cfg(feature = "csv")]
pub(crate) use untyped::{Typed, Untyped};

/// What is done with a name that the operation does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Extra {
    /// The row is rejected, and the nearest known name is suggested.
    #[default]
    Reject,
    /// It becomes a custom property of that name (of catalogs: one of `custom_metadata`).
    Properties,
}

/// What is done with a null in a row's fields and properties. What is nested inside a property is
/// data and stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Nulls {
    /// It is left out, which leaves the stored value as it is.
    #[default]
    Omit,
    /// It is sent, which clears the stored value. Only few operations clear by null; the others refuse
    /// to begin, and name the operation to use instead.
    Clear,
    /// The row is rejected.
    Reject,
}

/// What is done with a row that shares an identifier with an earlier one of its request. Rows of
/// different requests are not compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Duplicates {
    /// It is sent, counted, and the report warns of it: Klaviyo may keep only one of the two.
    #[default]
    Warn,
    /// It is rejected, and the earlier row is named. Events that repeat profile, metric and
    /// `unique_id` always are.
    Reject,
}

/// How rows are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct RowOptions {
    /// What is done with a name that the operation does not know.
    pub extra: Extra,
    /// What is done with a null.
    pub nulls: Nulls,
    /// What is done with a row that shares an identifier with an earlier one of its request.
    pub duplicates: Duplicates,
}

/// The sort of rows that an operation takes.
#[derive(Debug, Clone)]
pub(crate) enum Rows {
    Profiles,
    /// Events and their profiles.
    Events(UniqueIds),
    Subscriptions(SubscriptionRules),
    /// Items, variants or categories of a catalog.
    Catalog,
    /// Resources of which each is related to another: the relationship, and the id for rows that name
    /// none.
    Related(&'static str, Option<String>),
    /// Records of a data source.
    Records,
    /// Profiles of a list, by id or by e-mail address.
    Members,
    /// Resources as they are.
    Resources,
}

/// Turns rows of one bulk operation into items.
pub struct Encoder {
    writer: row::RowWriter,
    kind: Box<dyn Kind>,
    out: Output,
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
    /// An encoder for the rows of `operation`. The times of events are compared with `now`.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the operation table does not describe the operation as needed.
    pub(crate) fn new(
        operation: &'static Operation,
        rows: &Rows,
        options: RowOptions,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let now = matches!(rows, Rows::Events(_)).then_some(now);
        let (layout, kind) = layout_of(operation, rows)?;
        let limits = check::Limits::of(operation, now);
        Ok(Encoder {
            writer: row::RowWriter::new(layout, limits, options),
            kind,
            out: Output::default(),
        })
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
            .map_err(|reason| self.kept(Rejection::new(number, reason, row)))?;
        Ok(self.encoded())
    }

    /// The rejection of an encoded row that fits into no batch.
    pub(crate) fn unfit<R: Serialize + ?Sized>(
        &self,
        number: u64,
        unfit: Unfit,
        row: &R,
    ) -> Rejection {
        self.kept(Rejection::unfit(number, unfit, row))
    }

    fn kept(&self, mut rejection: Rejection) -> Rejection {
        let layout = &self.writer.layout;
        let keep = |source| self.kind.kept(rejection.row, source, layout);
        rejection.source = rejection.source.take().map(keep);
        rejection
    }

    /// Encodes a row that is the text of a JSON object, if it has the shape of the rows before it; else the
    /// row has to be encoded as any other.
    pub(crate) fn encode_json(&mut self, text: &str) -> Option<Encoded<'_>> {
        self.out.clear();
        let follows = self.kind.shapes().is_some() && self.writer.follow_json(text);
        (follows && self.take_followed()).then(|| self.encoded())
    }

    fn encoded(&self) -> Encoded<'_> {
        Encoded {
            group: &self.out.group,
            item: &self.out.item,
            identity: &self.out.identity,
            repeat_is_safe: !self.out.adds_up,
        }
    }

    fn try_encode<R: Serialize + ?Sized>(
        &mut self,
        number: u64,
        row: &R,
    ) -> Result<(), reason::Reason> {
        self.out.clear();
        if self.try_shape(row) {
            return Ok(());
        }
        self.writer.read(row)?;
        self.kind.finish(&mut self.writer, number, &mut self.out)?;
        if let Some(shapes) = self.kind.shapes() {
            self.writer.learn_shape(shapes, row, &self.out.item);
        }
        Ok(())
    }

    /// Encodes a row that has the shape of the rows before it; false when it is to go the long way.
    fn try_shape<R: Serialize + ?Sized>(&mut self, row: &R) -> bool {
        if self.kind.shapes().is_none() {
            return false;
        }
        if !self.writer.follow(row) {
            self.writer.want_shape();
            return false;
        }
        self.take_followed()
    }

    /// Takes the item of a row that followed; false when it is not fine after all.
    fn take_followed(&mut self) -> bool {
        let follower = &mut self.writer.follower;
        let fine = self.kind.identify(follower, &mut self.out.identity);
        if fine {
            std::mem::swap(&mut self.out.item, &mut follower.item);
        } else {
            self.out.clear();
        }
        fine
    }

    /// The e-mail address whose profile the last row means; it is to be looked up before the row is
    /// an item.
    pub(crate) fn address(&self) -> Option<&str> {
        self.out.address.as_deref()
    }
}

fn layout_of(
    operation: &'static Operation,
    rows: &Rows,
) -> Result<(layout::Layout, Box<dyn Kind>), Error> {
    fn boxed<K: Kind + 'static>(
        (layout, kind): (layout::Layout, K),
    ) -> (layout::Layout, Box<dyn Kind>) {
        (layout, Box::new(kind))
    }
    match rows {
        Rows::Profiles => profile::layout(operation).map(boxed),
        Rows::Events(unique_ids) => event::layout(operation, unique_ids.clone()).map(boxed),
        Rows::Subscriptions(rules) => subscription::layout(operation, rules).map(boxed),
        Rows::Catalog => catalog::layout(operation).map(boxed),
        Rows::Related(relationship, id) => {
            resource::Resources::related(operation, relationship, id.as_deref()).map(boxed)
        }
        Rows::Records => record::layout(operation).map(boxed),
        Rows::Members => member::layout(operation).map(boxed),
        Rows::Resources => resource::Resources::layout(operation).map(boxed),
    }
}

#[cfg(test)]
mod tests;
