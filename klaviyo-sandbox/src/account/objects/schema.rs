//! What the records of an object type look like, and where their properties come from.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::path::Path;
use super::relationship::Relationship;

/// A property of an object schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Property {
    pub(crate) id: i64,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: Option<String>,
    pub(crate) r#type: PropertyType,
}

/// What a property holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PropertyType {
    Boolean,
    Float,
    Int,
    ListStr,
    String,
    Timestamp,
}

impl PropertyType {
    /// Whether a value can be taken.
    pub(crate) fn takes(self, value: &Value) -> bool {
        match self {
            Self::Boolean => value.is_boolean(),
            Self::Float => value.is_number(),
            Self::Int => value.is_i64() || value.is_u64(),
            Self::ListStr => {
                let texts = value.as_array();
                texts.is_some_and(|texts| texts.iter().all(Value::is_string))
            }
            Self::String => value.is_string(),
            Self::Timestamp => {
                let text = value.as_str();
                text.is_some_and(|text| DateTime::parse_from_rfc3339(text).is_ok())
            }
        }
    }
}

/// Whether a schema is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SchemaStatus {
    /// Being written; records are not mapped by it.
    Draft,
    /// Records are mapped by it.
    Active,
}

/// The object schema of a type, in one of its versions.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ObjectSchema {
    pub(crate) id: String,
    /// The object type that it is a version of.
    pub(crate) object_type: String,
    pub(crate) properties: Vec<Property>,
    /// The names of those that every record must have.
    pub(crate) required: Vec<String>,
    /// What it is related to.
    #[serde(default)]
    pub(crate) relationships: Vec<Relationship>,
    pub(crate) status: SchemaStatus,
    pub(crate) published: Option<DateTime<Utc>>,
    /// The id of its source mapping.
    pub(crate) mapping_id: String,
    pub(crate) mapping: SourceMapping,
}

/// Where the properties and relationships of records come from.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct SourceMapping {
    #[serde(default)]
    pub(crate) property_mappings: Vec<PropertyMapping>,
    /// Kept and shown, without effect.
    #[serde(default)]
    pub(crate) relationship_mappings: Vec<Value>,
}

/// Where a property comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum PropertyMapping {
    /// The same for all records.
    Constant { id: i64, value: Value },
    /// A place in the records of a data source.
    Simple { id: i64, source: PropertySource },
}

/// A place in the records of a data source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PropertySource {
    pub(crate) source_id: String,
    /// Where a record says which one it is.
    pub(crate) id_path: String,
    pub(crate) data_path: String,
}

impl PropertyMapping {
    pub(crate) fn property(&self) -> i64 {
        match self {
            Self::Constant { id, .. } | Self::Simple { id, .. } => *id,
        }
    }

    pub(crate) fn source(&self) -> Option<&PropertySource> {
        match self {
            Self::Constant { .. } => None,
            Self::Simple { source, .. } => Some(source),
        }
    }
}

impl PropertySource {
    /// The name of a path that is not one, if there is such.
    pub(crate) fn broken_path(&self) -> Option<&'static str> {
        let paths = [("id_path", &self.id_path), ("data_path", &self.data_path)];
        paths
            .into_iter()
            .find(|(_, path)| Path::parse(path).is_none())
            .map(|(name, _)| name)
    }
}

impl ObjectSchema {
    pub(crate) fn property(&self, id: i64) -> Option<&Property> {
        self.properties.iter().find(|property| property.id == id)
    }
}
