//! The shape of a JSON value, with references to objects kept by name.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::document::{Document, reference_name};

/// The shape of a JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shape {
    pub(crate) kind: Kind,
    pub(crate) nullable: bool,
}

/// The kinds of JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Any,
    String {
        format: Option<String>,
        values: Vec<String>,
    },
    Integer,
    Number,
    Boolean,
    Array(Box<Shape>),
    /// The fields, sorted by name; none for a free-form object.
    Object(Vec<Field>),
    /// An object that has a name in the document.
    Named(String),
    OneOf(Vec<Shape>),
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) required: bool,
    pub(crate) shape: Shape,
}

impl Shape {
    /// Reads a schema of the document.
    pub(crate) fn read(document: &Document, schema: &Value) -> Result<Self> {
        let target = document.resolve(schema)?;
        Ok(Self {
            kind: match reference_name(schema) {
                Some(name) if target.get("properties").is_some() => Kind::Named(name.to_owned()),
                _ => kind(document, target)?,
            },
            nullable: is_nullable(schema) || is_nullable(target),
        })
    }

    /// Reads the fields of the named object.
    pub(crate) fn read_named(document: &Document, name: &str) -> Result<Vec<Field>> {
        let schema = document
            .root()
            .pointer(&format!("/components/schemas/{name}"));
        fields(
            document,
            schema.with_context(|| format!("no schema is called {name}"))?,
        )
    }
}

fn is_nullable(schema: &Value) -> bool {
    schema["nullable"] == true
}

fn kind(document: &Document, schema: &Value) -> Result<Kind> {
    if let Some(choices) = schema["oneOf"].as_array() {
        return Ok(Kind::OneOf(read_all(document, choices)?));
    }
    if let Some(parts) = schema["allOf"].as_array() {
        return all_of(document, parts);
    }
    Ok(match schema["type"].as_str() {
        Some("string") => Kind::String {
            format: schema["format"].as_str().map(str::to_owned),
            values: strings(&schema["enum"]),
        },
        Some("integer") => Kind::Integer,
        Some("number") => Kind::Number,
        Some("boolean") => Kind::Boolean,
        Some("array") => Kind::Array(Box::new(Shape::read(document, &schema["items"])?)),
        Some("object") => Kind::Object(fields(document, schema)?),
        None if schema.get("properties").is_some() => Kind::Object(fields(document, schema)?),
        None => Kind::Any,
        Some(other) => bail!("{other} is not a type of JSON"),
    })
}

fn read_all(document: &Document, schemas: &[Value]) -> Result<Vec<Shape>> {
    schemas
        .iter()
        .map(|schema| Shape::read(document, schema))
        .collect()
}

/// One part is only wrapped (so that something can stand beside its reference); several are the
/// parts of one object.
fn all_of(document: &Document, parts: &[Value]) -> Result<Kind> {
    if let [only] = parts {
        return Ok(Shape::read(document, only)?.kind);
    }
    let mut merged = BTreeMap::new();
    for part in parts {
        merge(&mut merged, fields(document, document.resolve(part)?)?);
    }
    Ok(Kind::Object(merged.into_values().collect()))
}

/// Adds fields to those of an object. Of two with the same name, both objects, the fields are added
/// up; else the later one counts.
fn merge(into: &mut BTreeMap<String, Field>, fields: Vec<Field>) {
    for mut field in fields {
        let before = into.remove(&field.name).map(|field| field.shape.kind);
        if let (Some(Kind::Object(before)), Kind::Object(after)) = (before, &mut field.shape.kind) {
            let mut both = BTreeMap::new();
            merge(&mut both, before);
            merge(&mut both, std::mem::take(after));
            *after = both.into_values().collect();
        }
        into.insert(field.name.clone(), field);
    }
}

fn fields(document: &Document, schema: &Value) -> Result<Vec<Field>> {
    let required = strings(&schema["required"]);
    let Some(properties) = schema["properties"].as_object() else {
        return Ok(Vec::new());
    };
    // The document's objects are sorted by key, and so are the fields.
    properties
        .iter()
        .map(|(name, schema)| {
            Ok(Field {
                name: name.clone(),
                required: required.contains(name),
                shape: Shape::read(document, schema)?,
            })
        })
        .collect()
}

/// The strings among the elements of an array; none when it is not an array.
fn strings(value: &Value) -> Vec<String> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}
