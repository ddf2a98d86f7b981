//! Takes the items of a page apart: which value goes into which column, and what is left over.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::columns::{Columns, RELATIONSHIPS};
use super::members::{each_member, is_null, is_object};

/// Where the values of an item go.
#[derive(Debug)]
pub(super) struct Places {
    id: usize,
    kind: usize,
    attributes: Object,
    relationships: BTreeMap<String, usize>,
}

/// Where the members of an object go.
#[derive(Debug, Default)]
struct Object {
    /// What stands before the names of its members.
    prefix: String,
    members: BTreeMap<String, Place>,
}

#[derive(Debug)]
enum Place {
    Column(usize),
    /// Its members have columns of their own.
    Object(Object),
}

/// An item, taken apart.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    /// For each column its value, as JSON.
    pub(super) cells: Vec<Option<&'a RawValue>>,
    /// What has no column, by name.
    pub(super) rest: Vec<(String, &'a RawValue)>,
}

impl Places {
    /// Where the values go that these columns are of.
    pub(super) fn of(columns: &Columns) -> Self {
        let mut places = Places {
            id: 0,
            kind: 0,
            attributes: Object::default(),
            relationships: BTreeMap::new(),
        };
        for (index, column) in columns.0.iter().enumerate() {
            match column.name.strip_prefix(RELATIONSHIPS) {
                Some(name) => {
                    places.relationships.insert(name.to_owned(), index);
                }
                None if column.name == "id" => places.id = index,
                None if column.name == "type" => places.kind = index,
                None => places.attributes.add(&column.name, index),
            }
        }
        places
    }

    /// Takes an item apart.
    ///
    /// # Errors
    /// When it is no object, or has names that are no texts.
    pub(super) fn take_apart<'a>(
        &self,
        item: &'a RawValue,
        parts: &mut Parts<'a>,
    ) -> serde_json::Result<()> {
        each_member(item, |name, value| {
            match name {
                "id" => parts.cells[self.id] = Some(value),
                "type" => parts.cells[self.kind] = Some(value),
                "attributes" if is_object(value) => self.attributes.take_apart(value, parts)?,
                "relationships" if is_object(value) => self.relationships(value, parts)?,
                "links" => {}
                other => parts.keep(other.to_owned(), value),
            }
            Ok(())
        })
    }

    fn relationships<'a>(
        &self,
        value: &'a RawValue,
        parts: &mut Parts<'a>,
    ) -> serde_json::Result<()> {
        each_member(value, |name, value| {
            match self.relationships.get(name) {
                Some(&column) => parts.cells[column] = Some(value),
                None => parts.keep(format!("{RELATIONSHIPS}{name}"), value),
            }
            Ok(())
        })
    }
}

impl Object {
    /// Adds the place of a value by its dotted name.
    fn add(&mut self, name: &str, column: usize) {
        let Some((first, rest)) = name.split_once('.') else {
            self.members.insert(name.to_owned(), Place::Column(column));
            return;
        };
        let prefix = format!("{}{first}.", self.prefix);
        let inner = self.members.entry(first.to_owned()).or_insert_with(|| {
            let members = BTreeMap::new();
            Place::Object(Object { prefix, members })
        });
        // Of an attribute and an object of the same name, the table has only one.
        if let Place::Object(inner) = inner {
            inner.add(rest, column);
        }
    }

    fn take_apart<'a>(&self, value: &'a RawValue, parts: &mut Parts<'a>) -> serde_json::Result<()> {
        each_member(value, |name, value| {
            match self.members.get(name) {
                Some(Place::Column(column)) => parts.cells[*column] = Some(value),
                Some(Place::Object(inner)) if is_object(value) => inner.take_apart(value, parts)?,
                _ => parts.keep(format!("{}{name}", self.prefix), value),
            }
            Ok(())
        })
    }
}

impl<'a> Parts<'a> {
    /// The parts of nothing.
    pub(super) fn of_width(columns: usize) -> Self {
        Parts {
            cells: vec![None; columns],
            rest: Vec::new(),
        }
    }

    /// Makes room for the next item.
    pub(super) fn clear(&mut self) {
        self.cells.fill(None);
        self.rest.clear();
    }

    /// Keeps what has no column. Null says nothing. An item may have an attribute and a member of the same
    /// name; then one of them has an apostrophe behind it.
    pub(super) fn keep(&mut self, mut name: String, value: &'a RawValue) {
        while self.rest.iter().any(|(taken, _)| *taken == name) {
            name.push('\'');
        }
        if !is_null(value) {
            self.rest.push((name, value));
        }
    }
}
