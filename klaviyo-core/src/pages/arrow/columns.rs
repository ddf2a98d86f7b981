//! Which columns a list has: what the table knows of its items, as far as the request asks for it.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use klaviyo_gen::{Attribute, Kind, Listed, Operation, Parameter};

use crate::error::Error;
use crate::pages::kept::parts;

/// The column of what has no other.
pub(super) const UNMAPPED: &str = "unmapped";

/// What stands before the name of a relationship.
pub(super) const RELATIONSHIPS: &str = "relationships.";

/// What a column holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    Text,
    /// Any JSON, as text.
    Json,
    Integer,
    Number,
    Boolean,
    /// A point in time, in microseconds.
    Time,
    /// An array.
    List(Box<Content>),
    /// The id of a related resource.
    Id,
    /// The ids of related resources.
    Ids,
}

impl Content {
    /// What an attribute holds.
    pub(super) fn of(kind: &Kind) -> Self {
        match kind {
            Kind::String {
                format: Some("date-time"),
                ..
            } => Content::Time,
            Kind::String { .. } => Content::Text,
            Kind::Integer => Content::Integer,
            Kind::Number => Content::Number,
            Kind::Boolean => Content::Boolean,
            Kind::Array(element) => Content::List(Box::new(Content::of(&element.kind))),
            Kind::Any | Kind::Object(_) | Kind::OneOf(_) => Content::Json,
        }
    }

    /// Arrow's type for it.
    pub(super) fn data_type(&self) -> DataType {
        match self {
            Content::Text | Content::Json | Content::Id => DataType::Utf8,
            Content::Integer => DataType::Int64,
            Content::Number => DataType::Float64,
            Content::Boolean => DataType::Boolean,
            Content::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Content::List(element) => DataType::List(element_field(element.data_type())),
            Content::Ids => DataType::List(element_field(DataType::Utf8)),
        }
    }
}

/// The field of a list's elements.
pub(super) fn element_field(data_type: DataType) -> Arc<Field> {
    Arc::new(Field::new_list_field(data_type, true))
}

/// A column.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) content: Content,
}

/// The columns of a list, but for the one of what has no other.
#[derive(Debug)]
pub(super) struct Columns(pub(super) Vec<Column>);

impl Columns {
    /// The columns of what the target asks for.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the operation lists nothing.
    pub(super) fn of(operation: &Operation, target: &str) -> Result<Self, Error> {
        let Some(listed) = operation.listed else {
            let message = format!("{} is not a list", operation.id);
            return Err(Error::Configuration(message));
        };
        let wanted = Wanted::read(operation, listed, target);
        let always = [("id", Content::Text), ("type", Content::Text)];
        let always = always.map(|(name, content)| (name.to_owned(), content));
        let attributes = listed.attributes.iter();
        let attributes = attributes.filter(|attribute| wanted.has(attribute));
        let attributes = attributes.map(|one| (one.name.to_owned(), Content::of(&one.kind)));
        let relationships = listed.relationships.iter().map(|one| {
            let content = if one.many { Content::Ids } else { Content::Id };
            (format!("{RELATIONSHIPS}{}", one.name), content)
        });
        let columns = always.into_iter().chain(attributes).chain(relationships);
        let columns = columns.map(|(name, content)| Column { name, content });
        Ok(Columns(columns.collect()))
    }

    /// Arrow's schema.
    pub(super) fn schema(&self) -> SchemaRef {
        let columns = self.0.iter();
        let columns = columns.map(|one| Field::new(&one.name, one.content.data_type(), true));
        let unmapped = Field::new(UNMAPPED, DataType::Utf8, true);
        Arc::new(Schema::new(columns.chain([unmapped]).collect::<Vec<_>>()))
    }
}

/// The attributes that a request asks for.
struct Wanted {
    /// Nothing but these; `None`: all that need not be asked for.
    only: Option<Vec<String>>,
    /// Those that must be asked for.
    optional: Vec<&'static str>,
    /// Those among them that were.
    added: Vec<String>,
}

impl Wanted {
    fn read(operation: &Operation, listed: &Listed, target: &str) -> Self {
        let (_, query) = parts(target);
        let given = |name: &str| {
            let (_, value) = query.iter().find(|(given, _)| given == name)?;
            Some(value.split(',').map(|one| one.trim().to_owned()).collect())
        };
        let resource = listed.resource;
        let additional = format!("additional-fields[{resource}]");
        let mut parameters = operation.parameters.iter();
        let optional = parameters.find(|parameter| parameter.name == additional);
        Wanted {
            only: given(&format!("fields[{resource}]")),
            optional: optional.map_or(Vec::new(), |parameter| values(parameter)),
            added: given(&additional).unwrap_or_default(),
        }
    }

    fn has(&self, attribute: &Attribute) -> bool {
        let is = |part: &str| is_within(attribute.name, part);
        let is_added = self.added.iter().any(|part| is(part));
        is_added
            || match &self.only {
                Some(only) => only.iter().any(|part| is(part)),
                None => !self.optional.iter().any(|part| is(part)),
            }
    }
}

/// The texts that a parameter may be made of.
fn values(parameter: &Parameter) -> Vec<&'static str> {
    match &parameter.schema.kind {
        Kind::Array(element) => match &element.kind {
            Kind::String { values, .. } => values.to_vec(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Whether a dotted name is `part` or stands in it.
fn is_within(name: &str, part: &str) -> bool {
    let rest = name.strip_prefix(part);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
