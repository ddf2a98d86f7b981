//! What an event's row needs beyond its fields: a metric, a profile, a `unique_id`.

use klaviyo_gen::{FIELD_LIMITS, Kind as ValueKind, Operation, Schema};
use sha2::{Digest, Sha256};

use super::check::Check;
use super::key;
use super::kind::{Kind, Output};
use super::layout::{Layout, NodeId};
use super::letter_id::with_id;
use super::profile::{ProfileNodes, bind_profile, require_identifier};
use super::reason::Reason;
use super::resource::{item_schema, no_place};
use super::row::RowWriter;
use super::state::{Capture, State};
use crate::chunk::Identity;
use crate::error::Error;

/// Which `unique_id` an event gets that has none. Without any, Klaviyo takes the event's time to the
/// second, and the second of two purchases in one second would be lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UniqueIds {
    /// `<run id>-<row number>`: stable over retries, and two identical rows stay two events. The
    /// same run id over the same rows sends nothing twice. A rejected row keeps the one that was its.
    RunAndRow(String),
    /// A hash of the row's content: a source that is read twice sends nothing twice, but identical
    /// rows become one event. It depends on the order of a row's names.
    Content,
}

/// The rows of `bulk_create_events`, `bulk_create_client_events` and `create_event`.
#[derive(Debug)]
pub(super) struct Events {
    unique_ids: UniqueIds,
    item: NodeId,
    attributes: NodeId,
    properties: Option<NodeId>,
    /// What holds the profile and its events; a single event holds its profile itself.
    group: Option<Group>,
    profile: ProfileNodes,
}

/// A profile with its events.
#[derive(Debug)]
struct Group {
    node: NodeId,
    attributes: NodeId,
    /// The object that holds the events.
    events: NodeId,
}

pub(super) fn layout(
    operation: &'static Operation,
    unique_ids: UniqueIds,
) -> Result<(Layout, Events), Error> {
    let item = item_schema(operation)?;
    place(item, group_schema(operation), unique_ids).ok_or_else(|| no_place(operation))
}

