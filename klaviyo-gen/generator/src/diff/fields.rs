//! What changed of the fields of request bodies and answers.
//!
//! A named object is compared once and listed once, with the operations that it concerns, however
//! many lead to it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde_json::Value;

use super::shapes::{self, Direction, Found};
use super::{Section, Side, quoted};
use crate::facts::{Operation, Shape};

/// A named object: where it goes, its old name, its new name.
type Pair = (Direction, String, String);

/// The objects that were compared.
struct Compared<'a> {
    old: &'a Side,
    new: &'a Side,
    found: BTreeMap<Pair, Found>,
    users: BTreeMap<Pair, BTreeSet<&'a str>>,
}

/// Sections of changed fields: first those of single operations, then those of named objects.
pub(super) fn compare(
    old: &Side,
    new: &Side,
    operations: &[(&Operation, &Operation)],
) -> Result<Vec<Section>> {
    let mut compared = Compared {
        old,
        new,
        found: BTreeMap::new(),
        users: BTreeMap::new(),
    };
    let mut sections = Vec::new();
    for (before, after) in operations {
        // The comparison borrows from `new`, which outlives it.
        let Some(after) = new.operations.iter().find(|one| one.id == after.id) else {
            continue;
        };
        sections.extend(compared.operation(before, after)?);
    }
    sections.extend(compared.named());
    Ok(sections)
}

impl<'a> Compared<'a> {
    fn operation(&mut self, before: &Operation, after: &'a Operation) -> Result<Vec<Section>> {
        let mut sections = Vec::new();
        for (direction, old, new) in bodies(before, after) {
            let old = Shape::read(&self.old.document, old)?;
            let new = Shape::read(&self.new.document, new)?;
            let found = shapes::compare(direction, "", &old, &new);
            if !found.changes.is_empty() {
                let heading = format!("{} of `{}`", noun(direction), after.id);
                sections.push(section(heading, &found));
            }
            self.follow(direction, &found, &after.id)?;
        }
        Ok(sections)
    }

    /// Notes the operation at every named object that it leads to.
    fn follow(&mut self, direction: Direction, from: &Found, operation: &'a str) -> Result<()> {
        let mut open = from.named.clone();
        while let Some((old, new)) = open.pop() {
            let pair = (direction, old, new);
            if self
                .users
                .entry(pair.clone())
                .or_default()
                .insert(operation)
            {
                open.extend(self.pair(&pair)?.named.clone());
            }
        }
        Ok(())
    }

    /// What changed of a named object; compared only the first time.
    fn pair(&mut self, pair: &Pair) -> Result<&Found> {
        let (direction, old, new) = pair;
        if !self.found.contains_key(pair) {
            let old = Shape::read_named(&self.old.document, old)?;
            let new = Shape::read_named(&self.new.document, new)?;
            let found = shapes::compare_fields(*direction, &old, &new);
            self.found.insert(pair.clone(), found);
        }
        Ok(&self.found[pair])
    }

    fn named(&self) -> impl Iterator<Item = Section> {
        let changed = self
            .found
            .iter()
            .filter(|(_, found)| !found.changes.is_empty());
        changed.map(|(pair, found)| {
            let (direction, _, new) = pair;
            let users: Vec<_> = self.users[pair].iter().collect();
            let noun = noun(*direction);
            section(
                format!("`{new}`, in the {noun} of {}", quoted(&users)),
                found,
            )
        })
    }
}

fn section(heading: String, found: &Found) -> Section {
    let mut changes = found.changes.clone();
    changes.sort();
    changes.dedup();
    Section { heading, changes }
}

/// The bodies that both operations have, old and new.
fn bodies<'a>(
    before: &'a Operation,
    after: &'a Operation,
) -> Vec<(Direction, &'a Value, &'a Value)> {
    let mut bodies = Vec::new();
    if let (Some(old), Some(new)) = (&before.body, &after.body) {
        bodies.push((Direction::Request, &old.schema, &new.schema));
    }
    for new in &after.success {
        let old = before.success.iter().find(|old| old.status == new.status);
        if let (Some(old), Some(new)) = (old.and_then(|old| old.schema.as_ref()), &new.schema) {
            bodies.push((Direction::Answer, old, new));
        }
    }
    bodies
}

fn noun(direction: Direction) -> &'static str {
    match direction {
        Direction::Request => "request",
        Direction::Answer => "answer",
    }
}
