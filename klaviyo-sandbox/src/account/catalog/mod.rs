//! The catalog: items, their variants, and the categories that items are in.
//!
//! Resources come as they stand in a body, of a shape that was checked; what is checked here is
//! whether they fit what is there.

mod kind;
mod members;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

pub(crate) use kind::{Change, Kind};
use members::Members;
use serde::{Deserialize, Serialize};

use super::objection::Objection;
use super::table::Table;

/// The only integration whose things the API can create.
const INTEGRATION: &str = "$custom";
/// The only catalog that there is (spec), and that of what names none.
pub(crate) const DEFAULT_CATALOG: &str = "$default";

/// An item, a variant or a category.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// `$custom:::$default:::` and the external id.
    pub(crate) id: String,
    pub(crate) external_id: String,
    /// Its other attributes, as far as they were given.
    pub(crate) attributes: Map<String, Value>,
    /// The item that it is a variant of.
    pub(crate) item: Option<String>,
    pub(crate) created: DateTime<Utc>,
    pub(crate) updated: DateTime<Utc>,
}

impl Entry {
    /// An attribute that is a text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).and_then(Value::as_str)
    }
}

/// Everything in the account's catalog.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Catalog {
    items: Table<Entry>,
    variants: Table<Entry>,
    categories: Table<Entry>,
    members: Members,
}

impl Catalog {
    pub(crate) fn of(&self, kind: Kind) -> &Table<Entry> {
        match kind {
            Kind::Item => &self.items,
            Kind::Variant => &self.variants,
            Kind::Category => &self.categories,
        }
    }

    fn of_mut(&mut self, kind: Kind) -> &mut Table<Entry> {
        match kind {
            Kind::Item => &mut self.items,
            Kind::Variant => &mut self.variants,
            Kind::Category => &mut self.categories,
        }
    }

    /// The variants of an item.
    pub(crate) fn variants_of(&self, item: &str) -> impl Iterator<Item = &Entry> {
        self.variants
            .iter()
            .filter(move |variant| variant.item.as_deref() == Some(item))
    }

    /// The categories of an item, or the items of a category, by id.
    pub(crate) fn members(&self, kind: Kind, id: &str) -> impl Iterator<Item = &str> {
        self.members.of(kind, id)
    }

    /// Makes a change that a resource asks for; the id of what was changed.
    pub(crate) fn apply(
        &mut self,
        change: Change,
        kind: Kind,
        resource: Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<String, Objection> {
        match change {
            Change::Create => self.create(kind, resource, now),
            Change::Update => self.update(kind, resource, now),
            Change::Delete => {
                let id = id_of(&resource);
                self.delete(kind, &id)?;
                Ok(id)
            }
        }
    }

    fn create(
        &mut self,
        kind: Kind,
        mut resource: Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<String, Objection> {
        let mut attributes = attributes_of(&mut resource);
        let mut take = |name: &str| match attributes.remove(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let external_id = take("external_id").unwrap_or_default();
        let integration = take("integration_type").unwrap_or_else(|| INTEGRATION.to_owned());
        let catalog = take("catalog_type").unwrap_or_else(|| DEFAULT_CATALOG.to_owned());
        let id = format!("{integration}:::{catalog}:::{external_id}");
        if self.of(kind).contains(&id) {
            let place = "attributes/external_id";
            return Err(Objection::taken(place, kind.resource(), &id));
        }
        let item = self.item_of(kind, &resource)?;
        let members = self.members_in(kind, &resource)?;
        if kind != Kind::Category && attributes.get("published").is_none_or(Value::is_null) {
            attributes.insert("published".to_owned(), true.into());
        }
        let entry = Entry {
            id: id.clone(),
            external_id,
            attributes,
            item,
            created: now,
            updated: now,
        };
        self.of_mut(kind).put(&id, entry);
        self.join(kind, &id, &members.unwrap_or_default());
        Ok(id)
    }

    fn update(
        &mut self,
        kind: Kind,
        mut resource: Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<String, Objection> {
        let id = id_of(&resource);
        let members = self.members_in(kind, &resource);
        let entry = self
            .of_mut(kind)
            .get_mut(&id)
            .ok_or_else(|| Objection::missing(kind.resource(), &id))?;
        let members = members?;
        entry.attributes.extend(attributes_of(&mut resource));
        entry.updated = now;
        if let Some(members) = members {
            self.join_only(kind, &id, &members);
        }
        Ok(id)
    }

    /// Deletes a thing. An item takes its variants with it.
    pub(crate) fn delete(&mut self, kind: Kind, id: &str) -> Result<(), Objection> {
        self.of_mut(kind)
            .remove(id)
            .ok_or_else(|| Objection::missing(kind.resource(), id))?;
        self.members.part_all(kind, id);
        if kind == Kind::Item {
            let orphans: Vec<String> = self
                .variants_of(id)
                .map(|variant| variant.id.clone())
                .collect();
            for orphan in orphans {
                self.variants.remove(&orphan);
            }
        }
        Ok(())
    }

    /// Joins a thing with others: an item with categories, a category with items.
    pub(crate) fn join(&mut self, kind: Kind, id: &str, others: &[String]) {
        for other in others {
            self.members.join(kind, id, other);
        }
    }

    pub(crate) fn part(&mut self, kind: Kind, id: &str, others: &[String]) {
        for other in others {
            self.members.part(kind, id, other);
        }
    }

    /// Joins a thing with these others and no more.
    pub(crate) fn join_only(&mut self, kind: Kind, id: &str, others: &[String]) {
        self.members.part_all(kind, id);
        self.join(kind, id, others);
    }

    /// The item that a new variant refers to.
    fn item_of(
        &self,
        kind: Kind,
        resource: &Map<String, Value>,
    ) -> Result<Option<String>, Objection> {
        if kind != Kind::Variant {
            return Ok(None);
        }
        let id = resource
            .get("relationships")
            .and_then(|relationships| relationships.pointer("/item/data/id"))
            .and_then(Value::as_str)
            .unwrap_or_default();
        if self.items.contains(id) {
            Ok(Some(id.to_owned()))
        } else {
            let place = "relationships/item/data/id";
            Err(Objection::dangling(place, Kind::Item.resource(), id))
        }
    }

    /// The categories of an item, or the items of a category, that a resource names; `None` when
    /// it says nothing about them.
    fn members_in(
        &self,
        kind: Kind,
        resource: &Map<String, Value>,
    ) -> Result<Option<Vec<String>>, Objection> {
        let Some(other) = kind.joined_with() else {
            return Ok(None);
        };
        let name = other.plural();
        let named = resource
            .get("relationships")
            .and_then(|relationships| relationships.get(name)?.get("data")?.as_array());
        let Some(named) = named else {
            return Ok(None);
        };
        let ids = named.iter().enumerate().map(|(index, named)| {
            let id = named["id"].as_str().unwrap_or_default();
            if self.of(other).contains(id) {
                Ok(id.to_owned())
            } else {
                let place = format!("relationships/{name}/data/{index}/id");
                Err(Objection::dangling(place, other.resource(), id))
            }
        });
        ids.collect::<Result<_, _>>().map(Some)
    }
}

fn id_of(resource: &Map<String, Value>) -> String {
    let id = resource.get("id").and_then(Value::as_str);
    id.unwrap_or_default().to_owned()
}

fn attributes_of(resource: &mut Map<String, Value>) -> Map<String, Value> {
    match resource.remove("attributes") {
        Some(Value::Object(attributes)) => attributes,
        _ => Map::new(),
    }
}
