//! What the rows of most operations have in common: a resource with attributes and relationships,
//! some of which Klaviyo needs.

use klaviyo_gen::{Kind as ValueKind, Operation, Schema};

use super::check::Check;
use super::key;
use super::kind::{Kind, Output};
use super::layout::{Layout, NodeId, constant};
use super::reason::Reason;
use super::row::RowWriter;
use super::state::Capture;
use crate::chunk::Identity;
use crate::error::Error;

/// A resource in a layout.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) node: NodeId,
    pub(super) attributes: Option<NodeId>,
    required: Vec<Required>,
}

/// A field without which Klaviyo refuses the object around it.
#[derive(Debug)]
struct Required {
    /// The object that is refused.
    object: NodeId,
    /// The slot of the field.
    slot: usize,
    /// The field, as a flat row names it.
    name: String,
}

/// Rows that are resources, and nothing more.
#[derive(Debug)]
pub(super) struct Resources {
    resource: Resource,
    /// The id of a relationship where the row gives none: of what, and which.
    usual: Option<(&'static str, NodeId, String)>,
}

pub(super) fn item_schema(operation: &'static Operation) -> Result<&'static Schema, Error> {
    let schema = operation.caps.and_then(|caps| caps.item);
    schema.ok_or_else(|| no_place(operation))
}

pub(super) fn no_place(operation: &Operation) -> Error {
    let id = operation.id;
    Error::Configuration(format!(
        "the operation table does not say what a row of {id} looks like"
    ))
}

impl Resource {
    /// Adds the resource that `schema` describes, its names being those of its attributes, its
    /// relationships, and `id`. `ids` is what the ids of related resources are checked for.
    pub(super) fn add(layout: &mut Layout, schema: &'static Schema, ids: Check) -> Self {
        let node = layout.add("", schema, true);
        let attributes = layout.below(node, &["attributes"]);
        if let Some(attributes) = attributes {
            layout.bind("", attributes);
        }
        layout.alias("id", node, "id");
        let mut resource = Resource {
            node,
            attributes,
            required: Vec::new(),
        };
        resource.bind_relationships(layout, ids);
        resource.note_required(layout, node);
        layout.bind_sent(node);
        resource
    }

    /// Binds each relationship by its own name, to the id or the ids of what it leads to.
    fn bind_relationships(&mut self, layout: &mut Layout, ids: Check) {
        let Some(relationships) = layout.below(self.node, &["relationships"]) else {
            return;
        };
        for relationship in layout.nodes[relationships].children.clone() {
            let name = layout.nodes[relationship].key;
            if let Some(one) = layout.below(relationship, &["data"]) {
                layout.alias(name, one, "id");
                layout.mark(one, "id", ids, None);
                // The document lets a required relationship be empty; Klaviyo does not.
                let slot = layout.nodes[one].field("id").map(|(_, slot)| slot);
                if let Some(slot) = slot.filter(|_| layout.nodes[relationship].required) {
                    self.required.push(Required {
                        object: relationship,
                        slot,
                        name: name.to_owned(),
                    });
                }
            } else {
                layout.alias(name, relationship, "data");
                layout.mark(relationship, "data", ids, None);
            }
        }
    }

    fn note_required(&mut self, layout: &Layout, object: NodeId) {
        let node = &layout.nodes[object];
        for (index, field) in node.fields.iter().enumerate() {
            let own_place = matches!(field.schema.kind, ValueKind::Object(_));
            if field.required && !own_place && constant(field).is_none() {
                self.required.push(Required {
                    object,
                    slot: node.first_slot + index,
                    name: layout.flat.of(object, field.name),
                });
            }
        }
        for &child in &node.children {
            self.note_required(layout, child);
        }
    }

    /// Refuses a row that leaves out what Klaviyo needs; `except` is seen to by the caller.
    pub(super) fn check_required(&self, writer: &RowWriter, except: &str) -> Result<(), Reason> {
        for required in self.required.iter().filter(|one| one.name != except) {
            let written = writer.state.is_written(&writer.layout, required.object);
            if written && !writer.gave(required.slot) {
                let detail = "the row lacks this field, which Klaviyo needs; give it";
                return Err(Reason::new("missing_field", detail).at(&required.name));
            }
        }
        Ok(())
    }

    pub(super) fn write(&self, writer: &RowWriter, item: &mut Vec<u8>) {
        writer.state.write(&writer.layout, self.node, item);
    }
}

impl Resources {
    /// Rows of `operation`.
    pub(super) fn layout(operation: &'static Operation) -> Result<(Layout, Self), Error> {
        let mut layout = Layout::default();
        let resource = Resource::add(&mut layout, item_schema(operation)?, Check::NotEmpty);
        let usual = None;
        Ok((layout, Resources { resource, usual }))
    }

    /// Rows of `operation` that are all related to the same resource, unless a row names another.
    pub(super) fn related(
        operation: &'static Operation,
        relationship: &'static str,
        id: Option<&str>,
    ) -> Result<(Layout, Self), Error> {
        let (layout, mut rows) = Self::layout(operation)?;
        let path = ["relationships", relationship, "data"];
        let node = layout.below(rows.resource.node, &path);
        let node = node.ok_or_else(|| no_place(operation))?;
        rows.usual = id.map(|id| (relationship, node, id.to_owned()));
        Ok((layout, rows))
    }
}

impl Kind for Resources {
    fn finish(&mut self, writer: &mut RowWriter, _: u64, out: &mut Output) -> Result<(), Reason> {
        let mut filled_in = "";
        if let Some((name, node, id)) = &self.usual
            && writer.state.is_empty(*node)
        {
            let mut value = Vec::new();
            key::write_text(id, &mut value);
            writer
                .state
                .push_member(&writer.layout, *node, "id", &value);
            filled_in = name;
        }
        self.resource.check_required(writer, filled_in)?;
        self.resource.write(writer, &mut out.item);
        identify(|what| writer.state.captured(what), &mut out.identity);
        Ok(())
    }
}

/// Adds every identifier that the row gives as a key: none of them must come twice in one request.
pub(super) fn identify<'a>(
    captured: impl Fn(Capture) -> Option<&'a [u8]>,
    identity: &mut Identity,
) {
    if let Some(id) = captured(Capture::Id) {
        identity.add("id", id);
    }
    if let Some(email) = captured(Capture::Email) {
        // Klaviyo keeps addresses in lower case.
        identity.add_caseless("email", email);
    }
    if let Some(number) = captured(Capture::PhoneNumber) {
        identity.add("phone_number", number);
    }
    if let Some(id) = captured(Capture::ExternalId) {
        identity.add("external_id", id);
    }
    if let Some(code) = captured(Capture::Code) {
        identity.add("unique_code", code);
    }
}
