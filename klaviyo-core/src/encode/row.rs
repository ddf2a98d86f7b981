//! Walks through a row and writes each value to its place.

use std::collections::HashSet;

use serde::Serialize;

use super::check::Limits;
use super::columns::{Columns, Form, Member, Place};
use super::follow::{Follower, Taken, other_shape};
use super::given::Rule;
use super::inside::{MARK, marked};
use super::key;
use super::layout::{Layout, NodeId};
use super::object::{ObjectReader, Within};
use super::reason::Reason;
use super::references;
use super::remembered::Scope;
use super::shape::{Mark, Shape, Shapes};
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
    /// Whether an object was given in more than one way, as one and by its members.
    mixed: bool,
    pub(super) follower: Follower,
    /// What the row at hand gives, when its shape is wanted.
    marks: Option<Vec<Mark>>,
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
            mixed: false,
            follower: Follower::default(),
            marks: None,
        }
    }

    /// Writes the item of a row that has the shape of the rows before it; says whether it has.
    pub(super) fn follow<R: Serialize + ?Sized>(&mut self, row: &R) -> bool {
        if !self.follower.has_shape() {
            return false;
        }
        let follows = self.follows(row);
        self.follower.end(follows);
        follows
    }

    /// The same for a row that is the text of a JSON object.
    pub(super) fn follow_json(&mut self, text: &str) -> bool {
        if !self.follower.has_shape() {
            return false;
        }
        let read = self.follower.json(text, &self.limits, self.nulls);
        self.follower.end(read.is_ok());
        read.is_ok()
    }

    fn follows<R: Serialize + ?Sized>(&mut self, row: &R) -> bool {
        self.follower.begin();
        let wrote = row.serialize(ObjectReader::of_shape(self));
        self.follower.finish();
        wrote == Ok(Wrote::Value)
    }

    /// Asks for the shape of the row that is to be read.
    pub(super) fn want_shape(&mut self) {
        self.marks = self.follower.wants_shape().then(Vec::new);
    }

    /// Learns the shape of the row that was read, of which `item` was made.
    pub(super) fn learn_shape<R: Serialize + ?Sized>(
        &mut self,
        shapes: Shapes<'_>,
        row: &R,
        item: &[u8],
    ) {
        let Some(marks) = self.marks.take() else {
            return;
        };
        let known = |name| self.columns.known(name);
        let shape = match self.reading {
            Reading::Unsure if !self.mixed => Shape::of(&self.layout, shapes, &marks, known),
            _ => None,
        };
        self.follower.learn(shape.unwrap_or_default());
        // It must make of its own row what the long way made of it.
        if !(self.follows(row) && self.follower.item == item) {
            self.follower.end(false);
        }
    }

    fn mark(&mut self, mark: impl FnOnce() -> Mark) {
        if let Some(marks) = &mut self.marks {
            marks.push(mark());
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
        self.mixed = false;
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

    /// The name that leads to what others are names in, as the row writes it.
    pub(super) fn path(&self, scope: Scope) -> &str {
        self.columns.path(self.form(), scope)
    }

    /// Takes a member of the row, or of an object in it.
    #[inline]
    pub(super) fn member<V: Serialize + ?Sized>(
        &mut self,
        within: Within,
        name: &str,
        value: &V,
    ) -> Result<(), Reason> {
        match within {
            Within::Shape => self.shaped(name, value),
            Within::ShapeOfProperties => {
                self.follower
                    .property(&self.limits, self.nulls, name, value)
            }
            Within::Row | Within::Object(..) => self.long_way(within, name, value),
        }
    }

    /// The same for a row without a shape. Kept apart: what shapes need is small.
    #[inline(never)]
    fn long_way<V: Serialize + ?Sized>(
        &mut self,
        within: Within,
        name: &str,
        value: &V,
    ) -> Result<(), Reason> {
        match within {
            Within::Object(node, scope) if self.layout.nodes[node].is_open() => {
                self.property(node, scope, name, value)
            }
            Within::Object(_, scope) => self.named(scope, name, value),
            _ => self.of_the_row(name, value),
        }
    }

    /// Takes a member of a row that has the shape of the rows before it.
    #[inline]
    fn shaped<V: Serialize + ?Sized>(&mut self, name: &str, value: &V) -> Result<(), Reason> {
        let taken = self.follower.take(&self.limits, self.nulls, name, value)?;
        let wrote = match taken {
            Taken::Value => return Ok(()),
            Taken::Object => {
                let wrote = value.serialize(ObjectReader::of_shape(self))?;
                self.follower.leave();
                wrote
            }
            Taken::Properties => value.serialize(ObjectReader::of_shape_of_properties(self))?,
        };
        if wrote == Wrote::Null && self.nulls != Nulls::Omit {
            return Err(other_shape());
        }
        Ok(())
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
            _ => self.named(Scope::ROW, name, value),
        }
    }

    fn form(&self) -> Form {
        match self.reading {
            Reading::Sure(form) => form,
            Reading::Unsure | Reading::Suspicious | Reading::Probing(_) => Form::Flat,
        }
    }

    fn named<V: Serialize + ?Sized>(
        &mut self,
        scope: Scope,
        name: &str,
        value: &V,
    ) -> Result<(), Reason> {
        let form = self.form();
        let known = self.columns.find(&self.layout, form, scope, name)?;
        let inside = known.inside;
        if let Some(marks) = &mut self.marks {
            marks.push(Mark::Name(inside));
        }
        match &known.place {
            Place::Object(node) => {
                let node = *node;
                self.object(node, inside, value)
            }
            Place::Items(node) => {
                let node = *node;
                let wrote = value.serialize(ObjectReader::only(self, node, inside))?;
                self.null_or(wrote, inside)
            }
            Place::Constant(node, only) => {
                self.state.fill(&self.layout, *node);
                expect_constant(only, value).map_err(|reason| reason.at(&known.path))
            }
            Place::Member(member) => {
                let clear = self.nulls == Nulls::Clear;
                let state = &mut self.state;
                let wrote = write_member(state, &self.layout, &self.limits, member, clear, value);
                let wrote = wrote.map_err(|reason| reason.at(&known.path))?;
                self.mixed |= state.objects[member.node].unlooked > 0;
                let slot = member.slot;
                self.account(slot, wrote, inside)
            }
            Place::References(member, kind) => {
                let state = &mut self.state;
                let object = state.touch(member.node);
                let wrote = references::write(object, &self.limits, member, kind, value);
                let wrote = wrote.map_err(|reason| reason.at(&known.path))?;
                if wrote == Wrote::Value {
                    state.fill(&self.layout, member.node);
                }
                let slot = member.slot;
                self.account(slot, wrote, inside)
            }
        }
    }

    /// Takes an object whose members have places of their own.
    fn object<V: Serialize + ?Sized>(
        &mut self,
        node: NodeId,
        scope: Scope,
        value: &V,
    ) -> Result<(), Reason> {
        let object = self.state.touch(node);
        object.entered += 1;
        self.mixed |= object.entered > 1 || object.count > 0;
        let wrote = value.serialize(ObjectReader::inside(self, node, scope))?;
        self.mark(|| Mark::Left);
        if wrote == Wrote::Null && self.nulls == Nulls::Clear && self.layout.nodes[node].nullable {
            self.state.set_null(&self.layout, node);
            self.mixed = true;
            return Ok(());
        }
        self.null_or(wrote, scope)
    }

    /// Takes a member of an object that takes every name, without looking the name up.
    fn property<V: Serialize + ?Sized>(
        &mut self,
        node: NodeId,
        scope: Scope,
        name: &str,
        value: &V,
    ) -> Result<(), Reason> {
        if name == MARK {
            let path = self.columns.path_of(self.form(), scope, name);
            return Err(marked().at(&path));
        }
        self.mark(|| Mark::Property(name.to_owned()));
        let object = self.state.touch(node);
        let start = object.begin_member();
        key::write(name, &mut object.bytes);
        let wrote = value.serialize(ValueWriter {
            out: &mut object.bytes,
            rule: Rule::ANYTHING,
            limits: &self.limits,
            depth: 0,
        });
        match wrote {
            Ok(Wrote::Value) => {}
            Ok(Wrote::Null) if self.nulls == Nulls::Clear => {
                object.bytes.extend_from_slice(b"null");
            }
            Ok(Wrote::Null) => {
                object.bytes.truncate(start);
                let form = self.form();
                return self.null(|columns| columns.path_of(form, scope, name));
            }
            Err(reason) => {
                let path = self.columns.path_of(self.form(), scope, name);
                return Err(reason.at(&path));
            }
        }
        object.count += 1;
        object.unlooked += 1;
        self.state.fill(&self.layout, node);
        Ok(())
    }

    /// Notes that the row gave the field of that slot; `scope` leads to its name.
    fn account(&mut self, slot: usize, wrote: Wrote, scope: Scope) -> Result<(), Reason> {
        if wrote == Wrote::Null {
            return self.null_or(wrote, scope);
        }
        if self.given.len() <= slot {
            self.given.resize(slot + 1, 0);
        }
        if std::mem::replace(&mut self.given[slot], self.rows) == self.rows {
            return Err(twice(self.path(scope)));
        }
        Ok(())
    }

    /// Takes a value, or a null; `scope` leads to its name.
    #[inline]
    fn null_or(&self, wrote: Wrote, scope: Scope) -> Result<(), Reason> {
        match wrote {
            Wrote::Value => Ok(()),
            Wrote::Null => self.null(|columns| columns.path(self.form(), scope).to_owned()),
        }
    }

    /// Takes a null where it is not written.
    fn null(&self, name: impl FnOnce(&Columns) -> String) -> Result<(), Reason> {
        let detail = match self.nulls {
            Nulls::Omit => return Ok(()),
            Nulls::Reject => "the value is null; leave the field out, or take nulls=\"omit\"",
            Nulls::Clear => "the value is null, and this field cannot be cleared; leave it out",
        };
        Err(Reason::new("null", detail).at(&name(&self.columns)))
    }

    /// Finds a property that was given both by its dotted name and inside its object, and an object
    /// that was given both as null and by its members. Only a row that uses both ways for one object
    /// pays for the search.
    fn check_mixed(&self) -> Result<(), Reason> {
        if !self.mixed {
            return Ok(());
        }
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
#[inline]
fn write_member<V: Serialize + ?Sized>(
    state: &mut State,
    layout: &Layout,
    limits: &Limits,
    member: &Member,
    clear: bool,
    value: &V,
) -> Result<Wrote, Reason> {
    let object = state.touch(member.node);
    let start = object.begin_member();
    object.bytes.extend_from_slice(&member.key);
    let from = object.bytes.len();
    let wrote = value.serialize(ValueWriter {
        out: &mut object.bytes,
        rule: member.rule,
        limits,
        depth: 0,
    })?;
    if wrote == Wrote::Null && !(clear && member.nullable) {
        object.bytes.truncate(start);
        return Ok(wrote);
    }
    object.count += 1;
    if wrote == Wrote::Null {
        object.bytes.extend_from_slice(b"null");
    } else if let Some(capture) = member.capture {
        let range = from..object.bytes.len();
        state.capture(capture, member.node, range);
    }
    state.fill(layout, member.node);
    Ok(Wrote::Value)
}
