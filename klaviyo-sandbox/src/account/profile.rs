//! A profile, and what a request may change about it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::identifier::{Identifier, Identifiers};
use super::patch::PropertiesPatch;
use super::subscriptions::{Channel, ConsentState, Subscriptions, Suppression};

/// A profile as the sandbox holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Klaviyo's own id.
    pub id: String,
    pub(crate) identifiers: Identifiers,
    /// The attributes of the schema, such as `first_name`; `location` without its fields is left
    /// out, and so is whatever is null.
    pub attributes: Map<String, Value>,
    /// The custom properties.
    pub properties: Map<String, Value>,
    /// When it came into being.
    pub created: DateTime<Utc>,
    /// When it last changed.
    pub updated: DateTime<Utc>,
    /// The time of its latest event.
    pub last_event: Option<DateTime<Utc>>,
    /// Most profiles of a large import have none, and should not pay for them.
    pub(crate) subscriptions: Option<Box<Subscriptions>>,
}

impl Profile {
    pub(crate) fn new(id: String, now: DateTime<Utc>) -> Self {
        Self {
            id,
            identifiers: Identifiers::default(),
            attributes: Map::new(),
            properties: Map::new(),
            created: now,
            updated: now,
            last_event: None,
            subscriptions: None,
        }
    }

    /// One of its identifiers.
    #[must_use]
    pub fn identifier(&self, identifier: Identifier) -> Option<&str> {
        match identifier {
            Identifier::Id => Some(&self.id),
            other => self.identifiers.get(other),
        }
    }

    /// Its e-mail address.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.identifiers.get(Identifier::Email)
    }

    /// Its phone number.
    #[must_use]
    pub fn phone_number(&self) -> Option<&str> {
        self.identifiers.get(Identifier::PhoneNumber)
    }

    /// The id that another system gave it.
    #[must_use]
    pub fn external_id(&self) -> Option<&str> {
        self.identifiers.get(Identifier::ExternalId)
    }

    /// Whether it agreed to receive something.
    #[must_use]
    pub fn consent(&self, channel: Channel) -> ConsentState {
        let consent = self
            .subscriptions
            .as_deref()
            .and_then(|all| all.consent(channel));
        consent.map_or(ConsentState::NeverSubscribed, |consent| consent.state)
    }

    /// What keeps all e-mail marketing from it.
    #[must_use]
    pub fn suppressions(&self) -> &[Suppression] {
        self.subscriptions
            .as_deref()
            .map_or(&[], |all| &all.suppressions)
    }

    /// Takes over what another profile has that this one lacks.
    pub(crate) fn absorb(&mut self, other: Self, now: DateTime<Utc>) {
        fill(&mut self.attributes, other.attributes);
        fill(&mut self.properties, other.properties);
        self.last_event = self.last_event.max(other.last_event);
        if let Some(theirs) = other.subscriptions {
            self.subscriptions.get_or_insert_default().absorb(*theirs);
        }
        self.created = self.created.min(other.created);
        self.updated = now;
    }

    /// Takes over what a request says; identifiers are the index's business.
    pub(crate) fn take_over(&mut self, change: ProfileChange, nulls: Nulls, now: DateTime<Utc>) {
        merge(&mut self.attributes, change.attributes, nulls);
        if let Some(location) = change.location {
            self.take_over_location(location, nulls);
        }
        merge(&mut self.properties, change.properties, nulls);
        change.patch.apply(&mut self.properties);
        self.updated = now;
    }

    fn take_over_location(&mut self, change: Map<String, Value>, nulls: Nulls) {
        let mut location = match self.attributes.remove("location") {
            Some(Value::Object(location)) => location,
            _ => Map::new(),
        };
        merge(&mut location, change, nulls);
        if !location.is_empty() {
            self.attributes
                .insert("location".to_owned(), location.into());
        }
    }
}

/// Adds what is missing; inside objects, too.
fn fill(into: &mut Map<String, Value>, from: Map<String, Value>) {
    for (name, value) in from {
        match (into.get_mut(&name), value) {
            (None, value) => {
                into.insert(name, value);
            }
            (Some(Value::Object(known)), Value::Object(more)) => fill(known, more),
            (Some(_), _) => {}
        }
    }
}

/// What a null in a request means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nulls {
    /// Nothing: bulk import and events leave the field as it is.
    Ignore,
    /// The field is cleared: create, update, create-or-update.
    Clear,
}

