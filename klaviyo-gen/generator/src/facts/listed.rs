//! What the operations that list something list: resources, with their attributes one by one.

use anyhow::Result;

use super::{Field, Kind, Method, Operation, Shape};
use crate::document::Document;

/// The resources that an operation lists.
#[derive(Debug, PartialEq)]
pub(crate) struct Listed {
    /// The resources' `type`.
    pub(crate) resource: String,
    /// By dotted names: those of a known object one by one. Objects without known fields, arrays of
    /// objects and choices are [`Kind::Any`].
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) relationships: Vec<Relationship>,
}

/// An attribute of a listed resource.
#[derive(Debug, PartialEq)]
pub(crate) struct Attribute {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

/// A relationship of a listed resource.
#[derive(Debug, PartialEq)]
pub(crate) struct Relationship {
    pub(crate) name: String,
    /// Whether it leads to several.
    pub(crate) many: bool,
}

impl Listed {
    /// What the operation lists; `None` when it lists nothing.
    pub(crate) fn read(document: &Document, operation: &Operation) -> Result<Option<Self>> {
        let mut answers = operation.success.iter();
        let answer = answers.find_map(|answer| answer.schema.as_ref());
        let Some(answer) = answer.filter(|_| operation.method == Method::Get) else {
            return Ok(None);
        };
        let reader = Reader { document };
        let answer = Shape::read(document, answer)?;
        let Some(Kind::Array(item)) = reader.member(&answer.kind, "data")? else {
            return Ok(None);
        };
        Ok(Some(Self {
            resource: reader.resource(&item.kind)?,
            attributes: reader.attributes(&item.kind)?,
            relationships: reader.relationships(&item.kind)?,
        }))
    }
}

/// Follows names of objects into the document.
struct Reader<'a> {
    document: &'a Document,
}

impl Reader<'_> {
    /// The fields of an object; none of anything else.
    fn fields(&self, kind: &Kind) -> Result<Vec<Field>> {
        match kind {
            Kind::Object(fields) => Ok(fields.clone()),
            Kind::Named(name) => Shape::read_named(self.document, name),
            _ => Ok(Vec::new()),
        }
    }

    fn member(&self, kind: &Kind, name: &str) -> Result<Option<Kind>> {
        let fields = self.fields(kind)?;
        let found = fields.into_iter().find(|field| field.name == name);
        Ok(found.map(|field| field.shape.kind))
    }

    /// The only value that the item's `type` may have; empty when there are several.
    fn resource(&self, item: &Kind) -> Result<String> {
        Ok(match self.member(item, "type")? {
            Some(Kind::String { mut values, .. }) if values.len() == 1 => values.remove(0),
            _ => String::new(),
        })
    }

    fn attributes(&self, item: &Kind) -> Result<Vec<Attribute>> {
        let mut attributes = Vec::new();
        if let Some(kind) = self.member(item, "attributes")? {
            for field in self.fields(&kind)? {
                self.flatten(field, "", &mut Vec::new(), &mut attributes)?;
            }
        }
        Ok(attributes)
    }

    /// Appends a field, or those of the object that it is. `above` are the names of the objects that it
    /// stands in: one that stands in itself has no end.
    fn flatten(
        &self,
        field: Field,
        prefix: &str,
        above: &mut Vec<String>,
        attributes: &mut Vec<Attribute>,
    ) -> Result<()> {
        let name = format!("{prefix}{}", field.name);
        let kind = field.shape.kind;
        let turns_in_a_circle = matches!(&kind, Kind::Named(name) if above.contains(name));
        let inner = match turns_in_a_circle {
            true => Vec::new(),
            false => self.fields(&kind)?,
        };
        if inner.is_empty() {
            let kind = simple(&kind);
            attributes.push(Attribute { name, kind });
            return Ok(());
        }
        let depth = above.len();
        above.extend(match kind {
            Kind::Named(name) => Some(name),
            _ => None,
        });
        for field in inner {
            self.flatten(field, &format!("{name}."), above, attributes)?;
        }
        above.truncate(depth);
        Ok(())
    }

    fn relationships(&self, item: &Kind) -> Result<Vec<Relationship>> {
        let Some(kind) = self.member(item, "relationships")? else {
            return Ok(Vec::new());
        };
        let mut relationships = Vec::new();
        for Field { name, shape, .. } in self.fields(&kind)? {
            let data = self.member(&shape.kind, "data")?;
            relationships.extend(data.map(|data| Relationship {
                name,
                many: matches!(data, Kind::Array(_)),
            }));
        }
        Ok(relationships)
    }
}

