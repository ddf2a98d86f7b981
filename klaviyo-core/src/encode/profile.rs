//! What a row of `bulk_import_profiles` needs beyond its fields: an identifier.

use klaviyo_gen::Operation;

use super::follow::Follower;
use super::kind::{Kind, Output};
use super::layout::{Layout, NodeId};
use super::reason::Reason;
use super::resource::{identify, item_schema, no_place};
use super::row::RowWriter;
use super::shape::Shapes;
use super::state::{Capture, State};
use crate::chunk::Identity;
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
    layout.flat.extra = layout.below(profile.attributes, &["properties"]);
    layout.bind_sent(resource);
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

impl Kind for Profiles {
    fn finish(&mut self, writer: &mut RowWriter, _: u64, out: &mut Output) -> Result<(), Reason> {
        require_identifier(&writer.state, "email, phone_number, external_id or id")?;
        out.adds_up = self.profile.adds_up(writer);
        writer
            .state
            .write(&writer.layout, self.profile.resource, &mut out.item);
        identify(|what| writer.state.captured(what), &mut out.identity);
        Ok(())
    }

    /// Rows that append are left to the long way: they are not to be sent twice.
    fn shapes(&self) -> Option<Shapes<'_>> {
        Some(Shapes {
            item: self.profile.resource,
            without: &self.profile.not_repeatable,
        })
    }

    fn identify(&self, row: &Follower, identity: &mut Identity) -> bool {
        let captured = |what| row.captured(what);
        identify(captured, identity);
        is_identified(captured)
    }
}

impl ProfileNodes {
    /// Whether saying twice what the row says of the profile does more than saying it once.
    pub(super) fn adds_up(&self, writer: &RowWriter) -> bool {
        let mut nodes = self.not_repeatable.iter();
        nodes.any(|&node| !writer.state.is_empty(node))
    }
}

/// Klaviyo refuses a whole request for one profile that nothing identifies.
pub(super) fn require_identifier(state: &State, which: &str) -> Result<(), Reason> {
    if is_identified(|what| state.captured(what)) {
        return Ok(());
    }
    Err(Reason::new(
        "missing_identifier",
        format!("nothing identifies the profile; give {which}"),
    ))
}

fn is_identified<'a>(captured: impl Fn(Capture) -> Option<&'a [u8]>) -> bool {
    let mut identifiers = Capture::IDENTIFIERS.iter();
    identifiers.any(|&identifier| captured(identifier).is_some())
}
