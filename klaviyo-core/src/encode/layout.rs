//! Which name of a row goes to which place of an item.
//!
//! The places are a tree of JSON objects, built from the operation's schema. Two sets of names lead
//! into it: those of a flat row, and those of an item as it is sent.

use klaviyo_gen::{Field, Kind, Schema};

use super::check::Check;
use super::key;
use super::names::Names;
use super::state::Capture;

/// Index of a [`Node`].
pub(super) type NodeId = usize;

/// A JSON object of the item or its group.
#[derive(Debug)]
pub(super) struct Node {
    /// Its name in the object around it; empty at the top.
    pub(super) key: &'static str,
    /// The same with its quotes and a colon.
    pub(super) opening: Vec<u8>,
    /// Members that are always the same, for example `"type":"profile"`.
    pub(super) constant: String,
    /// Written even when the row gives nothing for it.
    pub(super) required: bool,
    /// Whether null may stand in its place.
    pub(super) nullable: bool,
    /// The members that it knows; none: it takes every name.
    pub(super) fields: &'static [Field],
    /// The slot of its first field; those of the others follow.
    pub(super) first_slot: usize,
    pub(super) parent: Option<NodeId>,
    pub(super) children: Vec<NodeId>,
}

impl Node {
    /// Whether it takes every name.
    pub(super) fn is_open(&self) -> bool {
        self.fields.is_empty()
    }

    /// The field of that name, and its slot.
    pub(super) fn field(&self, name: &str) -> Option<(&'static Field, usize)> {
        let index = self.fields.iter().position(|field| field.name == name)?;
        Some((&self.fields[index], self.first_slot + index))
    }
}

/// What is checked and kept of one field, where its name does not say it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Special {
    pub(super) check: Check,
    pub(super) capture: Option<Capture>,
}

/// The tree and the names that lead into it.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) nodes: Vec<Node>,
    /// How many slots the known fields of all objects take.
    pub(super) slots: usize,
    specials: Vec<(NodeId, &'static str, Special)>,
    /// The names of a flat row.
    pub(super) flat: Names,
    /// The names of an item as it is sent, with its group where it has one.
    pub(super) sent: Names,
    /// The object that an item as it is sent begins with.
    pub(super) root: NodeId,
}

impl Layout {
    /// Adds the object that `schema` describes, with all objects inside it.
    pub(super) fn add(
        &mut self,
        key: &'static str,
        schema: &'static Schema,
        required: bool,
    ) -> NodeId {
        let fields = match schema.kind {
            Kind::Object(fields) => fields,
            _ => &[],
        };
        let id = self.add_fields(key, fields);
        self.nodes[id].required = required;
        self.nodes[id].nullable = schema.nullable;
        for field in fields {
            if matches!(field.schema.kind, Kind::Object(_)) {
                let child = self.add(field.name, &field.schema, field.required);
                self.nodes[child].parent = Some(id);
                self.nodes[id].children.push(child);
            }
        }
        id
    }

    /// Adds an object beside the tree: names of a row that are not written as they are given.
    pub(super) fn add_aside(&mut self, fields: &'static [Field]) -> NodeId {
        let node = self.add_fields("", fields);
        for field in fields {
            self.flat.alias(&self.nodes, field.name, node, field.name);
        }
        node
    }

    fn add_fields(&mut self, key: &'static str, fields: &'static [Field]) -> NodeId {
        let mut opening = Vec::new();
        key::write(key, &mut opening);
        self.nodes.push(Node {
            key,
            opening,
            constant: constants(fields),
            required: false,
            nullable: false,
            fields,
            first_slot: self.slots,
            parent: None,
            children: Vec::new(),
        });
        self.slots += fields.len();
        self.nodes.len() - 1
    }

    /// The object at a path of keys below `node`.
    pub(super) fn below(&self, node: NodeId, path: &[&str]) -> Option<NodeId> {
        path.iter().try_fold(node, |node, key| {
            let children = &self.nodes[node].children;
            children
                .iter()
                .copied()
                .find(|&child| self.nodes[child].key == *key)
        })
    }

    /// Binds a prefix of flat names to an object, and longer prefixes to the objects inside it.
    pub(super) fn bind(&mut self, prefix: &str, node: NodeId) {
        self.flat.bind(&self.nodes, prefix, node);
    }

    /// Binds a flat name to a field of an object; nothing when the object has no such field.
    pub(super) fn alias(&mut self, name: &'static str, node: NodeId, field: &str) {
        self.flat.alias(&self.nodes, name, node, field);
    }

    /// Makes `root` the object that an item as it is sent begins with.
    pub(super) fn bind_sent(&mut self, root: NodeId) {
        self.root = root;
        self.sent.types = true;
        self.sent.bind(&self.nodes, "", root);
    }

    /// Says where the group that is sent holds its items; a row has one.
    pub(super) fn bind_sent_item(&mut self, name: &str, item: NodeId) {
        self.sent.items = Some((name.to_owned(), item));
        self.sent.bind(&self.nodes, name, item);
    }

    /// Says what is checked and kept of a field.
    pub(super) fn mark(
        &mut self,
        node: NodeId,
        field: &'static str,
        check: Check,
        capture: Option<Capture>,
    ) {
        let special = Special { check, capture };
        self.specials.push((node, field, special));
    }

    /// What was said of a field by [`Layout::mark`].
    pub(super) fn special(&self, node: NodeId, field: &str) -> Option<Special> {
        let mut specials = self.specials.iter();
        let found = specials.find(|(marked, name, _)| *marked == node && *name == field);
        found.map(|(_, _, special)| *special)
    }
}

/// The one value that the field can have.
pub(crate) fn constant(field: &Field) -> Option<&'static str> {
    match field.schema.kind {
        Kind::String {
            values: [value], ..
        } if field.required => Some(value),
        _ => None,
    }
}

/// The members that can only have one value, as JSON.
pub(crate) fn constants(fields: &[Field]) -> String {
    let members = fields.iter().filter_map(|field| {
        let value = constant(field)?;
        Some(format!("\"{}\":\"{value}\"", field.name))
    });
    members.collect::<Vec<_>>().join(",")
}
