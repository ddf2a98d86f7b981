//! Walks through a row and writes each value to its place.

use std::collections::HashSet;

use serde::Serialize;

use super::check::Limits;
use super::columns::{Columns, Member, Place};
use super::key;
use super::layout::{Layout, NodeId};
use super::object::ObjectReader;
use super::reason::Reason;
use super::state::State;
use super::value::{ValueWriter, Wrote};
use super::{Nulls, RowOptions};

/// Writes rows, one at a time, into the objects of a layout.
pub(super) struct RowWriter {
    pub(super) layout: Layout,
    pub(super) state: State,
    pub(super) limits: Limits,
    columns: Columns,
    nulls: Nulls,
    /// For each slot, the last row (counted from 1) that gave it.
    given: Vec<u64>,
    rows: u64,
    /// The name of the object at hand, as the row writes it.
    pub(super) path: String,
}

impl RowWriter {
    pub(super) fn new(layout: Layout, limits: Limits, options: RowOptions) -> Self {
        RowWriter {
            state: State::new(&layout),
            layout,
            limits,
            columns: Columns::new(options.extra),
            nulls: options.nulls,
            given: Vec::new(),
            rows: 0,
            path: String::new(),
        }
    }

    /// Reads a row; what it gave is then in `state`.
    pub(super) fn read<R: Serialize + ?Sized>(&mut self, row: &R) -> Result<(), Reason> {
        self.state.clear();
        self.path.clear();
        if self.columns.trim() {
            self.given.clear();
        }
        self.rows += 1;
        match row.serialize(ObjectReader::row(self))? {
            Wrote::Value => self.check_mixed(),
            Wrote::Null => Err(Reason::new(
                "not_an_object",
                "the row is null; expected an object",
            )),
        }
    }

    /// Takes a member of the row, or of the object at `path`.
    pub(super) fn member<V: Serialize + ?Sized>(
        &mut self,
        scope: Option<NodeId>,
        name: &str,
        value: &V,
    ) -> Result<(), Reason> {
        match scope {
            None => self.named(name, value),
            Some(node) if self.layout.nodes[node].is_open() => self.property(node, name, value),
            Some(_) => {
                let outside = self.path.len();
                self.path.push('.');
                self.path.push_str(name);
                let path = std::mem::take(&mut self.path);
                let taken = self.named(&path, value);
                self.path = path;
                self.path.truncate(outside);
                taken
            }
        }
    }

    fn named<V: Serialize + ?Sized>(&mut self, name: &str, value: &V) -> Result<(), Reason> {
        match self.columns.find(&self.layout, name)? {
            Place::Object(node) => {
                let node = *node;
                self.object(node, name, value)
            }
            Place::Member(member) => {
                let wrote = write_member(&mut self.state, &self.limits, member, value);
                let (slot, wrote) = (member.slot, wrote.map_err(|reason| reason.at(name))?);
                self.account(slot, wrote, name)
            }
        }
    }

    /// Takes an object whose members have places of their own.
    fn object<V: Serialize + ?Sized>(
        &mut self,
        node: NodeId,
        name: &str,
        value: &V,
    ) -> Result<(), Reason> {
        self.state.objects[node].entered += 1;
        let outside = std::mem::replace(&mut self.path, name.to_owned());
        let wrote = value.serialize(ObjectReader::inside(self, node));
        self.path = outside;
        self.null_or(wrote?, name)
    }

    /// Takes a member of an object that takes every name, without looking the name up.
    fn property<V: Serialize + ?Sized>(
        &mut self,
        node: NodeId,
        name: &str,
        value: &V,
    ) -> Result<(), Reason> {
        let object = &mut self.state.objects[node];
        let start = object.begin_member();
        key::write(name, &mut object.bytes);
        let wrote = value.serialize(ValueWriter {
            out: &mut object.bytes,
            schema: None,
            check: super::check::Check::Nothing,
            limits: &self.limits,
            depth: 0,
        });
        let path = &self.path;
        match wrote.map_err(|reason| reason.at(&format!("{path}.{name}")))? {
            Wrote::Value => {
                object.count += 1;
                object.unlooked += 1;
                Ok(())
            }
            Wrote::Null => {
                object.bytes.truncate(start);
                let refused = self.null_or(Wrote::Null, "");
                refused.map_err(|reason| reason.at(&format!("{}.{name}", self.path)))
            }
        }
    }

    fn account(&mut self, slot: usize, wrote: Wrote, name: &str) -> Result<(), Reason> {
        if self.given.len() <= slot {
            self.given.resize(slot + 1, 0);
        }
        if wrote == Wrote::Value && std::mem::replace(&mut self.given[slot], self.rows) == self.rows
        {
            return Err(twice(name));
        }
        self.null_or(wrote, name)
    }

    fn null_or(&self, wrote: Wrote, name: &str) -> Result<(), Reason> {
        if wrote == Wrote::Null && self.nulls == Nulls::Reject {
            let detail = "the value is null; leave the field out, or take nulls=\"omit\"";
            return Err(Reason::new("null", detail).at(name));
        }
        Ok(())
    }

    /// Finds a property that was given both by its dotted name and inside its object. Only a row
    /// that uses both ways for one object pays for the search.
    fn check_mixed(&self) -> Result<(), Reason> {
        for (prefix, node) in &self.layout.prefixes {
            let object = &self.state.objects[*node];
            let one_way = object.unlooked == object.count && object.entered == 1;
            if object.unlooked == 0 || one_way {
                continue;
            }
            let whole = [b"{", object.bytes.as_slice(), b"}"].concat();
            let mut names = HashSet::new();
            let mut twice_given = None;
            // Reads the names one by one: a map would keep only one of two that are equal.
            let read = key::each_name(&whole, |name| {
                if !names.insert(name.clone()) {
                    twice_given.get_or_insert(name);
                }
            });
            debug_assert!(read.is_ok(), "what was written here is JSON");
            if let Some(name) = twice_given {
                return Err(twice(&format!("{prefix}.{name}")));
            }
        }
        Ok(())
    }
}

fn twice(name: &str) -> Reason {
    let detail = "the row gives this field twice; give it once";
    Reason::new("duplicate_field", detail).at(name)
}

/// Writes a member and notes where its value stands.
fn write_member<V: Serialize + ?Sized>(
    state: &mut State,
    limits: &Limits,
    member: &Member,
    value: &V,
) -> Result<Wrote, Reason> {
    let object = &mut state.objects[member.node];
    let start = object.begin_member();
    object.bytes.extend_from_slice(&member.key);
    let from = object.bytes.len();
    let wrote = value.serialize(ValueWriter {
        out: &mut object.bytes,
        schema: member.schema,
        check: member.check,
        limits,
        depth: 0,
    })?;
    if wrote == Wrote::Null {
        object.bytes.truncate(start);
        return Ok(wrote);
    }
    object.count += 1;
    let range = from..object.bytes.len();
    if let Some(capture) = member.capture {
        state.capture(capture, member.node, range);
    }
    Ok(wrote)
}
