//! The rows of `bulk_create_data_source_records`: the row is the record.

use klaviyo_gen::Operation;

use super::kind::{Kind, Output};
use super::layout::{Layout, NodeId};
use super::reason::Reason;
use super::resource::{item_schema, no_place};
use super::row::RowWriter;
use crate::error::Error;

/// The rows of `bulk_create_data_source_records`.
#[derive(Debug)]
pub(super) struct Records {
    resource: NodeId,
    record: NodeId,
}

pub(super) fn layout(operation: &'static Operation) -> Result<(Layout, Records), Error> {
    let mut layout = Layout::default();
    let resource = layout.add("", item_schema(operation)?, true);
    let record = layout.below(resource, &["attributes", "record"]);
    let record = record.ok_or_else(|| no_place(operation))?;
    layout.bind("", record);
    layout.bind_sent(resource);
    Ok((layout, Records { resource, record }))
}

impl Kind for Records {
    fn finish(&mut self, writer: &mut RowWriter, _: u64, out: &mut Output) -> Result<(), Reason> {
        if writer.state.is_empty(self.record) {
            let detail = "the record holds nothing; leave the row out";
            return Err(Reason::new("empty", detail));
        }
        writer
            .state
            .write(&writer.layout, self.resource, &mut out.item);
        Ok(())
    }
}
