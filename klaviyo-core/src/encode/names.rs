//! The names that lead into a layout: prefixes of dotted names, and single names.

use klaviyo_gen::{Field, Kind};

use super::layout::{Node, NodeId, constant};

/// A single name for a field somewhere in the tree.
#[derive(Debug)]
pub(super) struct Alias {
    pub(super) name: &'static str,
    pub(super) node: NodeId,
    pub(super) field: &'static Field,
}

/// A set of names.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) aliases: Vec<Alias>,
    /// Prefixes with the dot left out, each with its object; the empty one is the row itself.
    pub(super) prefixes: Vec<(String, NodeId)>,
    /// Where a name goes that nothing else takes, if it is to be a property.
    pub(super) extra: Option<NodeId>,
    /// The name of the array that holds the one item of the row, and that item.
    pub(super) items: Option<(String, NodeId)>,
    /// Whether the `type` of a resource is a name; flat rows have none.
    pub(super) types: bool,
}

impl Names {
    /// Binds a prefix to an object, and longer prefixes to the objects inside it.
    pub(super) fn bind(&mut self, nodes: &[Node], prefix: &str, node: NodeId) {
        for &child in &nodes[node].children {
            let longer = dotted(prefix, nodes[child].key);
            self.bind(nodes, &longer, child);
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
    pub(super) fn alias(&mut self, nodes: &[Node], name: &'static str, node: NodeId, field: &str) {
        if let Some((field, _)) = nodes[node].field(field) {
            self.aliases.push(Alias { name, node, field });
        }
    }

    /// The object that a prefix is bound to.
    pub(super) fn object(&self, prefix: &str) -> Option<NodeId> {
        let mut prefixes = self.prefixes.iter();
        let found = prefixes.find(|(bound, _)| bound == prefix);
        found.map(|(_, node)| *node)
    }

    /// A prefix that is bound to the object.
    pub(super) fn prefix(&self, node: NodeId) -> Option<&str> {
        let mut prefixes = self.prefixes.iter();
        let found = prefixes.find(|(_, bound)| *bound == node);
        found.map(|(prefix, _)| prefix.as_str())
    }

    /// Whether a row can give the field by its name in its object.
    pub(super) fn takes(&self, field: &Field) -> bool {
        let in_its_place = matches!(field.schema.kind, Kind::Object(_));
        !in_its_place && (self.types || field.name != "type")
    }

    /// Every name that a row may use, for suggestions; free-form objects as their prefix.
    pub(super) fn all(&self, nodes: &[Node]) -> Vec<String> {
        let aliases = self.aliases.iter().map(|alias| alias.name.to_owned());
        let fields = self.prefixes.iter().flat_map(|(prefix, node)| {
            // What can only have one value is nothing to give.
            let fields = nodes[*node].fields.iter();
            let fields = fields.filter(|field| self.takes(field) && constant(field).is_none());
            fields.map(move |field| dotted(prefix, field.name))
        });
        aliases.chain(fields).collect()
    }

    /// The name by which a row gives a field.
    pub(super) fn of(&self, node: NodeId, field: &str) -> String {
        let mut aliases = self.aliases.iter();
        let alias = aliases.find(|alias| alias.node == node && alias.field.name == field);
        if let Some(alias) = alias {
            return alias.name.to_owned();
        }
        dotted(self.prefix(node).unwrap_or_default(), field)
    }
}

fn dotted(prefix: &str, name: &str) -> String {
    if prefix.is_empty() {
        name.to_owned()
    } else {
        format!("{prefix}.{name}")
    }
}
