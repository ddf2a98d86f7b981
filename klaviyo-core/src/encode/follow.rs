//! Writes rows of a known [`Shape`] straight into their items.
//!
//! Each member is written with a comma behind it; where an object ends, that is taken back.

mod json;

use std::ops::Range;

use serde::Serialize;

use super::Nulls;
use super::check::Limits;
use super::given::Rule;
use super::inside::MARK;
use super::key;
use super::reason::Reason;
use super::shape::{Shape, Step};
use super::state::Capture;
use super::value::{ValueWriter, Wrote};

/// So many rows in a row that have another shape than the one before, and shapes are left alone for a
/// while.
const PATIENCE: u32 = 4;
/// For so many rows.
const PAUSE: u32 = 256;

/// Follows the shape of the rows before, as long as they have one.
#[derive(Debug, Default)]
pub(super) struct Follower {
    /// Without any step where there is none.
    shape: Shape,
    /// The item, as far as it is written.
    pub(super) item: Vec<u8>,
    /// The next step.
    at: usize,
    /// The objects that are open: where each begins, and where its members do if it is nothing without.
    open: Vec<(usize, usize)>,
    /// Where the captured values stand in the item.
    captures: [Option<Range<usize>>; Capture::COUNT],
    /// The next of the names of an object that takes every name.
    property: usize,
    /// How many rows in a row had another shape.
    misses: u32,
    /// How many rows are to go the long way.
    pause: u32,
}

/// The row has another shape; what it is, the long way finds out.
#[cold]
pub(super) fn other_shape() -> Reason {
    Reason::new("other_shape", "")
}

/// What became of a member of the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    Value,
    /// It is to be an object.
    Object,
    /// It is to be an object that takes every name.
    Properties,
}

impl Follower {
    /// Whether there is a shape for rows to follow.
    pub(super) fn has_shape(&self) -> bool {
        !self.shape.steps.is_empty()
    }

    /// Begins a row.
    pub(super) fn begin(&mut self) {
        self.item.clear();
        self.open.clear();
        self.captures.fill(None);
        self.at = 0;
    }

    /// Ends a row, which followed the shape or had another one.
    pub(super) fn end(&mut self, followed: bool) {
        if followed {
            self.misses = 0;
            return;
        }
        self.shape = Shape::default();
        self.misses += 1;
        if self.misses == PATIENCE {
            self.misses = 0;
            self.pause = PAUSE;
        }
    }

    /// Whether the shape of the next row is wanted, which goes the long way.
    pub(super) fn wants_shape(&mut self) -> bool {
        let paused = self.pause > 0;
        self.pause = self.pause.saturating_sub(1);
        !paused
    }

    /// Learns the shape of the last row.
    pub(super) fn learn(&mut self, shape: Shape) {
        self.shape = shape;
    }

    /// The JSON of a captured value.
    pub(super) fn captured(&self, what: Capture) -> Option<&[u8]> {
        let range = self.captures[what as usize].clone()?;
        Some(&self.item[range])
    }

    /// Takes a member of the row, or of an object in it: writes it, or tells how it is to be read.
    #[inline]
    pub(super) fn take<V: Serialize + ?Sized>(
        &mut self,
        limits: &Limits,
        nulls: Nulls,
        name: &str,
        value: &V,
    ) -> Result<Taken, Reason> {
        loop {
            match self.shape.steps.get(self.at) {
                Some(Step::Value(expected)) if expected.name == name => {
                    self.at += 1;
                    let start = self.item.len();
                    self.item.extend_from_slice(&expected.lead);
                    let wrote = write(&mut self.item, start, expected.rule, limits, nulls, value)?;
                    if let Some(capture) = expected.capture {
                        self.captures[capture as usize] = wrote;
                    }
                    return Ok(Taken::Value);
                }
                Some(Step::Enter(expected)) if expected == name => {
                    self.at += 1;
                    return Ok(Taken::Object);
                }
                Some(Step::Properties(expected, _)) if expected == name => {
                    self.at += 1;
                    self.property = 0;
                    return Ok(Taken::Properties);
                }
                // The names end here, and this was none of them.
                None | Some(Step::Leave) => return Err(other_shape()),
                Some(_) => self.pass(),
            }
        }
    }

    /// Does the next step as for a row that does not give its name.
    fn pass(&mut self) {
        let step = self.shape.steps.get(self.at);
        self.at += 1;
        match step {
            Some(Step::Open(opening)) => {
                let start = self.item.len();
                self.item.extend_from_slice(&opening.lead);
                let inside = if opening.required { 0 } else { self.item.len() };
                self.open.push((start, inside));
            }
            Some(Step::Close) => close(&mut self.item, self.open.pop()),
            Some(Step::Enter(_)) => self.leave(),
            Some(Step::Value(_) | Step::Properties(..) | Step::Leave) | None => {}
        }
    }

    /// Goes behind the object that was entered last.
    pub(super) fn leave(&mut self) {
        while !matches!(self.shape.steps.get(self.at), Some(Step::Leave) | None) {
            self.pass();
        }
        self.at += 1;
    }

    /// Goes behind the last step.
    pub(super) fn finish(&mut self) {
        while self.at < self.shape.steps.len() {
            self.pass();
        }
        // The comma behind the item itself.
        self.item.pop();
    }

    /// Writes a member of the object that takes every name.
    #[inline]
    pub(super) fn property<V: Serialize + ?Sized>(
        &mut self,
        limits: &Limits,
        nulls: Nulls,
        name: &str,
        value: &V,
    ) -> Result<(), Reason> {
        let start = self.item.len();
        let expected = match self.shape.steps.get(self.at - 1) {
            Some(Step::Properties(_, names)) => names.get(self.property),
            _ => None,
        };
        match expected.filter(|expected| expected.name == name) {
            Some(expected) => {
                self.property += 1;
                self.item.extend_from_slice(&expected.lead);
            }
            None if name == MARK => return Err(other_shape()),
            None => key::write(name, &mut self.item),
        }
        write(&mut self.item, start, Rule::ANYTHING, limits, nulls, value).map(drop)
    }
}

/// Writes a value behind its name, which begins at `start`; gives where it stands. A null takes the name
/// back.
#[inline]
fn write<V: Serialize + ?Sized>(
    item: &mut Vec<u8>,
    start: usize,
    rule: Rule,
    limits: &Limits,
    nulls: Nulls,
    value: &V,
) -> Result<Option<Range<usize>>, Reason> {
    let from = item.len();
    let wrote = value.serialize(ValueWriter {
        out: item,
        rule,
        limits,
        depth: 0,
    })?;
    if wrote == Wrote::Null {
        item.truncate(start);
        return if nulls == Nulls::Omit {
            Ok(None)
        } else {
            Err(other_shape())
        };
    }
    let range = from..item.len();
    item.push(b',');
    Ok(Some(range))
}

/// Ends an object, or takes it back when nothing is in it and nothing need be.
fn close(item: &mut Vec<u8>, open: Option<(usize, usize)>) {
    let (start, inside) = open.unwrap_or_default();
    if item.len() == inside {
        return item.truncate(start);
    }
    if item.last() == Some(&b',') {
        item.pop();
    }
    item.extend_from_slice(b"},");
}
