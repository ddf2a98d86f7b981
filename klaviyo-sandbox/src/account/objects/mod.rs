//! Custom objects: data sources and what was sent to them, object types and their schemas, and the
//! object records that come of both.

mod ingest;
mod path;
mod relationship;
mod schema;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use ingest::Mapped;
pub(crate) use ingest::{IngestionLog, ObjectRecord};
pub(crate) use relationship::{Naming, RelatedTo};
pub(crate) use schema::{ObjectSchema, Property, SchemaStatus, SourceMapping};

use super::ids::Ids;
use super::objection::Objection;
use super::table::Table;

/// A data source.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DataSource {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) namespace: String,
    pub(crate) visibility: String,
    /// Everything that was sent to it, in its order.
    pub(crate) records: Vec<Value>,
}

/// An object type.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ObjectType {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) namespace: String,
    pub(crate) visibility: String,
    pub(crate) created: DateTime<Utc>,
    pub(crate) updated: DateTime<Utc>,
    /// The id of the schema by which records are mapped.
    pub(crate) current: Option<String>,
    /// The id of the schema that is being written.
    pub(crate) draft: Option<String>,
}

/// What a data source or an object type says about itself.
#[derive(Debug)]
pub(crate) struct About {
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) namespace: String,
    pub(crate) visibility: String,
}

/// What a schema consists of.
#[derive(Debug, Default)]
pub(crate) struct Definition {
    pub(crate) properties: Vec<Property>,
    pub(crate) required: Vec<String>,
    pub(crate) mapping: SourceMapping,
}

/// What a job does with custom objects.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ObjectWork {
    /// Takes records of a data source.
    Ingest { source: String, records: Vec<Value> },
    /// Deletes object records.
    Delete { records: Vec<String> },
}

/// All custom objects.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Objects {
    ids: Ids,
    count: u64,
    pub(crate) sources: Table<DataSource>,
    pub(crate) types: Table<ObjectType>,
    pub(crate) schemas: Table<ObjectSchema>,
    pub(crate) records: Table<ObjectRecord>,
    /// The oldest first.
    logs: Vec<IngestionLog>,
}

impl Objects {
    pub(crate) fn new(ids: Ids) -> Self {
        Self {
            ids,
            count: 0,
            sources: Table::default(),
            types: Table::default(),
            schemas: Table::default(),
            records: Table::default(),
            logs: Vec::new(),
        }
    }

    fn next_id(&mut self, now: DateTime<Utc>) -> String {
        self.count += 1;
        self.ids.object(self.count, now)
    }

    pub(crate) fn create_source(
        &mut self,
        about: About,
        now: DateTime<Utc>,
    ) -> Result<String, Objection> {
        let is_same = |other: &DataSource| {
            (&other.namespace, &other.title) == (&about.namespace, &about.title)
        };
        if self.sources.iter().any(is_same) {
            let place = "attributes/title";
            return Err(Objection::taken(place, "data-source", &about.title));
        }
        let id = self.next_id(now);
        let source = DataSource {
            id: id.clone(),
            title: about.title,
            description: about.description,
            namespace: about.namespace,
            visibility: about.visibility,
            records: Vec::new(),
        };
        self.sources.put(&id, source);
        Ok(id)
    }

    /// Creates an object type with a draft of its schema; the draft's id.
    pub(crate) fn create_type(
        &mut self,
        about: About,
        definition: Definition,
        now: DateTime<Utc>,
    ) -> Result<String, Objection> {
        self.check(&definition)
            .map_err(|objection| objection.within("attributes/object-schema/data"))?;
        let id = self.next_id(now);
        let object_type = ObjectType {
            id: id.clone(),
            title: about.title,
            description: about.description,
            namespace: about.namespace,
            visibility: about.visibility,
            created: now,
            updated: now,
            current: None,
            draft: None,
        };
        self.types.put(&id, object_type);
        Ok(self.add_schema(&id, definition, now))
    }

    /// Creates a draft of the next version of a type's schema; its id.
    pub(crate) fn create_schema(
        &mut self,
        object_type: &str,
        definition: Definition,
        now: DateTime<Utc>,
    ) -> Result<String, Objection> {
        let Some(owner) = self.types.get(object_type) else {
            let place = "relationships/object-type/data/id";
            return Err(Objection::dangling(place, "object-type", object_type));
        };
        if let Some(draft) = &owner.draft {
            let place = "relationships/object-type";
            return Err(Objection::taken(place, "draft", draft));
        }
        self.check(&definition)?;
        Ok(self.add_schema(object_type, definition, now))
    }

