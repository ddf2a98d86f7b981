//! What object schemas are related to: other schemas, and profiles.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::schema::{ObjectSchema, SchemaStatus};
use super::{Objection, Objects};

/// A relationship of an object schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Relationship {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) to: RelatedTo,
    /// The id of what it leads to.
    pub(crate) target: String,
}

/// What a relationship leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RelatedTo {
    /// Another object schema.
    Schema,
    /// The schema of profiles. No operation tells its id: any is taken.
    Profile,
}

/// What a relationship says about itself.
#[derive(Debug, Default)]
pub(crate) struct Naming {
    pub(crate) name: Option<String>,
    /// `Some(None)` clears it.
    pub(crate) description: Option<Option<String>>,
}

impl ObjectSchema {
    /// Its relationships of one kind.
    pub(crate) fn related_to(&self, to: RelatedTo) -> impl Iterator<Item = &Relationship> {
        self.relationships.iter().filter(move |it| it.to == to)
    }
}

impl Objects {
    /// Relates a draft to something.
    pub(crate) fn relate(
        &mut self,
        schema: &str,
        (to, target): (RelatedTo, &str),
        naming: Naming,
        now: DateTime<Utc>,
    ) -> Result<(), Objection> {
        if to == RelatedTo::Schema && !self.schemas.contains(target) {
            return Err(Objection::dangling("id", "object-schema", target));
        }
        let relationship = Relationship {
            id: self.next_id(now),
            name: naming.name.unwrap_or_default(),
            description: naming.description.flatten(),
            to,
            target: target.to_owned(),
        };
        self.draft(schema)?.relationships.push(relationship);
        Ok(())
    }

    /// Renames or describes a relationship of a draft.
    pub(crate) fn rename_relationship(
        &mut self,
        schema: &str,
        (to, id): (RelatedTo, &str),
        naming: Naming,
    ) -> Result<(), Objection> {
        let draft = self.draft(schema)?;
        let place = place_of(draft, to, id)?;
        let relationship = &mut draft.relationships[place];
        if let Some(name) = naming.name {
            relationship.name = name;
        }
        if let Some(description) = naming.description {
            relationship.description = description;
        }
        Ok(())
    }

    /// Takes a relationship off a draft.
    pub(crate) fn part(&mut self, schema: &str, to: RelatedTo, id: &str) -> Result<(), Objection> {
        let draft = self.draft(schema)?;
        let place = place_of(draft, to, id)?;
        draft.relationships.remove(place);
        Ok(())
    }

    /// Takes off what leads to schemas that are gone.
    pub(super) fn part_from_the_gone(&mut self) {
        let schemas: Vec<String> = self.schemas.iter().map(|it| it.id.clone()).collect();
        let is_there =
            |it: &Relationship| it.to != RelatedTo::Schema || schemas.contains(&it.target);
        for id in &schemas {
            if let Some(schema) = self.schemas.get_mut(id) {
                schema.relationships.retain(is_there);
            }
        }
    }

    /// A schema that may be changed.
    fn draft(&mut self, id: &str) -> Result<&mut ObjectSchema, Objection> {
        let schema = self.schemas.get_mut(id);
        let schema = schema.ok_or_else(|| Objection::missing("object-schema", id))?;
        if schema.status != SchemaStatus::Draft {
            return Err(Objection::invalid("", "Only a draft can be changed."));
        }
        Ok(schema)
    }
}

fn place_of(schema: &ObjectSchema, to: RelatedTo, id: &str) -> Result<usize, Objection> {
    let mut relationships = schema.relationships.iter();
    relationships
        .position(|it| it.to == to && it.id == id)
        .ok_or_else(|| Objection::dangling("meta/relationship_id", "relationship", id))
}
