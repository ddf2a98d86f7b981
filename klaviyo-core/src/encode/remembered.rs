//! Names that were looked up before. Rows of one source mostly give the same names in the same order,
//! so the name that came next the last time is tried first: that takes one comparison.

use std::collections::HashMap;

use super::columns::Place;

/// Names and their places, with the order in which rows give them.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    known: Vec<Known>,
    index: HashMap<String, usize>,
    /// The name that was found last.
    last: usize,
    /// The name that is expected next.
    next: usize,
    /// The first name of the last row.
    first: usize,
    /// Whether the row at hand has given a name.
    begun: bool,
}

#[derive(Debug)]
struct Known {
    name: String,
    place: Place,
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

    /// Says whether the name is known; then its place is the one that was found last.
    #[inline]
    pub(super) fn find(&mut self, name: &str) -> bool {
        if let Some(known) = self.known.get(self.next)
            && known.name == name
        {
            self.begun = true;
            self.last = self.next;
            self.next = known.next;
            return true;
        }
        let found = self.index.get(name).copied();
        found.is_some_and(|found| {
            self.came(found);
            true
        })
    }

    /// Adds a name that is not known; its place is then the one that was found last.
    pub(super) fn add(&mut self, name: &str, place: Place) {
        let added = self.known.len();
        self.known.push(Known {
            name: name.to_owned(),
            place,
            next: added + 1,
        });
        self.index.insert(name.to_owned(), added);
        self.came(added);
    }

    /// The place that was found last.
    #[inline]
    pub(super) fn found(&self) -> &Place {
        &self.known[self.last].place
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
