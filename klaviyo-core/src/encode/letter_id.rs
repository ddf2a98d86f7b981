//! The `unique_id` of an event that is rejected: its row keeps the one that it would have been sent with.
//!
//! Row numbers begin at 0 again where rejected rows are sent by themselves. Numbered anew under the same
//! run id, a mended event would get the id of another one, and Klaviyo would drop it.

use serde_json::{Map, Value};

use super::key;
use super::layout::Layout;
use super::sign::Evidence;

const NAME: &str = "unique_id";

/// The row, which is JSON, with this `unique_id`, unless it has one or is no object.
pub(super) fn with_id(row: String, layout: &Layout, id: &str) -> String {
    let Ok(Value::Object(mut members)) = serde_json::from_str(&row) else {
        return row;
    };
    if is_sent(&members, layout) {
        return match attributes(&mut members) {
            Some(attributes) if lacks_id(attributes) => {
                attributes.insert(NAME.to_owned(), id.into());
                Value::Object(members).to_string()
            }
            _ => row,
        };
    }
    if !lacks_id(&members) {
        return row;
    }
    if members.contains_key(NAME) {
        members.insert(NAME.to_owned(), id.into());
        return Value::Object(members).to_string();
    }
    appended(row, id)
}

fn lacks_id(members: &Map<String, Value>) -> bool {
    members.get(NAME).is_none_or(Value::is_null)
}

/// Whether the row is an item as it is sent.
fn is_sent(members: &Map<String, Value>, layout: &Layout) -> bool {
    let mut evidence = Evidence::none(layout);
    for (name, value) in members {
        evidence.see(name, value);
    }
    evidence.is_item()
}

/// The attributes of the event in an item as it is sent: of its only event where it is a group.
fn attributes(members: &mut Map<String, Value>) -> Option<&mut Map<String, Value>> {
    let attributes = members.get_mut("attributes")?.as_object_mut()?;
    if !attributes.contains_key("events") {
        return Some(attributes);
    }
    let events = attributes.get_mut("events")?.get_mut("data")?;
    events.get_mut(0)?.get_mut("attributes")?.as_object_mut()
}

/// The id behind all that the row gives, whose order and numbers stay as they are.
fn appended(mut row: String, id: &str) -> String {
    let Some(end) = row.rfind('}') else {
        return row;
    };
    let mut member = Vec::new();
    if !row[..end].trim_end().ends_with('{') {
        member.push(b',');
    }
    key::write(NAME, &mut member);
    key::write_text(id, &mut member);
    row.insert_str(end, &String::from_utf8_lossy(&member));
    row
}
