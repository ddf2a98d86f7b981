//! Types as annotations.

use crate::client::Typed;
use crate::client::model::{Property, Shape, Type};
use crate::client::reach::Direction;
use crate::facts::identifier;

use super::SHARED;
use super::source::literal;

/// The module of a type: its tag's, or the one that several tags share.
pub(super) fn module(name: &str, typed: &Typed<'_>) -> String {
    let tags = typed.reached.get(name).map(|reach| &reach.tags);
    match tags.into_iter().flatten().collect::<Vec<_>>().as_slice() {
        [only] => identifier(only),
        _ => SHARED.to_owned(),
    }
}

/// A shape where it travels in `direction`; `prefix` is what stands before a type's name.
pub(super) fn shape(
    shape: &Shape,
    direction: Direction,
    typed: &Typed<'_>,
    prefix: &dyn Fn(&str) -> String,
) -> String {
    match shape {
        Shape::Text => "str".into(),
        Shape::Integer => "int".into(),
        Shape::Number => "float".into(),
        Shape::Boolean => "bool".into(),
        Shape::Scalar => "str | float | bool".into(),
        Shape::File => "bytes".into(),
        Shape::Any => "Any".into(),
        Shape::Map => match direction {
            Direction::Sent => "Mapping[str, Any]".into(),
            Direction::Received | Direction::Both => "dict[str, Any]".into(),
        },
        Shape::List { item, nullable } => {
            let item = self::shape(item, direction, typed, prefix);
            let item = or_none(item, *nullable);
            match direction {
                Direction::Sent => format!("Sequence[{item}]"),
                Direction::Received | Direction::Both => format!("list[{item}]"),
            }
        }
        Shape::Named(name) => named(name, direction, typed, prefix),
    }
}

fn named(
    name: &str,
    direction: Direction,
    typed: &Typed<'_>,
    prefix: &dyn Fn(&str) -> String,
) -> String {
    match typed.types.get(name) {
        // Telling a type by the one text that it has is what such a text is there for.
        Some(one) if one.constant().is_some() => {
            format!("Literal[{}]", literal(one.constant().unwrap_or_default()))
        }
        Some(Type::Alias(target)) => shape(target, direction, typed, prefix),
        _ => prefix(name) + name,
    }
}

/// A property of an object that travels in `direction`, whether or not it must be there.
pub(super) fn property(
    property: &Property,
    direction: Direction,
    typed: &Typed<'_>,
    prefix: &dyn Fn(&str) -> String,
) -> String {
    let annotation = shape(&property.shape, direction, typed, prefix);
    let format = property.facts.format.as_deref();
    let annotation = match (&property.shape, direction, format, property.flag()) {
        (Shape::Text, Direction::Sent, Some("date-time"), _) => "str | datetime".into(),
        (Shape::Text, Direction::Sent, Some("date"), _) => "str | date".into(),
        (_, _, _, Some(true)) => "Literal[True]".into(),
        (_, _, _, Some(false)) => "Literal[False]".into(),
        _ => annotation,
    };
    or_none(annotation, property.nullable)
}

/// The annotation, with `None` if that is allowed.
pub(super) fn or_none(annotation: String, nullable: bool) -> String {
    // `Any` takes it already.
    match nullable && annotation != "Any" {
        true => annotation + " | None",
        false => annotation,
    }
}
