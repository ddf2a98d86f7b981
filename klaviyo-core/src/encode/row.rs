//! Walks through a row and writes each value to its place.

use std::collections::HashSet;

use serde::Serialize;

use super::check::Limits;
use super::columns::{Columns, Form, Member, Place};
use super::inside::{MARK, marked};
use super::key;
use super::layout::{Layout, NodeId};
use super::object::ObjectReader;
use super::reason::Reason;
use super::references;
use super::sign::{Evidence, is_sign};
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
    reading: Reading,
    /// The name of the object at hand, as the row writes it.
    pub(super) path: String,
    /// Buffers for the names of objects inside it.
    spare_paths: Vec<String>,
}

/// What is done with the names of the row at hand.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Reading {
    /// They are taken as flat ones, until one looks like that of an item as it is sent.
    Unsure,
    /// One did.
    Suspicious,
    /// It is looked whether the row is an item as it is sent.
    Probing(Evidence),
    /// They are taken as what they are.
    Sure(Form),
}

impl RowWriter {
    pub(super) fn new(layout: Layout, limits: Limits, options: RowOptions) -> Self {
        RowWriter {
            state: State::new(&layout),
            given: vec![0; layout.slots],
            layout,
            limits,
            columns: Columns::new(options.extra),
            nulls: options.nulls,
            rows: 0,
            reading: Reading::Unsure,
            path: String::new(),
            spare_paths: Vec::new(),
        }
    }

    /// Reads a row; what it gave is then in `state`.
    pub(super) fn read<R: Serialize + ?Sized>(&mut self, row: &R) -> Result<(), Reason> {
        let read = self.read_as(row, Reading::Unsure);
        if self.reading != Reading::Suspicious {
            return read;
        }
        let form = self.probe(row)?;
        self.read_as(row, Reading::Sure(form))
    }

    /// Looks at the row's own names only.
    fn probe<R: Serialize + ?Sized>(&mut self, row: &R) -> Result<Form, Reason> {
        let nothing_yet = Evidence::none(&self.layout);
        self.read_as(row, Reading::Probing(nothing_yet))?;
        Ok(match self.reading {
            Reading::Probing(evidence) if evidence.is_item() => Form::Sent,
            _ => Form::Flat,
        })
    }

    /// Whether the row at hand is an item as it is sent.
    pub(super) fn is_sent(&self) -> bool {
        self.reading == Reading::Sure(Form::Sent)
    }

