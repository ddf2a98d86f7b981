//! The shape of a row: which names it gave, in which order, and where their values went.
//!
//! Rows of one source mostly have one shape. A row of the shape of an earlier one is written straight
//! into its item, value by value, without looking a name up or noting what was given: that was done for
//! the row that the shape was taken from. Any other row goes the long way, through [`row`](super::row),
//! and leaves its shape behind. Both ways make the same bytes of a row.

use super::columns::{Member, Place};
use super::given::Rule;
use super::key;
use super::layout::{Layout, NodeId};
use super::remembered::Scope;
use super::state::Capture;

/// What the long way met, name by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mark {
    /// A name, by what is remembered of it.
    Name(Scope),
    /// The value of the last name is an object, and these are the names in it, until `Left`.
    Left,
    /// A name in an object that takes every name.
    Property(String),
}

/// One thing to do.
#[derive(Debug)]
pub(super) enum Step {
    /// An object of the item begins.
    Open(Opening),
    /// The object that began last ends.
    Close,
    /// The row gives a value.
    Value(Expected),
    /// The row gives an object; the names in it follow, until `Leave`.
    Enter(String),
    Leave,
    /// The row gives an object that takes every name: its name, and those in it.
    Properties(String, Vec<Property>),
}

/// How an object of the item begins.
#[derive(Debug)]
pub(super) struct Opening {
    /// Its name and bracket, and what stands in it always.
    pub(super) lead: Vec<u8>,
    /// Whether it is written although there is nothing in it.
    pub(super) required: bool,
}

/// A value that the row gives.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) name: String,
    /// What stands before the value.
    pub(super) lead: Vec<u8>,
    pub(super) rule: Rule,
    pub(super) capture: Option<Capture>,
}

/// A name in an object that takes every name.
#[derive(Debug)]
pub(super) struct Property {
    pub(super) name: String,
    /// What stands before its value.
    pub(super) lead: Vec<u8>,
}

/// The shape of rows: what is to be done for one, in order.
#[derive(Debug, Default)]
pub(super) struct Shape {
    pub(super) steps: Vec<Step>,
}

/// What a kind of rows says of shapes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shapes<'a> {
    /// The object that is the item.
    pub(super) item: NodeId,
    /// Objects without which a row has to be.
    pub(super) without: &'a [NodeId],
}

/// Puts steps together, and sees to it that every object of the item is written in one go, and where the
/// long way writes it.
struct Builder<'a> {
    layout: &'a Layout,
    shapes: Shapes<'a>,
    steps: Vec<Step>,
    /// The objects that are open, from the outermost to the innermost.
    open: Vec<NodeId>,
    /// All objects that ever were.
    opened: Vec<NodeId>,
    slots: Vec<usize>,
}

impl Shape {
    /// The shape of a row that gave these marks; none when its item cannot be written in one go. `known`
    /// gives a name and its place.
    pub(super) fn of<'a>(
        layout: &'a Layout,
        shapes: Shapes<'a>,
        marks: &[Mark],
        known: impl Fn(Scope) -> Option<(&'a str, &'a Place)>,
    ) -> Option<Shape> {
        let mut builder = Builder {
            layout,
            shapes,
            steps: Vec::new(),
            open: Vec::new(),
            opened: Vec::new(),
            slots: Vec::new(),
        };
        builder.open(shapes.item);
        let mut marks = marks.iter();
        while let Some(mark) = marks.next() {
            match mark {
                Mark::Left => builder.steps.push(Step::Leave),
                Mark::Property(_) => return None,
                Mark::Name(scope) => match known(*scope)? {
                    (name, Place::Member(member)) => builder.member(name, member)?,
                    (name, Place::Object(node)) if layout.nodes[*node].is_open() => {
                        let names = marks.by_ref().map_while(|mark| match mark {
                            Mark::Property(name) => Some(Property::of(name)),
                            _ => None,
                        });
                        builder.properties(name, *node, names.collect())?;
                    }
                    (name, Place::Object(_)) => builder.steps.push(Step::Enter(name.to_owned())),
                    _ => return None,
                },
            }
        }
        builder.finish()
    }
}

impl Property {
    fn of(name: &str) -> Self {
        let mut lead = Vec::new();
        key::write(name, &mut lead);
        Property {
            name: name.to_owned(),
            lead,
        }
    }
}

impl Builder<'_> {
    fn member(&mut self, name: &str, member: &Member) -> Option<()> {
        if self.slots.contains(&member.slot) {
            return None;
        }
        self.slots.push(member.slot);
        self.go_to(member.node)?;
        if self
            .opened
            .iter()
            .any(|one| self.is_inside(*one, member.node))
        {
            return None;
        }
        self.steps.push(Step::Value(Expected {
            name: name.to_owned(),
            lead: member.key.clone(),
            rule: member.rule,
            capture: member.capture,
        }));
        Some(())
    }

    fn properties(&mut self, name: &str, node: NodeId, names: Vec<Property>) -> Option<()> {
        if self.opened.contains(&node) {
            return None;
        }
        self.go_to(node)?;
        self.steps.push(Step::Properties(name.to_owned(), names));
        self.close();
        Some(())
    }

    /// Closes and opens objects until this one is the innermost.
    fn go_to(&mut self, node: NodeId) -> Option<()> {
        let mut way = vec![node];
        while let Some(around) = self.layout.nodes[*way.last()?].parent {
            way.push(around);
        }
        way.reverse();
        while !way.starts_with(&self.open) {
            self.close();
        }
        // Closed down to nothing: the object belongs to another tree.
        let begun = self.open.len();
        if begun == 0 || !way[begun..].iter().all(|&node| self.may_open(node)) {
            return None;
        }
        way[begun..].iter().for_each(|node| self.open(*node));
        Some(())
    }

    /// The long way writes an object's own members first, then the objects in it, in the layout's order.
    fn may_open(&self, node: NodeId) -> bool {
        let around = self.layout.nodes[node].parent;
        let is_behind = |one: NodeId| one >= node && self.layout.nodes[one].parent == around;
        let is_late = self.opened.iter().any(|&one| is_behind(one));
        !is_late && !self.shapes.without.contains(&node)
    }

    fn is_inside(&self, node: NodeId, around: NodeId) -> bool {
        self.layout.nodes[node].parent == Some(around)
    }

    fn open(&mut self, node: NodeId) {
        let of = &self.layout.nodes[node];
        let mut lead = if self.open.is_empty() {
            Vec::new()
        } else {
            of.opening.clone()
        };
        lead.push(b'{');
        if !of.constant.is_empty() {
            lead.extend_from_slice(of.constant.as_bytes());
            lead.push(b',');
        }
        let required = of.required;
        self.steps.push(Step::Open(Opening { lead, required }));
        self.open.push(node);
        self.opened.push(node);
    }

    fn close(&mut self) {
        self.steps.push(Step::Close);
        self.open.pop();
    }

    fn finish(mut self) -> Option<Shape> {
        while !self.open.is_empty() {
            self.close();
        }
        let nodes = &self.layout.nodes;
        let is_complete = self.opened.iter().all(|&node| {
            let outer = nodes[node].parent;
            // What is required in an object that may stay away would be written, or not, with it.
            let with_it = outer.is_none_or(|outer| !nodes[node].required || nodes[outer].required);
            let mut children = nodes[node].children.iter();
            with_it && children.all(|child| !nodes[*child].required || self.opened.contains(child))
        });
        is_complete.then_some(Shape { steps: self.steps })
    }
}
