//! Names that were looked up before. Rows of one source mostly give the same names in the same order,
//! so the name that came next the last time is tried first: that takes one comparison.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::columns::Place;

/// What a name is a name in: the row itself, or an object that a name of it leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Scope(usize);

impl Scope {
    /// The row itself.
    pub(super) const ROW: Scope = Scope(usize::MAX);
}

/// Names and their places, with the order in which rows give them.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    known: Vec<Known>,
    index: HashMap<Scope, HashMap<String, usize, RandomState>, RandomState>,
    /// The name that was found last.
    last: usize,
    /// The name that is expected next.
    next: usize,
    /// The first name of the last row.
    first: usize,
    /// Whether the row at hand has given a name.
    begun: bool,
}

/// A name that was looked up.
#[derive(Debug)]
pub(super) struct Known {
    scope: Scope,
    name: String,
    /// The name as a flat row has it: behind those of the objects around it.
    pub(super) path: String,
    pub(super) place: Place,
    /// What the names in its value are names in.
    pub(super) inside: Scope,
    /// The name that came after this one the last time.
    next: usize,
}

impl Remembered {
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    pub(super) fn clear(&mut self) {
        *self = Remembered::default();
    }

    /// What comes next is the first name of a row.
    pub(super) fn begin_row(&mut self) {
        self.next = self.first;
        self.begun = false;
    }

    /// Says whether the name is known; then it is the one that was found last.
    #[inline]
    pub(super) fn find(&mut self, scope: Scope, name: &str) -> bool {
        if let Some(known) = self.known.get(self.next)
            && known.name == name
            && known.scope == scope
        {
            self.begun = true;
            self.last = self.next;
            self.next = known.next;
            return true;
        }
        self.find_unexpected(scope, name)
    }

    fn find_unexpected(&mut self, scope: Scope, name: &str) -> bool {
        let names = self.index.get(&scope);
        let found = names.and_then(|names| names.get(name)).copied();
        found.is_some_and(|found| {
            self.came(found);
            true
        })
    }

    /// Adds a name that is not known; it is then the one that was found last.
    pub(super) fn add(&mut self, scope: Scope, name: &str, path: String, place: Place) {
        let added = self.known.len();
        self.known.push(Known {
            scope,
            name: name.to_owned(),
            path,
            place,
            inside: Scope(added),
            next: added + 1,
        });
        let names = self.index.entry(scope).or_default();
        names.insert(name.to_owned(), added);
        self.came(added);
    }

    /// The name that was found last.
    #[inline]
    pub(super) fn found(&self) -> &Known {
        &self.known[self.last]
    }

    /// The name that leads to these, and its place.
    pub(super) fn known(&self, inside: Scope) -> Option<(&str, &Place)> {
        let known = self.known.get(inside.0)?;
        Some((&known.name, &known.place))
    }

    /// The name that leads to what others are names in; empty for the row itself.
    pub(super) fn path(&self, scope: Scope) -> &str {
        self.known.get(scope.0).map_or("", |known| &known.path)
    }

    /// A name has come that was not expected: it will be.
    fn came(&mut self, found: usize) {
        if std::mem::replace(&mut self.begun, true) {
            self.known[self.last].next = found;
        } else {
            self.first = found;
        }
        self.last = found;
        self.next = self.known[found].next;
    }
}
