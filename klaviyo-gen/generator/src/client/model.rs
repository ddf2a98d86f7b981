//! The document as the printer needs it: types with Rust names and operations that use them.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::names;
use super::normalise::SCALAR;
use super::schema::{self, Schemas};

/// All types, by name.
pub(crate) type Types = BTreeMap<String, Type>;

/// A type to print.
#[derive(Debug, Clone)]
pub(crate) enum Type {
    /// An object with known fields, sorted by their name on the wire.
    Object(Vec<Property>),
    /// A string that takes one of these texts.
    Texts(Vec<String>),
    /// One of several.
    OneOf(Vec<Alternative>),
    /// Nothing but a name for a shape.
    Alias(Shape),
}

/// A field of an object.
#[derive(Debug, Clone)]
pub(crate) struct Property {
    /// The name on the wire.
    pub(crate) wire: String,
    /// What it holds.
    pub(crate) shape: Shape,
    /// Whether the object must have it.
    pub(crate) required: bool,
    /// Whether it may be `null`.
    pub(crate) nullable: bool,
    /// What the document says about text or numbers beyond their kind.
    pub(crate) facts: Facts,
}

/// What a reader wants to know of a field and its type does not say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    /// The `format` of a string.
    pub(crate) format: Option<String>,
    /// The value that Klaviyo takes when the field is left out, as JSON text.
    pub(crate) default: Option<String>,
    /// The only values that it takes, as JSON text, when they have no type of their own.
    pub(crate) values: Vec<String>,
}

/// One of several shapes.
#[derive(Debug, Clone)]
pub(crate) struct Alternative {
    /// What it holds.
    pub(crate) shape: Shape,
}

/// What a value looks like.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// Text, a number or a boolean.
    Scalar,
    /// A file, in a multipart body.
    File,
    /// An object with any fields.
    Map,
    /// Anything.
    Any,
    /// An array; `nullable` when its items may be null.
    List {
        /// What an item looks like.
        item: Box<Shape>,
        /// Whether an item may be `null`.
        nullable: bool,
    },
    /// A type, by name.
    Named(String),
}

/// Reads flat schemas.
///
/// # Errors
///
/// When a schema is of a kind that no type stands for.
pub(super) fn types(schemas: &Schemas) -> Result<Types> {
    let read = |(name, schema): (&String, &Value)| {
        let read = read_type(schema).with_context(|| format!("schema {name}"))?;
        Ok((name.clone(), read))
    };
    schemas.iter().map(read).collect()
}

fn read_type(schema: &Value) -> Result<Type> {
    if let Some(properties) = schema::properties(schema) {
        let required: Vec<&str> = schema::required(schema).collect();
        let mut fields = Vec::new();
        for (name, property) in properties {
            let required = required.contains(&name.as_str());
            fields.push(
                read_property(name, property, required)
                    .with_context(|| format!("property {name}"))?,
            );
        }
        fields.sort_by(|one, other| one.wire.cmp(&other.wire));
        if fields.iter().any(|field| field.shape == Shape::File) {
            // A multipart body has no way to say null.
            fields.iter_mut().for_each(|field| field.nullable = false);
        }
        return Ok(Type::Object(fields));
    }
    if let Some(alternatives) = schema::alternatives(schema) {
        let read = |schema| {
            Ok(Alternative {
                shape: shape(schema)?,
            })
        };
        return Ok(Type::OneOf(
            alternatives.iter().map(read).collect::<Result<_>>()?,
        ));
    }
    match schema::texts(schema) {
        Some(texts) => Ok(Type::Texts(texts.into_iter().map(str::to_owned).collect())),
        None => Ok(Type::Alias(shape(schema)?)),
    }
}

fn read_property(wire: &str, schema: &Value, required: bool) -> Result<Property> {
    Ok(Property {
        wire: wire.to_owned(),
        shape: shape(schema)?,
        required,
        nullable: schema::is_nullable(schema),
        facts: facts(schema),
    })
}

fn facts(schema: &Value) -> Facts {
    Facts {
        format: schema
            .get("format")
            .and_then(Value::as_str)
            .map(str::to_owned),
        default: schema.get("default").map(Value::to_string),
        values: schema::array(schema, "enum")
            .iter()
            .map(Value::to_string)
            .collect(),
    }
}

/// The shape of a flat schema.
///
/// # Errors
///
/// When it is of a kind that no shape stands for.
pub(super) fn shape(schema: &Value) -> Result<Shape> {
    if let Some(name) = schema::reference(schema) {
        return Ok(Shape::Named(name.to_owned()));
    }
    let format = schema.get("format").and_then(Value::as_str);
    Ok(match schema::kind(schema) {
        None => Shape::Any,
        Some("string") if format == Some("binary") => Shape::File,
        Some("string") => Shape::Text,
        Some("integer") => Shape::Integer,
        Some("number") => Shape::Number,
        Some("boolean") => Shape::Boolean,
        Some(SCALAR) => Shape::Scalar,
        Some("object") => Shape::Map,
        Some("array") => {
            let items = schema.get("items").unwrap_or(&Value::Null);
            Shape::List {
                item: Box::new(shape(items)?),
                nullable: schema::is_nullable(items),
            }
        }
        Some(kind) => bail!("a value of type {kind}"),
    })
}

impl Type {
    /// The only text that the type takes, when there is just one.
    pub(crate) fn constant(&self) -> Option<&str> {
        match self {
            Type::Texts(texts) => match texts.as_slice() {
                [only] => Some(only),
                _ => None,
            },
            _ => None,
        }
    }

    /// The shapes directly inside.
    pub(crate) fn shapes(&self) -> Vec<&Shape> {
        match self {
            Type::Object(properties) => properties.iter().map(|property| &property.shape).collect(),
            Type::OneOf(alternatives) => alternatives.iter().map(|one| &one.shape).collect(),
            Type::Alias(shape) => vec![shape],
            Type::Texts(_) => Vec::new(),
        }
    }
}

impl Shape {
    /// The type that the shape names, directly or as what an array holds.
    pub(crate) fn target(&self) -> Option<&str> {
        match self {
            Shape::Named(name) => Some(name),
            Shape::List { item, .. } => item.target(),
            _ => None,
        }
    }
}

impl Property {
    /// The name in Rust.
    pub(crate) fn name(&self) -> String {
        names::field(&self.wire)
    }

    /// The only value that the property takes, when it is `true` or `false`.
    pub(crate) fn flag(&self) -> Option<bool> {
        match (&self.shape, self.facts.values.as_slice()) {
            (Shape::Boolean, [only]) => only.parse().ok(),
            _ => None,
        }
    }
}
