//! Which operations need a type, and in which direction it travels.

use std::collections::{BTreeMap, BTreeSet};

use super::calls::Call;
use super::model::{Shape, Type, Types};

/// Who needs a type.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reach {
    /// The tags of the operations that need it.
    pub(crate) tags: BTreeSet<String>,
    /// Whether it is sent.
    sent: bool,
    /// Whether it is received.
    received: bool,
}

/// In which direction a type travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// In requests only.
    Sent,
    /// In answers only.
    Received,
    /// In both.
    Both,
}

impl Reach {
    /// In which direction the type travels.
    pub(crate) fn direction(&self) -> Direction {
        match (self.sent, self.received) {
            (true, false) => Direction::Sent,
            (false, _) => Direction::Received,
            (true, true) => Direction::Both,
        }
    }
}

/// What each type that some operation needs is needed for; the others are left out.
pub(super) fn reach(
    tags: &BTreeMap<&str, Vec<Call<'_>>>,
    types: &Types,
) -> BTreeMap<String, Reach> {
    let mut reached: BTreeMap<String, Reach> = BTreeMap::new();
    for (tag, calls) in tags {
        let bodies = calls.iter().filter_map(|call| call.body.as_deref());
        for name in closure(bodies, types) {
            let reach = reached.entry(name.to_owned()).or_default();
            reach.sent = true;
            reach.tags.insert((*tag).to_owned());
        }
        let answers = calls
            .iter()
            .flat_map(|call| call.answer.types())
            .map(String::as_str);
        for name in closure(answers, types) {
            let reach = reached.entry(name.to_owned()).or_default();
            reach.received = true;
            reach.tags.insert((*tag).to_owned());
        }
    }
    reached
}

/// The types that `from` need, themselves included.
fn closure<'a>(from: impl Iterator<Item = &'a str>, types: &'a Types) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut waiting: Vec<&str> = from.collect();
    while let Some(name) = waiting.pop() {
        if let Some(found) = types.get(name).filter(|_| seen.insert(name)) {
            waiting.extend(found.shapes().into_iter().filter_map(Shape::target));
        }
    }
    seen
}

/// The types that hold themselves, directly or through others, but for what stands in an array.
pub(super) fn recursive(types: &Types) -> BTreeSet<String> {
    types
        .keys()
        .filter(|name| holds_itself(name, types))
        .cloned()
        .collect()
}

fn holds_itself(name: &str, types: &Types) -> bool {
    let mut seen = BTreeSet::new();
    let mut waiting = held(name, types);
    while let Some(next) = waiting.pop() {
        if next == name {
            return true;
        }
        if seen.insert(next) {
            waiting.extend(held(next, types));
        }
    }
    false
}

/// The types that a value of the type has inside itself.
fn held<'a>(name: &str, types: &'a Types) -> Vec<&'a str> {
    let shapes = types.get(name).map(Type::shapes).unwrap_or_default();
    let inside = shapes.into_iter().filter_map(|shape| match shape {
        Shape::Named(name) => Some(name.as_str()),
        _ => None,
    });
    inside.collect()
}