    fn add_schema(
        &mut self,
        object_type: &str,
        definition: Definition,
        now: DateTime<Utc>,
    ) -> String {
        let (id, mapping_id) = (self.next_id(now), self.next_id(now));
        // No body can bring relationships: the next version begins with those in use.
        let current = self
            .types
            .get(object_type)
            .and_then(|it| it.current.as_deref());
        let current = current.and_then(|current| self.schemas.get(current));
        let relationships = current.map_or_else(Vec::new, |it| it.relationships.clone());
        let schema = ObjectSchema {
            id: id.clone(),
            object_type: object_type.to_owned(),
            properties: definition.properties,
            required: definition.required,
            relationships,
            status: SchemaStatus::Draft,
            published: None,
            mapping_id,
            mapping: definition.mapping,
        };
        self.schemas.put(&id, schema);
        if let Some(owner) = self.types.get_mut(object_type) {
            owner.draft = Some(id.clone());
            owner.updated = now;
        }
        id
    }

    /// Changes a draft.
    pub(crate) fn update_schema(
        &mut self,
        id: &str,
        properties: Option<Vec<Property>>,
        required: Option<Vec<String>>,
        now: DateTime<Utc>,
    ) -> Result<(), Objection> {
        let schema = self.schema(id)?;
        if schema.status != SchemaStatus::Draft {
            return Err(Objection::invalid("", "Only a draft can be changed."));
        }
        let properties = properties.unwrap_or_else(|| schema.properties.clone());
        let required = required.unwrap_or_else(|| schema.required.clone());
        check_required(&properties, &required)?;
        self.check_mapping(&properties, &schema.mapping)?;
        let owner = schema.object_type.clone();
        if let Some(schema) = self.schemas.get_mut(id) {
            schema.properties = properties;
            schema.required = required;
        }
        if let Some(owner) = self.types.get_mut(&owner) {
            owner.updated = now;
        }
        Ok(())
    }

    /// Changes where the properties of a schema come from.
    pub(crate) fn update_mapping(
        &mut self,
        schema: &str,
        mapping: SourceMapping,
    ) -> Result<(), Objection> {
        let known = self.schema(schema)?;
        self.check_mapping(&known.properties, &mapping)?;
        if let Some(schema) = self.schemas.get_mut(schema) {
            schema.mapping = mapping;
        }
        Ok(())
    }

    /// Puts a draft to use, in place of the schema that was: what was sent to its sources before is
    /// mapped too.
    pub(crate) fn activate(&mut self, id: &str, now: DateTime<Utc>) -> Result<(), Objection> {
        let owner = self.schema(id)?.object_type.clone();
        if let Some(schema) = self.schemas.get_mut(id) {
            schema.status = SchemaStatus::Active;
            schema.published = Some(now);
        }
        if let Some(owner) = self.types.get_mut(&owner) {
            owner.current = Some(id.to_owned());
            owner.draft = None;
            owner.updated = now;
        }
        let sources: Vec<String> = self.sources.iter().map(|it| it.id.clone()).collect();
        for source in sources {
            let sent = self
                .sources
                .get_mut(&source)
                .map(|it| std::mem::take(&mut it.records));
            let sent = sent.unwrap_or_default();
            for record in &sent {
                self.map(id, &source, record, now);
            }
            if let Some(source) = self.sources.get_mut(&source) {
                source.records = sent;
            }
        }
        Ok(())
    }

    /// Deletes an object type with all that belongs to it.
    pub(crate) fn delete_type(&mut self, id: &str) -> Result<(), Objection> {
        self.types
            .remove(id)
            .ok_or_else(|| Objection::missing("object-type", id))?;
        let schemas: Vec<String> = self.versions(id).map(|schema| schema.id.clone()).collect();
        for schema in schemas {
            self.schemas.remove(&schema);
        }
        self.part_from_the_gone();
        let records: Vec<String> = self
            .records_of(id)
            .map(|record| record.id.clone())
            .collect();
        for record in records {
            self.records.remove(&record);
        }
        self.logs.retain(|log| log.object_type != id);
        Ok(())
    }