/// What a profile with its events looks like: a group of the body, or all its data.
fn group_schema(operation: &'static Operation) -> Option<&'static Schema> {
    let caps = operation.caps?;
    if caps.group_item.is_some() {
        return caps.group_item;
    }
    let ValueKind::Object(fields) = caps.body?.kind else {
        return None;
    };
    let data = fields.iter().find(|field| field.name == "data")?;
    Some(&data.schema)
}

fn place(
    item: &'static Schema,
    group: Option<&'static Schema>,
    unique_ids: UniqueIds,
) -> Option<(Layout, Events)> {
    let mut layout = Layout::default();
    let item = layout.add("", item, true);
    let attributes = layout.below(item, &["attributes"])?;
    layout.bind("", attributes);
    let metric = layout.below(attributes, &["metric", "data", "attributes"])?;
    layout.alias("metric", metric, "name");
    layout.mark(metric, "name", Check::MetricName, Some(Capture::Metric));
    layout.flat.unbind("metric");

    let group = match group {
        Some(group) => Some(Group::add(&mut layout, group)?),
        None => None,
    };
    layout.flat.unbind("profile");
    let holder = group.as_ref().map_or(attributes, |group| group.attributes);
    let resource = layout.below(holder, &["profile", "data"])?;
    let profile = bind_profile(&mut layout, resource, "profile")?;
    for name in ["profile_id", "profile.id"] {
        layout.alias(name, profile.resource, "id");
    }
    for name in [
        "email",
        "phone_number",
        "external_id",
        "anonymous_id",
        "_kx",
    ] {
        layout.alias(name, profile.attributes, name);
    }
    let properties = layout.below(attributes, &["properties"]);
    layout.flat.extra = properties;
    match &group {
        Some(group) => {
            layout.bind_sent(group.node);
            layout.bind_sent_item("attributes.events.data", item);
        }
        None => layout.bind_sent(item),
    }
    let events = Events {
        unique_ids,
        item,
        attributes,
        properties,
        group,
        profile,
    };
    Some((layout, events))
}

impl Group {
    fn add(layout: &mut Layout, schema: &'static Schema) -> Option<Self> {
        let node = layout.add("", schema, true);
        let attributes = layout.below(node, &["attributes"])?;
        layout.alias("backfill", attributes, "backfill");
        let events = layout.below(attributes, &["events"])?;
        Some(Group {
            node,
            attributes,
            events,
        })
    }

    /// Writes the group up to its array of events.
    fn open(&self, writer: &RowWriter, out: &mut Vec<u8>) {
        let (layout, state) = (&writer.layout, &writer.state);
        state.open(layout, self.node, Some(self.attributes), out);
        out.push(b',');
        key::write(layout.nodes[self.attributes].key, out);
        state.open(layout, self.attributes, Some(self.events), out);
        out.push(b',');
        key::write(layout.nodes[self.events].key, out);
        out.extend_from_slice(b"{\"data\":[");
    }
}

impl Kind for Events {
    fn finish(&mut self, writer: &mut RowWriter, row: u64, out: &mut Output) -> Result<(), Reason> {
        let which = "email, phone_number, external_id, anonymous_id or profile_id";
        require_identifier(&writer.state, which)?;
        if writer.state.captured(Capture::Metric).is_none() {
            let detail = "the event has no metric; give its name, for example \"Placed Order\"";
            return Err(Reason::new("missing_metric", detail).at("metric"));
        }
        self.check_properties(&writer.state)?;
        self.check_profile(writer)?;
        if let Some(group) = &self.group {
            group.open(writer, &mut out.group);
        }
        self.write_item(writer, row, &out.group, &mut out.item);
        self.identify(&writer.state, &mut out.identity);
        // The unique_id makes the event safe to repeat, but not what it appends to its profile.
        out.adds_up = self.profile.adds_up(writer);
        Ok(())
    }

    fn kept(&self, row: u64, source: String, layout: &Layout) -> String {
        match &self.unique_ids {
            UniqueIds::RunAndRow(run) => with_id(source, layout, &numbered_id(run, row)),
            // What is mended has another content, and so another id.
            UniqueIds::Content => source,
        }
    }
}

fn numbered_id(run: &str, row: u64) -> String {
    format!("{run}-{row}")
}

impl Events {
    fn check_properties(&self, state: &State) -> Result<(), Reason> {
        let most = FIELD_LIMITS.event_properties;
        let count = self.properties.map_or(0, |node| state.objects[node].count);
        if count > most {
            let detail = format!("the event has {count} properties; Klaviyo takes at most {most}");
            return Err(Reason::new("too_many_properties", detail).at("properties"));
        }
        Ok(())
    }

    fn check_profile(&self, writer: &RowWriter) -> Result<(), Reason> {
        let mut profile = Vec::new();
        let resource = self.profile.resource;
        writer.state.write(&writer.layout, resource, &mut profile);
        let (bytes, most) = (profile.len(), FIELD_LIMITS.event_profile_bytes);
        if bytes > most {
            let detail =
                format!("the event's profile takes {bytes} bytes; Klaviyo takes at most {most}");
            return Err(Reason::new("too_large", detail).at("profile"));
        }
        Ok(())
    }

    fn write_item(&self, writer: &mut RowWriter, row: u64, group: &[u8], item: &mut Vec<u8>) {
        if writer.state.captured(Capture::UniqueId).is_none() {
            let unique_id = match &self.unique_ids {
                UniqueIds::RunAndRow(run) => numbered_id(run, row),
                UniqueIds::Content => {
                    writer.state.write(&writer.layout, self.item, item);
                    let id = content_id(group, item);
                    item.clear();
                    id
                }
            };
            let mut value = Vec::new();
            key::write_text(&unique_id, &mut value);
            writer
                .state
                .push_member(&writer.layout, self.attributes, "unique_id", &value);
            if self.unique_ids == UniqueIds::Content {
                let end = writer.state.objects[self.attributes].bytes.len();
                let range = end - value.len()..end;
                writer
                    .state
                    .capture(Capture::UniqueId, self.attributes, range);
            }
        }
        writer.state.write(&writer.layout, self.item, item);
    }

    /// Profile, metric and `unique_id`: what must not come twice in one request. An id made of run
    /// and row number cannot, so only the others are looked at.
    fn identify(&self, state: &State, identity: &mut Identity) {
        let Some(unique_id) = state.captured(Capture::UniqueId) else {
            return;
        };
        let mut key = unique_id.to_vec();
        let others = [Capture::Metric].iter().chain(&Capture::IDENTIFIERS);
        for &capture in others {
            key.push(b'|');
            let value = state.captured(capture).unwrap_or_default();
            if capture == Capture::Email {
                // Klaviyo keeps addresses in lower case.
                let lower = String::from_utf8_lossy(value).to_lowercase();
                key.extend_from_slice(lower.as_bytes());
            } else {
                key.extend_from_slice(value);
            }
        }
        identity.add("", &key);
    }
}

/// 128 bits of SHA-256 over the event and its profile: far beyond any chance of a collision.
fn content_id(group: &[u8], item: &[u8]) -> String {
    let digest = Sha256::new()
        .chain_update(group)
        .chain_update(item)
        .finalize();
    digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
