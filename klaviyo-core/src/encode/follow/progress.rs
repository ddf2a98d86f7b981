//! The way through the steps of a shape.
//!
//! Each member is written with a comma behind it; where an object ends, that is taken back.

use super::other_shape;
use crate::encode::reason::Reason;
use crate::encode::shape::{Expected, Property, Shape, Step};

/// How far a row has come in the steps of its shape.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The next step.
    at: usize,
    /// The objects that are open: where each begins, and where its members do if it is nothing without.
    open: Vec<(usize, usize)>,
    /// The next of the names of an object that takes every name.
    property: usize,
}

/// A member that a row of the shape gives.
pub(super) enum Found<'s> {
    Value(&'s Expected),
    /// Its value is an object.
    Object,
    /// Its value is an object that takes every name.
    Properties,
}

impl Progress {
    /// Begins a row.
    pub(super) fn begin(&mut self) {
        self.open.clear();
        self.at = 0;
    }

    /// Goes to the member of that name, which the row gives next.
    #[inline(always)]
    pub(super) fn seek<'s>(
        &mut self,
        shape: &'s Shape,
        item: &mut Vec<u8>,
        name: &str,
    ) -> Result<Found<'s>, Reason> {
        loop {
            let step = shape.steps.get(self.at);
            let found = match step {
                Some(Step::Value(expected)) if expected.name == name => Found::Value(expected),
                Some(Step::Enter(expected)) if expected == name => Found::Object,
                Some(Step::Properties(expected, _)) if expected == name => {
                    self.property = 0;
                    Found::Properties
                }
                // The names end here, and this was none of them.
                None | Some(Step::Leave) => return Err(other_shape()),
                Some(_) => {
                    self.pass(shape, item);
                    continue;
                }
            };
            self.at += 1;
            return Ok(found);
        }
    }

    /// The next of the names of the object that was found, which takes every name.
    #[inline]
    pub(super) fn next_property<'s>(&self, shape: &'s Shape) -> Option<&'s Property> {
        match shape.steps.get(self.at.checked_sub(1)?)? {
            Step::Properties(_, names) => names.get(self.property),
            _ => None,
        }
    }

    /// The row has given the property that was next.
    #[inline]
    pub(super) fn took_property(&mut self) {
        self.property += 1;
    }

    /// Does the next step as for a row that does not give its name.
    fn pass(&mut self, shape: &Shape, item: &mut Vec<u8>) {
        let step = shape.steps.get(self.at);
        self.at += 1;
        match step {
            Some(Step::Open(opening)) => {
                let start = item.len();
                item.extend_from_slice(&opening.lead);
                let inside = if opening.required { 0 } else { item.len() };
                self.open.push((start, inside));
            }
            Some(Step::Close) => self.close(item),
            Some(Step::Enter(_)) => self.leave(shape, item),
            Some(Step::Value(_) | Step::Properties(..) | Step::Leave) | None => {}
        }
    }

    /// Ends an object, or takes it back when nothing is in it and nothing need be.
    fn close(&mut self, item: &mut Vec<u8>) {
        let (start, inside) = self.open.pop().unwrap_or_default();
        if item.len() == inside {
            item.truncate(start);
        } else {
            match item.last_mut() {
                Some(comma) if *comma == b',' => *comma = b'}',
                _ => item.push(b'}'),
            }
            item.push(b',');
        }
    }

    /// Goes behind the object that was entered last.
    pub(super) fn leave(&mut self, shape: &Shape, item: &mut Vec<u8>) {
        while !matches!(shape.steps.get(self.at), Some(Step::Leave) | None) {
            self.pass(shape, item);
        }
        self.at += 1;
    }

    /// Goes behind the last step.
    pub(super) fn finish(&mut self, shape: &Shape, item: &mut Vec<u8>) {
        while self.at < shape.steps.len() {
            self.pass(shape, item);
        }
        // The comma behind the item itself.
        item.pop();
    }
}