    /// All versions of a type's schema.
    pub(crate) fn versions(&self, object_type: &str) -> impl Iterator<Item = &ObjectSchema> {
        self.schemas
            .iter()
            .filter(move |schema| schema.object_type == object_type)
    }

    pub(crate) fn records_of(&self, object_type: &str) -> impl Iterator<Item = &ObjectRecord> {
        self.records
            .iter()
            .filter(move |record| record.object_type == object_type)
    }

    /// A type's failures, the newest first.
    pub(crate) fn logs_of(
        &self,
        object_type: &str,
        now: DateTime<Utc>,
    ) -> impl Iterator<Item = &IngestionLog> {
        self.logs
            .iter()
            .rev()
            .filter(move |log| log.object_type == object_type && log.is_kept(now))
    }

    /// Does the work of a job whose end has come.
    pub(super) fn work(&mut self, work: ObjectWork, now: DateTime<Utc>) {
        match work {
            ObjectWork::Ingest { source, records } => self.ingest(&source, records, now),
            ObjectWork::Delete { records } => {
                for record in records {
                    self.records.remove(&record);
                }
            }
        }
    }

    fn ingest(&mut self, source: &str, records: Vec<Value>, now: DateTime<Utc>) {
        // A source that was deleted meanwhile takes nothing.
        if !self.sources.contains(source) {
            return;
        }
        let current: Vec<String> = self
            .types
            .iter()
            .filter_map(|object_type| object_type.current.clone())
            .collect();
        for record in &records {
            for schema in &current {
                self.map(schema, source, record, now);
            }
        }
        if let Some(source) = self.sources.get_mut(source) {
            source.records.extend(records);
        }
    }

    fn map(&mut self, schema: &str, source: &str, record: &Value, now: DateTime<Utc>) {
        let Some(schema) = self.schemas.get(schema) else {
            return;
        };
        let before = |id: &str| {
            let record = self.records.get(id);
            record.map_or_else(Default::default, |record| record.properties.clone())
        };
        let object_type = schema.object_type.clone();
        match ingest::map(schema, source, record, before) {
            None => {}
            Some(Mapped::Object(id, properties)) => {
                let record = ObjectRecord {
                    id: id.clone(),
                    object_type,
                    properties,
                };
                self.records.put(&id, record);
            }
            Some(Mapped::Failed(record, errors)) => {
                self.count += 1;
                let id = self.ids.uuid(self.count);
                self.logs.push(IngestionLog {
                    id,
                    object_type,
                    record,
                    at: now,
                    errors,
                });
            }
        }
    }

    fn schema(&self, id: &str) -> Result<&ObjectSchema, Objection> {
        self.schemas
            .get(id)
            .ok_or_else(|| Objection::missing("object-schema", id))
    }

    /// Whether a definition fits together, and the sources that it names are there.
    fn check(&self, definition: &Definition) -> Result<(), Objection> {
        check_required(&definition.properties, &definition.required)?;
        self.check_mapping(&definition.properties, &definition.mapping)
            .map_err(|objection| objection.within("attributes/source-mapping/data"))
    }

    fn check_mapping(
        &self,
        properties: &[Property],
        mapping: &SourceMapping,
    ) -> Result<(), Objection> {
        for (index, mapped) in mapping.property_mappings.iter().enumerate() {
            let at = |field| format!("attributes/property_mappings/{index}/{field}");
            if !properties.iter().any(|it| it.id == mapped.property()) {
                return Err(Objection::invalid(at("id"), "No property has this id."));
            }
            let Some(source) = mapped.source() else {
                continue;
            };
            if !self.sources.contains(&source.source_id) {
                let place = at("source/source_id");
                return Err(Objection::dangling(place, "data-source", &source.source_id));
            }
            if let Some(name) = source.broken_path() {
                let place = at(&format!("source/{name}"));
                return Err(Objection::invalid(place, "It is not a path to one place."));
            }
        }
        Ok(())
    }
}

fn check_required(properties: &[Property], required: &[String]) -> Result<(), Objection> {
    let is_known = |name: &String| properties.iter().any(|property| property.name == *name);
    match required.iter().position(|name| !is_known(name)) {
        Some(index) => {
            let place = format!("attributes/required/{index}");
            Err(Objection::invalid(place, "No property has this name."))
        }
        None => Ok(()),
    }
}
