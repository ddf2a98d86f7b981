//! Doc comments of types and fields, from what the document says.

use std::collections::BTreeMap;

use crate::client::calls::Call;
use crate::client::layout::{Layout, Presence};
use crate::client::model::{Property, Shape};
use crate::client::reach::Direction;

/// So many of the places where a type stands are named.
const NAMED: usize = 3;

/// Where each type stands, in words.
pub(in crate::client) struct Places(BTreeMap<String, Vec<String>>);

impl Places {
    pub(in crate::client) fn new(
        tags: &BTreeMap<&str, Vec<Call<'_>>>,
        layout: &Layout<'_>,
    ) -> Self {
        let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for call in tags.values().flatten() {
            let id = &call.operation.id;
            if let Some(body) = &call.body {
                places
                    .entry(body.clone())
                    .or_default()
                    .push(format!("the body of `{id}`"));
            }
            for answer in call.answer.types() {
                places
                    .entry(answer.clone())
                    .or_default()
                    .push(format!("the answer to `{id}`"));
            }
        }
        for holder in layout.reached.keys() {
            for target in layout.types[holder]
                .shapes()
                .into_iter()
                .filter_map(Shape::target)
            {
                let found = places.entry(target.to_owned()).or_default();
                let place = format!("in `{holder}`");
                if !found.contains(&place) {
                    found.push(place);
                }
            }
        }
        Self(places)
    }

    /// The doc comment of a type.
    pub(in crate::client) fn describe(&self, name: &str, direction: Direction) -> String {
        let way = match direction {
            Direction::Sent => "Sent",
            Direction::Received => "Received",
            Direction::Both => "Sent and received",
        };
        let places = self.0.get(name).map_or(&[][..], Vec::as_slice);
        let mut named = places[..places.len().min(NAMED)].join(", ");
        if places.len() > NAMED {
            named += &format!(" and {} more", places.len() - NAMED);
        }
        format!("{way}: {named}.")
    }
}

/// What the document says of a field and its Rust type does not.
pub(super) fn field(direction: Direction, property: &Property, layout: &Layout<'_>) -> String {
    let facts = &property.facts;
    let mut text = Vec::new();
    let presence = layout.presence(direction, property);
    if direction == Direction::Both && property.required && presence != Presence::OrDefault {
        text.push("A request must have it.".to_owned());
    }
    match facts.values.as_slice() {
        _ if !matches!(property.shape, Shape::Boolean | Shape::Integer) => {}
        [] => {}
        [only] => text.push(format!("Always `{only}`.")),
        several => text.push(format!("One of `{}`.", several.join("`, `"))),
    }
    if let Some(format) = facts
        .format
        .as_ref()
        .filter(|_| property.shape == Shape::Text)
    {
        text.push(format!("A `{format}`."));
    }
    if let Some(default) = &facts.default {
        text.push(format!("`{default}` when left out."));
    }
    text.join(" ")
}
