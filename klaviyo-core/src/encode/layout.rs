//! Which name of a row goes to which place of an item.
//!
//! The places are a tree of JSON objects, built from the operation's schema; the names are bound to
//! it by prefix (`location.` and so on) and by single aliases (`metric`).

use klaviyo_gen::{Field, Kind, Schema};

/// Index of a [`Node`].
pub(super) type NodeId = usize;

/// A JSON object of the item or its group.
#[derive(Debug)]
pub(super) struct Node {
    /// Its name in the object around it; empty at the top.
    pub(super) key: &'static str,
    /// Members that are always the same, for example `"type":"profile"`.
    pub(super) constant: String,
    /// Written even when the row gives nothing for it.
    pub(super) required: bool,
    /// The members that it knows; none: it takes every name.
    pub(super) fields: &'static [Field],
    pub(super) children: Vec<NodeId>,
}

impl Node {
    /// Whether it takes every name.
    pub(super) fn is_open(&self) -> bool {
        self.fields.is_empty()
    }
}

/// A single name for a field somewhere in the tree.
#[derive(Debug)]
pub(super) struct Alias {
    pub(super) name: &'static str,
    pub(super) node: NodeId,
    pub(super) field: &'static Field,
}

/// The tree and the names that lead into it.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) nodes: Vec<Node>,
    pub(super) aliases: Vec<Alias>,
    /// Prefixes with the dot left out, each with its node; the empty one is the row itself.
    pub(super) prefixes: Vec<(String, NodeId)>,
    /// Where a name goes that nothing else takes, if it is to be a property.
    pub(super) extra: Option<NodeId>,
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
        let id = self.nodes.len();
        self.nodes.push(Node {
            key,
            constant: constant(fields),
            required,
            fields,
            children: Vec::new(),
        });
        for field in fields {
            if matches!(field.schema.kind, Kind::Object(_)) {
                let child = self.add(field.name, &field.schema, field.required);
                self.nodes[id].children.push(child);
            }
        }
        id
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

    /// Binds a prefix to an object, and longer prefixes to the objects inside it.
    pub(super) fn bind(&mut self, prefix: &str, node: NodeId) {
        for child in self.nodes[node].children.clone() {
            let key = self.nodes[child].key;
            let longer = if prefix.is_empty() {
                key.to_owned()
            } else {
                format!("{prefix}.{key}")
            };
            self.bind(&longer, child);
        }
        self.prefixes.push((prefix.to_owned(), node));
    }

    /// Takes back what was bound to a name and below it.
    pub(super) fn unbind(&mut self, name: &str) {
        let below = format!("{name}.");
        self.prefixes
            .retain(|(prefix, _)| prefix != name && !prefix.starts_with(&below));
    }

    /// Binds a single name to a field of an object; nothing when the object has no such field.
    pub(super) fn alias(&mut self, name: &'static str, node: NodeId, field: &str) {
        if let Some(field) = find(self.nodes[node].fields, field) {
            self.aliases.push(Alias { name, node, field });
        }
    }

    /// Every name that a row may use, for suggestions; free-form objects as their prefix.
    pub(super) fn names(&self) -> impl Iterator<Item = String> + '_ {
        let aliases = self.aliases.iter().map(|alias| alias.name.to_owned());
        let fields = self.prefixes.iter().flat_map(|(prefix, node)| {
            let dot = if prefix.is_empty() { "" } else { "." };
            let fields = self.nodes[*node].fields.iter();
            // Objects have names of their own here, and a type is nothing to give.
            let fields = fields.filter(|field| {
                !matches!(field.schema.kind, Kind::Object(_)) && field.name != "type"
            });
            fields.map(move |field| format!("{prefix}{dot}{}", field.name))
        });
        aliases.chain(fields)
    }
}

/// The field of that name.
pub(super) fn find(fields: &'static [Field], name: &str) -> Option<&'static Field> {
    fields.iter().find(|field| field.name == name)
}

/// The members that can only have one value, as JSON.
fn constant(fields: &[Field]) -> String {
    let members = fields.iter().filter_map(|field| match field.schema.kind {
        Kind::String {
            values: [value], ..
        } if field.required => Some(format!("\"{}\":\"{value}\"", field.name)),
        _ => None,
    });
    members.collect::<Vec<_>>().join(",")
}
