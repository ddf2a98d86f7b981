//! The rows of catalogs: items, variants and categories, and the form of their ids.

use klaviyo_gen::{Field, Kind as ValueKind, Operation, Schema};

use super::check::{Check, not_empty};
use super::key;
use super::kind::{Kind, Output};
use super::layout::{Layout, NodeId};
use super::reason::Reason;
use super::resource::{Resource, identify, item_schema};
use super::row::RowWriter;
use super::state::Capture;
use crate::error::Error;

/// What stands between the parts of an id.
const DIVIDER: &str = ":::";

/// Rows of which the operation wants the id may give the `external_id` instead.
static EXTERNAL_ID: [Field; 1] = [Field {
    name: "external_id",
    required: false,
    schema: Schema {
        kind: ValueKind::String {
            format: None,
            values: &[],
        },
        nullable: false,
    },
}];

/// The id of what is `external_id` in the catalog that is filled through the API:
/// `$custom:::$default:::<external_id>`.
///
/// Source: <https://developers.klaviyo.com/en/reference/get_catalog_item>
#[must_use]
pub fn catalog_id(external_id: &str) -> String {
    format!("$custom{DIVIDER}$default{DIVIDER}{external_id}")
}

/// Whether it has the form of an id: integration, catalog and external id.
fn is_id(text: &str) -> bool {
    let mut parts = text.splitn(3, DIVIDER);
    parts
        .by_ref()
        .take(3)
        .filter(|part| !part.is_empty())
        .count()
        == 3
}

pub(super) fn check_id(text: &str) -> Result<(), Reason> {
    not_empty(text)?;
    if is_id(text) {
        return Ok(());
    }
    let like = catalog_id(text);
    let detail =
        format!("{text:?} is no id, which looks like {like:?}; give it as external_id instead");
    Err(Reason::new("invalid_id", detail))
}

/// Gives the id that an external id stands for; an id stands for itself.
pub(super) fn resolve(text: &str) -> Result<Option<String>, Reason> {
    not_empty(text)?;
    Ok((!is_id(text)).then(|| catalog_id(text)))
}

/// The rows of the catalog operations.
#[derive(Debug)]
pub(super) struct Catalog {
    resource: Resource,
    /// Whether the operation knows what it is about by its id.
    by_id: bool,
}

pub(super) fn layout(operation: &'static Operation) -> Result<(Layout, Catalog), Error> {
    let mut layout = Layout::default();
    let item = item_schema(operation)?;
    let resource = Resource::add(&mut layout, item, Check::CatalogReference);
    let by_id = layout.nodes[resource.node].field("id").is_some();
    if by_id {
        layout.mark(resource.node, "id", Check::CatalogId, Some(Capture::Id));
        layout.add_aside(&EXTERNAL_ID);
    }
    let properties = |attributes: NodeId| layout.below(attributes, &["custom_metadata"]);
    layout.flat.extra = resource.attributes.and_then(properties);
    Ok((layout, Catalog { resource, by_id }))
}

impl Kind for Catalog {
    fn finish(&mut self, writer: &mut RowWriter, _: u64, out: &mut Output) -> Result<(), Reason> {
        if self.by_id {
            let id = self.settle_id(writer)?;
            out.identity.add("id", id.as_bytes());
        } else {
            identify(|what| writer.state.captured(what), &mut out.identity);
        }
        self.resource.check_required(writer, "id")?;
        self.resource.write(writer, &mut out.item);
        Ok(())
    }
}

impl Catalog {
    /// The id that the row gives, by itself or by the external id; it is then among the members.
    fn settle_id(&self, writer: &mut RowWriter) -> Result<String, Reason> {
        let id = writer.state.text(Capture::Id);
        let external = writer.state.text(Capture::ExternalId);
        match (id, external) {
            (Some(id), None) => Ok(id),
            (Some(id), Some(external)) => {
                if id.ends_with(&format!("{DIVIDER}{external}")) {
                    return Ok(id);
                }
                let detail =
                    format!("{external:?} is not the external_id of {id:?}; give one of them");
                Err(Reason::new("contradiction", detail).at("external_id"))
            }
            (None, Some(external)) => {
                let id = catalog_id(&external);
                let mut value = Vec::new();
                key::write_text(&id, &mut value);
                let (layout, state) = (&writer.layout, &mut writer.state);
                state.push_member(layout, self.resource.node, "id", &value);
                Ok(id)
            }
            (None, None) => Err(Reason::new(
                "missing_identifier",
                "nothing says which one is meant; give external_id or id",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_external_id_stands_for_an_id() {
        let id = catalog_id("SHIRT-1");
        assert_eq!(id, "$custom:::$default:::SHIRT-1");
        assert_eq!(resolve("SHIRT-1"), Ok(Some(id.clone())));
        assert_eq!(resolve(&id), Ok(None));
        assert_eq!(check_id(&id), Ok(()));
        assert_eq!(check_id("$shopify:::$default:::8:::9"), Ok(()));
        for refused in ["SHIRT-1", "a:::b", ":::a:::b", "a:::b:::"] {
            assert_eq!(
                check_id(refused).unwrap_err().code,
                "invalid_id",
                "{refused}"
            );
        }
        assert_eq!(resolve("").unwrap_err().code, "empty");
    }
}