    fn read_as<R: Serialize + ?Sized>(&mut self, row: &R, reading: Reading) -> Result<(), Reason> {
        self.reading = reading;
        self.state.clear();
        self.path.clear();
        if self.columns.begin_row() {
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

    /// Whether the row gave the field of that slot.
    pub(super) fn gave(&self, slot: usize) -> bool {
        self.given.get(slot) == Some(&self.rows)
    }

    /// Takes a member of the row, or of the object at `path`.
    pub(super) fn member<V: Serialize + ?Sized>(
        &mut self,
        scope: Option<NodeId>,
        name: &str,
        value: &V,
    ) -> Result<(), Reason> {
        match scope {
            None => self.of_the_row(name, value),
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

    fn of_the_row<V: Serialize + ?Sized>(&mut self, name: &str, value: &V) -> Result<(), Reason> {
        match &mut self.reading {
            Reading::Unsure if is_sign(name) => {
                self.reading = Reading::Suspicious;
                Err(Reason::new(
                    "suspicious",
                    "the row may be an item as it is sent",
                ))
            }
            Reading::Probing(evidence) => {
                evidence.see(name, value);
                Ok(())
            }
            _ => self.named(name, value),
        }
    }

    fn form(&self) -> Form {
        match self.reading {
            Reading::Sure(form) => form,
            Reading::Unsure | Reading::Suspicious | Reading::Probing(_) => Form::Flat,
        }
    }

    fn named<V: Serialize + ?Sized>(&mut self, name: &str, value: &V) -> Result<(), Reason> {
        let form = self.form();
        match self.columns.find(&self.layout, form, name)? {
            Place::Object(node) => {
                let node = *node;
                self.object(node, name, value)
            }
            Place::Items(node) => {
                let node = *node;
                let only = |writer: &mut Self| value.serialize(ObjectReader::only(writer, node));
                let wrote = self.at(name, only)?;
                self.null_or(wrote, name)
            }
            Place::Constant(node, only) => {
                self.state.objects[*node].wanted = true;
                expect_constant(only, value).map_err(|reason| reason.at(name))
            }
            Place::Member(member) => {
                let clear = self.nulls == Nulls::Clear;
                let wrote = write_member(&mut self.state, &self.limits, member, clear, value);
                let (slot, wrote) = (member.slot, wrote.map_err(|reason| reason.at(name))?);
                self.account(slot, wrote, name)
            }
            Place::References(member, kind) => {
                let object = &mut self.state.objects[member.node];
                let wrote = references::write(object, &self.limits, member, kind, value);
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
        let wrote = self.at(name, |writer| {
            value.serialize(ObjectReader::inside(writer, node))
        })?;
        if wrote == Wrote::Null && self.nulls == Nulls::Clear && self.layout.nodes[node].nullable {
            self.state.objects[node].null = true;
            return Ok(());
        }
        self.null_or(wrote, name)
    }

    /// Reads what stands at `name`, with that as the path.
    fn at(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Self) -> Result<Wrote, Reason>,
    ) -> Result<Wrote, Reason> {
        let mut inside = self.spare_paths.pop().unwrap_or_default();
        inside.clear();
        inside.push_str(name);
        let outside = std::mem::replace(&mut self.path, inside);
        let wrote = read(self);
        self.spare_paths
            .push(std::mem::replace(&mut self.path, outside));
        wrote
    }

    /// Takes a member of an object that takes every name, without looking the name up.
    fn property<V: Serialize + ?Sized>(
        &mut self,
        node: NodeId,
        name: &str,
        value: &V,
    ) -> Result<(), Reason> {
        if name == MARK {
            return Err(marked().at(&format!("{}.{name}", self.path)));
        }
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
        let mut wrote = wrote.map_err(|reason| reason.at(&format!("{path}.{name}")))?;
        if wrote == Wrote::Null && self.nulls == Nulls::Clear {
            object.bytes.extend_from_slice(b"null");
            wrote = Wrote::Value;
        }
        match wrote {
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
        if wrote == Wrote::Null {
            return self.null_or(wrote, name);
        }
        if std::mem::replace(&mut self.given[slot], self.rows) == self.rows {
            return Err(twice(name));
        }
        Ok(())
    }

    fn null_or(&self, wrote: Wrote, name: &str) -> Result<(), Reason> {
        let detail = match (wrote, self.nulls) {
            (Wrote::Value, _) | (Wrote::Null, Nulls::Omit) => return Ok(()),
            (Wrote::Null, Nulls::Reject) => {
                "the value is null; leave the field out, or take nulls=\"omit\""
            }
            (Wrote::Null, Nulls::Clear) => {
                "the value is null, and this field cannot be cleared; leave it out"
            }
        };
        Err(Reason::new("null", detail).at(name))
    }

    /// Finds a property that was given both by its dotted name and inside its object, and an object
    /// that was given both as null and by its members. Only a row that uses both ways for one object
    /// pays for the search.
    fn check_mixed(&self) -> Result<(), Reason> {
        for (prefix, node) in &self.form().names(&self.layout).prefixes {
            let object = &self.state.objects[*node];
            if object.null && object.count > 0 {
                return Err(twice(prefix));
            }
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

/// Takes a value that can only be this one.
fn expect_constant<V: Serialize + ?Sized>(only: &str, value: &V) -> Result<(), Reason> {
    let is_it = key::with_text(value, |text| Ok(text == only));
    if is_it.unwrap_or(false) {
        return Ok(());
    }
    let detail = format!("this can only be {only:?}; give that, or leave it out");
    Err(Reason::new("wrong_value", detail))
}

/// Writes a member and notes where its value stands.
fn write_member<V: Serialize + ?Sized>(
    state: &mut State,
    limits: &Limits,
    member: &Member,
    clear: bool,
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
        let clearable = member.schema.is_none_or(|schema| schema.nullable);
        if !(clear && clearable) {
            object.bytes.truncate(start);
            return Ok(wrote);
        }
        object.bytes.extend_from_slice(b"null");
        object.count += 1;
        return Ok(Wrote::Value);
    }
    object.count += 1;
    let range = from..object.bytes.len();
    if let Some(capture) = member.capture {
        state.capture(capture, member.node, range);
    }
    Ok(wrote)
}
