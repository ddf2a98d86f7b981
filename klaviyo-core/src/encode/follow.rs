//! Writes rows of a known [`Shape`] straight into their items.

mod json;
mod patience;
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
use patience::Patience;
use progress::{Found, Progress};
use scan::Scan;
use verbatim::Verbatim;

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
    /// With rows of other shapes.
    shaping: Patience,
    /// With texts that are not their items.
    copying: Patience,
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
    pub(super) fn copies(&self, text: &str, limits: &Limits) -> bool {
        let scan = Scan::new(text, limits);
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
        self.shaping.note(followed);
        if !followed {
            self.shape = Shape::default();
        }
    }

    /// Whether the shape of the next row is wanted, which goes the long way.
    pub(super) fn wants_shape(&mut self) -> bool {
        self.shaping.is_left()
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

    /// Writes the item of a row whose text is to be sent as it stands; says whether it is.
    fn copy(&mut self, scan: Scan<'_>) -> bool {
        let Some(verbatim) = self.verbatim.as_ref() else {
            return false;
        };
        if !self.copying.is_left() {
            return false;
        }
        self.item.clear();
        self.captures.fill(None);
        let copied = verbatim.write(scan, &mut self.item, &mut self.captures);
        self.copying.note(copied.is_some());
        copied.is_some()
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
