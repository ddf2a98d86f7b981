//! The rows of list membership: profiles by id, or by an e-mail address whose profile is looked up.

use klaviyo_gen::{Field, Kind as ValueKind, Operation, Schema};

use super::check::Check;
use super::kind::{Kind, Output};
use super::layout::Layout;
use super::reason::Reason;
use super::resource::{Resource, identify, item_schema};
use super::row::RowWriter;
use super::state::Capture;
use crate::error::Error;

/// What a row may give instead of the profile's id.
static EMAIL: [Field; 1] = [Field {
    name: "email",
    required: false,
    schema: Schema {
        kind: ValueKind::String {
            format: None,
            values: &[],
        },
        nullable: false,
    },
}];

/// The rows of list membership.
#[derive(Debug)]
pub(super) struct Members {
    resource: Resource,
    /// What the rows give, once the first one has said it.
    by: Option<By>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Id,
    Email,
}

pub(super) fn layout(operation: &'static Operation) -> Result<(Layout, Members), Error> {
    let mut layout = Layout::default();
    let resource = Resource::add(&mut layout, item_schema(operation)?, Check::NotEmpty);
    layout.alias("profile_id", resource.node, "id");
    layout.add_aside(&EMAIL);
    let by = None;
    Ok((layout, Members { resource, by }))
}

impl Kind for Members {
    fn finish(&mut self, writer: &mut RowWriter, _: u64, out: &mut Output) -> Result<(), Reason> {
        let address = writer.state.text(Capture::Email);
        let id = writer.state.captured(Capture::Id);
        let by = match (id, &address) {
            (Some(_), None) => By::Id,
            (None, Some(_)) => By::Email,
            (Some(_), Some(_)) => return Err(mixed("the row gives both id and email")),
            (None, None) => {
                let detail = "nothing identifies the profile; give id or email";
                return Err(Reason::new("missing_identifier", detail));
            }
        };
        // An item as it is sent has an id, whatever the rows of its run gave: it was looked up before.
        if !writer.is_sent() && *self.by.get_or_insert(by) != by {
            return Err(mixed("other rows of this run give the other one"));
        }
        out.address = address;
        if by == By::Id {
            self.resource.write(writer, &mut out.item);
            identify(|what| writer.state.captured(what), &mut out.identity);
        }
        Ok(())
    }
}

fn mixed(what: &str) -> Reason {
    let detail = format!(
        "{what}; give id in every row or email in every row, and the others to a run of their own"
    );
    Reason::new("mixed_identifiers", detail)
}
