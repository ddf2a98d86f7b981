//! What a row of `bulk_import_profiles` needs beyond its fields: an identifier.

use klaviyo_gen::{Operation, Schema};

use super::layout::{Layout, NodeId};
use super::reason::Reason;
use super::row::RowWriter;
use super::state::{Capture, State};
use crate::error::Error;

/// The rows of `bulk_import_profiles`.
#[derive(Debug)]
pub(super) struct Profiles {
    profile: ProfileNodes,
}

/// Where a profile stands in a layout.
#[derive(Debug, Clone)]
pub(super) struct ProfileNodes {
    pub(super) resource: NodeId,
    pub(super) attributes: NodeId,
    /// Appending twice is not the same as appending once.
    not_repeatable: Vec<NodeId>,
}

pub(super) fn layout(operation: &'static Operation) -> Result<(Layout, Profiles), Error> {
    let item = item_schema(operation)?;
    let mut layout = Layout::default();
    let resource = layout.add("", item, true);
    let profile = bind_profile(&mut layout, resource, "").ok_or_else(|| no_place(operation))?;
    layout.alias("id", resource, "id");
    layout.extra = layout.below(profile.attributes, &["properties"]);
    Ok((layout, Profiles { profile }))
}

/// Binds the names of a profile's fields, behind `prefix`.
pub(super) fn bind_profile(
    layout: &mut Layout,
    resource: NodeId,
    prefix: &str,
) -> Option<ProfileNodes> {
    let attributes = layout.below(resource, &["attributes"])?;
    layout.bind(prefix, attributes);
    let dot = if prefix.is_empty() { "" } else { "." };
    let mut not_repeatable = Vec::new();
    for (name, key) in [
        ("patch", "patch_properties"),
        ("patch_identifiers", "patch_identifiers"),
    ] {
        if let Some(patch) = layout.below(resource, &["meta", key]) {
            layout.bind(&format!("{prefix}{dot}{name}"), patch);
            let lasting = ["append", "unappend"]
                .iter()
                .filter_map(|key| layout.below(patch, &[key]));
            not_repeatable.extend(lasting);
        }
    }
    Some(ProfileNodes {
        resource,
        attributes,
        not_repeatable,
    })
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

impl Profiles {
    pub(super) fn finish(&self, writer: &RowWriter, item: &mut Vec<u8>) -> Result<(), Reason> {
        require_identifier(&writer.state, "email, phone_number, external_id or id")?;
        writer
            .state
            .write(&writer.layout, self.profile.resource, item);
        Ok(())
    }

    pub(super) fn repeat_is_safe(&self, writer: &RowWriter) -> bool {
        self.profile.repeat_is_safe(writer)
    }
}

impl ProfileNodes {
    /// Whether what the row says of the profile may be said twice.
    pub(super) fn repeat_is_safe(&self, writer: &RowWriter) -> bool {
        let mut nodes = self.not_repeatable.iter();
        nodes.all(|&node| writer.state.is_empty(&writer.layout, node))
    }
}

/// Klaviyo refuses a whole request for one profile that nothing identifies.
pub(super) fn require_identifier(state: &State, which: &str) -> Result<(), Reason> {
    let mut identifiers = Capture::IDENTIFIERS.iter();
    if identifiers.any(|&identifier| state.captured(identifier).is_some()) {
        return Ok(());
    }
    Err(Reason::new(
        "missing_identifier",
        format!("nothing identifies the profile; give {which}"),
    ))
}
