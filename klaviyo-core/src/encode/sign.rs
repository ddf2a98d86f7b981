//! Tells a row that is an item as it is sent (a dead letter, say) from a flat one.
//!
//! It is one when its `type` is the item's own, for example `"profile"`, and it has `attributes` if
//! such items have any. A flat row may well have a custom property called `type` or `attributes`, but
//! hardly both with that in them.

use serde::Serialize;

use super::key;
use super::layout::{Layout, constant};

/// Whether a name of a row may be that of an item as it is sent; only then it is worth a look.
pub(super) fn is_sign(name: &str) -> bool {
    matches!(name, "type" | "attributes" | "relationships" | "meta")
}

/// What was seen of a row, and what is looked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Evidence {
    /// The type of an item as it is sent.
    expected: Option<&'static str>,
    /// Whether it is still to be seen that the row has attributes.
    attributes_missing: bool,
    type_seen: bool,
}

impl Evidence {
    /// Nothing seen yet of a row that would go into this layout.
    pub(super) fn none(layout: &Layout) -> Self {
        let root = &layout.nodes[layout.root];
        Evidence {
            expected: root.field("type").and_then(|(field, _)| constant(field)),
            attributes_missing: root.field("attributes").is_some(),
            type_seen: false,
        }
    }

    /// Looks at a member of the row.
    pub(super) fn see<V: Serialize + ?Sized>(&mut self, name: &str, value: &V) {
        match name {
            "type" => {
                let is_it = key::with_text(value, |text| Ok(Some(text) == self.expected));
                self.type_seen = is_it.unwrap_or(false);
            }
            "attributes" => self.attributes_missing = false,
            _ => {}
        }
    }

    /// Whether the row is an item as it is sent.
    pub(super) fn is_item(self) -> bool {
        self.type_seen && !self.attributes_missing
    }
}
