//! From a record of a data source to an object record, or to an entry of the ingestion log.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::path::Path;
use super::schema::{ObjectSchema, PropertyMapping, PropertyType};

/// How long an entry can be looked at (spec).
const LIFETIME: TimeDelta = TimeDelta::days(14);

/// An object record.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ObjectRecord {
    /// The object type's id, three colons and the record's own.
    pub(crate) id: String,
    pub(crate) object_type: String,
    pub(crate) properties: Map<String, Value>,
}

/// Why a record did not become an object record.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct IngestionLog {
    pub(crate) id: String,
    pub(crate) object_type: String,
    /// The id of the object record that it was meant for, if it told.
    pub(crate) record: Option<String>,
    pub(crate) at: DateTime<Utc>,
    pub(crate) errors: Vec<IngestionError>,
}

/// What is wrong with one property.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct IngestionError {
    pub(crate) fault: Fault,
    pub(crate) property: String,
    pub(crate) invalid_value: Option<Value>,
}

/// What can be wrong with a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Fault {
    Missing,
    NotA(PropertyType),
}

impl Fault {
    /// One code is known (`string_type`); the others are made after it.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotA(PropertyType::Boolean) => "bool_type",
            Self::NotA(PropertyType::Float) => "float_type",
            Self::NotA(PropertyType::Int) => "int_type",
            Self::NotA(PropertyType::ListStr) => "list_type",
            Self::NotA(PropertyType::String) => "string_type",
            Self::NotA(PropertyType::Timestamp) => "datetime_type",
        }
    }

    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::Missing => "The property is required.",
            Self::NotA(PropertyType::Boolean) => "It must be true or false.",
            Self::NotA(PropertyType::Float) => "It must be a number.",
            Self::NotA(PropertyType::Int) => "It must be an integer.",
            Self::NotA(PropertyType::ListStr) => "It must be a list of texts.",
            Self::NotA(PropertyType::String) => "It must be a text.",
            Self::NotA(PropertyType::Timestamp) => {
                "It must be a date and time in the form of RFC 3339."
            }
        }
    }
}

impl IngestionLog {
    /// What the record calls itself.
    pub(crate) fn own_id(&self) -> Option<&str> {
        let (_, own) = self.record.as_deref()?.split_once(":::")?;
        Some(own)
    }

    pub(crate) fn is_kept(&self, now: DateTime<Utc>) -> bool {
        now < self.at + LIFETIME
    }
}

impl IngestionError {
    fn missing(property: &str) -> Self {
        Self {
            fault: Fault::Missing,
            property: property.to_owned(),
            invalid_value: None,
        }
    }
}

/// What a schema makes of a record.
pub(super) enum Mapped {
    /// The properties of the object record with this id.
    Object(String, Map<String, Value>),
    /// What is wrong with it, and for which object record it was meant.
    Failed(Option<String>, Vec<IngestionError>),
}

/// Maps a record of a data source; `None` when the schema takes nothing from that source. `before`
/// finds what an object record has from other sources.
pub(super) fn map(
    schema: &ObjectSchema,
    source: &str,
    record: &Value,
    before: impl Fn(&str) -> Map<String, Value>,
) -> Option<Mapped> {
    let of_source = |mapping: &PropertyMapping| {
        mapping
            .source()
            .is_some_and(|place| place.source_id == source)
    };
    let mappings = &schema.mapping.property_mappings;
    let first = mappings.iter().find(|mapping| of_source(mapping))?;
    let id_path = &first.source()?.id_path;
    let id = match record_id(id_path, record) {
        Ok(id) => format!("{}:::{id}", schema.object_type),
        Err(error) => return Some(Mapped::Failed(None, vec![error])),
    };

    let mut properties = before(&id);
    let mut errors = Vec::new();
    for mapping in mappings {
        let value = match mapping {
            PropertyMapping::Constant { value, .. } => Some(value),
            PropertyMapping::Simple { source: place, .. } if place.source_id == source => {
                Path::parse(&place.data_path).and_then(|path| path.find(record))
            }
            PropertyMapping::Simple { .. } => continue,
        };
        let Some(property) = schema.property(mapping.property()) else {
            continue;
        };
        // A record brings all that its source knows: what it leaves out is gone.
        properties.remove(&property.name);
        let Some(value) = value else { continue };
        if property.r#type.takes(value) {
            properties.insert(property.name.clone(), value.clone());
        } else {
            errors.push(IngestionError {
                fault: Fault::NotA(property.r#type),
                property: property.name.clone(),
                invalid_value: Some(value.clone()),
            });
        }
    }
    let is_given = |name: &String| {
        properties.contains_key(name) || errors.iter().any(|error| error.property == *name)
    };
    let missing: Vec<IngestionError> = schema
        .required
        .iter()
        .filter(|name| !is_given(name))
        .map(|name| IngestionError::missing(name))
        .collect();
    errors.extend(missing);
    Some(if errors.is_empty() {
        Mapped::Object(id, properties)
    } else {
        Mapped::Failed(Some(id), errors)
    })
}

/// What a record calls itself: a text or an integer.
fn record_id(id_path: &str, record: &Value) -> Result<String, IngestionError> {
    let found = Path::parse(id_path).and_then(|path| path.find(record));
    match found {
        None => Err(IngestionError::missing(id_path)),
        Some(Value::String(id)) => Ok(id.clone()),
        Some(Value::Number(id)) if !id.is_f64() => Ok(id.to_string()),
        Some(other) => Err(IngestionError {
            fault: Fault::NotA(PropertyType::String),
            property: id_path.to_owned(),
            invalid_value: Some(other.clone()),
        }),
    }
}
