//! Writes rows of a known [`Shape`] straight into their items.

mod json;
mod progress;
mod scan;
mod verbatim;

use std::ops::Range;

use serde::Serialize;

use super::Nulls;
use super::check::Limits;
use super::given::Rule;
use super::inside::MARK;
use super::key;
use super::reason::Reason;
use super::shape::Shape;
use super::state::Capture;
use super::value::{ValueWriter, Wrote};
use progress::{Found, Progress};
use verbatim::Verbatim;

/// So many rows in a row that have another shape than the one before, and shapes are left alone for a
/// while.
const PATIENCE: u32 = 4;
/// For so many rows.
const PAUSE: u32 = 256;

/// Where captured values stand in the item.
type Captures = [Option<Range<usize>>; Capture::COUNT];

/// Follows the shape of the rows before, as long as they have one.
#[derive(Debug, Default)]
pub(super) struct Follower {
    /// Without any step where there is none.
    shape: Shape,
    /// The same for rows whose text is mostly their item.
    verbatim: Option<Verbatim>,
    /// The item, as far as it is written.
    pub(super) item: Vec<u8>,
    progress: Progress,
    captures: Captures,
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

    /// Whether the item of a row that is this text is a copy of it, but for what stands around.
    #[cfg(test)]
    pub(super) fn copies(&self, text: &str) -> bool {
        let limits = Limits::none();
        let scan = scan::Scan::new(text, &limits);
        let verbatim = self.verbatim.as_ref();
        verbatim.is_some_and(|verbatim| verbatim.members(scan, &mut Captures::default()).is_some())
    }

    /// Begins a row.
    pub(super) fn begin(&mut self) {
        self.item.clear();
        self.captures.fill(None);
        self.progress.begin();
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
        self.verbatim = Verbatim::of(&shape.steps);
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
        let found = self.progress.seek(&self.shape, &mut self.item, name)?;
        Ok(match found {
            Found::Value(expected) => {
                let start = self.item.len();
                self.item.extend_from_slice(&expected.lead);
                let wrote = write(&mut self.item, start, expected.rule, limits, nulls, value)?;
                if let Some(capture) = expected.capture {
                    self.captures[capture as usize] = wrote;
                }
                Taken::Value
            }
            Found::Object => Taken::Object,
            Found::Properties => Taken::Properties,
        })
    }

    /// Goes behind the object that was entered last.
    pub(super) fn leave(&mut self) {
        self.progress.leave(&self.shape, &mut self.item);
    }

    /// Goes behind the last step.
    pub(super) fn finish(&mut self) {
        self.progress.finish(&self.shape, &mut self.item);
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
        let expected = self.progress.next_property(&self.shape);
        match expected.filter(|expected| expected.name == name) {
            Some(expected) => {
                self.progress.took_property();
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