/// Merges one level of fields. Values are replaced whole.
fn merge(into: &mut Map<String, Value>, mut from: Map<String, Value>, nulls: Nulls) {
    if into.is_empty() {
        // Most profiles of a large import are new: there is nothing that a null could clear.
        from.retain(|_, value| !value.is_null());
        *into = from;
        return;
    }
    for (name, value) in from {
        match (value, nulls) {
            (Value::Null, Nulls::Ignore) => {}
            (Value::Null, Nulls::Clear) => {
                into.remove(&name);
            }
            (value, _) => {
                into.insert(name, value);
            }
        }
    }
}

/// What a request says about one profile.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ProfileChange {
    /// Klaviyo's own id, when the request names it.
    pub(crate) id: Option<String>,
    pub(crate) identifiers: Identifiers,
    /// Identifiers given as null.
    pub(crate) cleared: Vec<Identifier>,
    pub(crate) attributes: Map<String, Value>,
    pub(crate) location: Option<Map<String, Value>>,
    pub(crate) properties: Map<String, Value>,
    pub(crate) patch: PropertiesPatch,
}

impl ProfileChange {
    /// Reads a profile resource (`id`, `attributes`, `meta`) that has been validated.
    pub(crate) fn from_resource(mut resource: Map<String, Value>) -> Self {
        let mut change = Self::default();
        if let Some(Value::String(id)) = resource.remove("id") {
            change.id = Some(id);
        }
        if let Some(Value::Object(mut meta)) = resource.remove("meta") {
            change.patch = PropertiesPatch::from_meta(&mut meta);
        }
        if let Some(Value::Object(attributes)) = resource.remove("attributes") {
            change.take_attributes(attributes);
        }
        change
    }

    fn take_attributes(&mut self, mut attributes: Map<String, Value>) {
        for identifier in Identifier::ATTRIBUTES {
            match attributes.remove(identifier.name()) {
                Some(Value::String(value)) => self.identifiers.set(identifier, Some(value.into())),
                Some(Value::Null) => self.cleared.push(identifier),
                _ => {}
            }
        }
        if let Some(Value::Object(location)) = attributes.remove("location") {
            self.location = Some(location);
        }
        if let Some(Value::Object(properties)) = attributes.remove("properties") {
            self.properties = properties;
        }
        self.attributes = attributes;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn change(resource: Value) -> ProfileChange {
        match resource {
            Value::Object(resource) => ProfileChange::from_resource(resource),
            other => panic!("not an object: {other}"),
        }
    }

    fn with_name_and_city() -> Profile {
        let mut profile = Profile::new("P".to_owned(), DateTime::UNIX_EPOCH);
        let first = change(json!({"attributes": {
            "first_name": "Ada", "location": {"city": "Turin", "zip": "10121"}, "properties": {"plan": "gold"},
        }}));
        profile.take_over(first, Nulls::Ignore, DateTime::UNIX_EPOCH);
        profile
    }

    #[test]
    fn null_clears_only_where_it_may() {
        let nulls = change(json!({"attributes": {
            "first_name": null, "location": {"city": null}, "properties": {"plan": null},
        }}));
        let mut kept = with_name_and_city();
        kept.take_over(nulls.clone(), Nulls::Ignore, DateTime::UNIX_EPOCH);
        assert_eq!(kept, with_name_and_city());

        let mut cleared = with_name_and_city();
        cleared.take_over(nulls, Nulls::Clear, DateTime::UNIX_EPOCH);
        assert_eq!(
            Value::Object(cleared.attributes),
            json!({"location": {"zip": "10121"}})
        );
        assert!(cleared.properties.is_empty());
    }

    #[test]
    fn what_a_request_does_not_name_stays() {
        let mut profile = with_name_and_city();
        let more = change(
            json!({"attributes": {"location": {"zip": "10122"}, "properties": {"vip": true}}}),
        );
        profile.take_over(more, Nulls::Clear, DateTime::UNIX_EPOCH);
        assert_eq!(
            Value::Object(profile.attributes),
            json!({"first_name": "Ada", "location": {"city": "Turin", "zip": "10122"}}),
        );
        assert_eq!(
            Value::Object(profile.properties),
            json!({"plan": "gold", "vip": true})
        );
    }

    #[test]
    fn identifiers_are_told_apart_from_attributes() {
        let change = change(json!({
            "id": "P1",
            "attributes": {"email": "ada@shop.example", "phone_number": null, "title": "Countess"},
        }));
        assert_eq!(change.id.as_deref(), Some("P1"));
        assert_eq!(
            change.identifiers.get(Identifier::Email),
            Some("ada@shop.example")
        );
        assert_eq!(change.cleared, [Identifier::PhoneNumber]);
        assert_eq!(
            Value::Object(change.attributes.clone()),
            json!({"title": "Countess"})
        );
    }
}