/// A kind that a column can have; anything else is [`Kind::Any`]. Which texts are known does not matter.
fn simple(kind: &Kind) -> Kind {
    match kind {
        Kind::String { format, .. } => Kind::String {
            format: format.clone(),
            values: Vec::new(),
        },
        Kind::Integer | Kind::Number | Kind::Boolean => kind.clone(),
        Kind::Array(element) => match simple(&element.kind) {
            Kind::Any | Kind::Array(_) => Kind::Any,
            kind => Kind::Array(Box::new(Shape {
                kind,
                nullable: element.nullable,
            })),
        },
        _ => Kind::Any,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::example;

    fn listed(item: &Value) -> Option<Listed> {
        let mut document = example::document();
        let schemas = &mut document["components"]["schemas"];
        schemas["Round"] = json!({ "type": "object", "properties": {
            "again": { "$ref": "#/components/schemas/Round" },
        } });
        schemas["GetWidgetResponse"]["properties"]["data"] = item.clone();
        let document = Document::new(document).expect("it has a revision");
        let operations = Operation::all(&document).expect("it can be read");
        let mut operations = operations.iter();
        let list = operations.find(|operation| operation.id == "get_widgets");
        Listed::read(&document, list.expect("it is there")).expect("it can be read")
    }

    fn text(format: Option<&str>) -> Kind {
        Kind::String {
            format: format.map(str::to_owned),
            values: Vec::new(),
        }
    }

    #[test]
    fn attributes_are_read_one_by_one_with_those_of_known_objects() {
        let related = |data: Value| json!({ "type": "object", "properties": { "data": data } });
        let item = json!({ "allOf": [
            { "properties": { "attributes": { "properties": {
                "made": { "$ref": "#/components/schemas/Place" },
                "round": { "$ref": "#/components/schemas/Round" },
            } } } },
            { "type": "object", "properties": {
                "type": { "type": "string", "enum": ["widget"] },
                "attributes": { "type": "object", "properties": {
                    "at": { "type": "string", "format": "date-time" },
                    "colour": { "type": "string", "enum": ["red", "blue"] },
                    "free": { "type": "object" },
                    "names": { "type": "array", "items": { "type": "string" } },
                    "parts": { "type": "array", "items": { "type": "object" } },
                    "size": { "oneOf": [{ "type": "string" }, { "type": "integer" }] },
                } },
                "relationships": { "type": "object", "properties": {
                    "boxes": related(json!({ "type": "array", "items": { "type": "object" } })),
                    "maker": related(json!({ "type": "object" })),
                } },
            } },
        ] });
        let listed = listed(&json!({ "type": "array", "items": item })).expect("it is a list");
        assert_eq!(listed.resource, "widget");
        let names = Kind::Array(Box::new(Shape {
            kind: text(None),
            nullable: false,
        }));
        let expected = [
            ("at", text(Some("date-time"))),
            ("colour", text(None)),
            ("free", Kind::Any),
            ("made.city", text(None)),
            ("names", names),
            ("parts", Kind::Any),
            ("round.again", Kind::Any),
            ("size", Kind::Any),
        ];
        let read = listed.attributes.iter();
        let read: Vec<(&str, Kind)> = read
            .map(|one| (one.name.as_str(), one.kind.clone()))
            .collect();
        assert_eq!(read, expected);
        let read = listed.relationships.iter();
        let read: Vec<(&str, bool)> = read.map(|one| (one.name.as_str(), one.many)).collect();
        assert_eq!(read, [("boxes", true), ("maker", false)]);
    }

    #[test]
    fn what_answers_with_one_thing_lists_nothing() {
        assert_eq!(listed(&json!({ "type": "object" })), None);
    }
}
