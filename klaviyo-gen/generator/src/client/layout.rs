//! How a property stands in its Rust type: plainly, as an `Option` or as a `Patch`.
//!
//! It depends on the direction in which the object travels. What is sent says exactly what the document
//! demands. What is received must parse whatever is missing or null, so that nothing in it is
//! mandatory. An object that travels both ways takes the lenient form and can still say null.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Property, Shape, Type, Types};
use super::reach::{Direction, Reach, recursive};

/// How a property stands in its Rust type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    /// As itself; without it the object does not parse.
    Always,
    /// As itself; its default stands for what is missing or null.
    OrDefault,
    /// As an `Option`; `None` is sent as null.
    OrNull,
    /// As an `Option`; `None` is left out.
    Optional,
    /// As a `Patch`: absent, null or a value.
    Patch,
}

/// What must be known of all types to print one.
pub(super) struct Layout<'a> {
    pub(super) types: &'a Types,
    pub(super) reached: &'a BTreeMap<String, Reach>,
    recursive: BTreeSet<String>,
}

impl<'a> Layout<'a> {
    pub(super) fn new(types: &'a Types, reached: &'a BTreeMap<String, Reach>) -> Self {
        Self {
            types,
            reached,
            recursive: recursive(types),
        }
    }

    /// In which direction a type travels.
    pub(super) fn direction(&self, name: &str) -> Direction {
        self.reached
            .get(name)
            .map_or(Direction::Received, Reach::direction)
    }

    /// How a property of an object that travels in `direction` stands in its type.
    pub(super) fn presence(&self, direction: Direction, property: &Property) -> Presence {
        let Property {
            required, nullable, ..
        } = *property;
        match direction {
            Direction::Sent => match (required, nullable) {
                (true, false) => Presence::Always,
                (true, true) => Presence::OrNull,
                (false, false) => Presence::Optional,
                (false, true) => Presence::Patch,
            },
            Direction::Received if matches!(property.shape, Shape::List { .. }) => {
                Presence::OrDefault
            }
            Direction::Received | Direction::Both
                if required && !nullable && self.is_lenient(&property.shape) =>
            {
                Presence::OrDefault
            }
            Direction::Both if nullable => Presence::Patch,
            Direction::Received | Direction::Both => Presence::Optional,
        }
    }

    /// Whether something stands for a missing value without saying what was not said: no elements, no
    /// fields, or the only text there can be.
    fn is_lenient(&self, shape: &Shape) -> bool {
        match shape {
            Shape::List { .. } => true,
            Shape::Named(name) => match self.types.get(name) {
                Some(Type::Object(_)) => !self.recursive.contains(name),
                Some(other) => other.constant().is_some(),
                None => false,
            },
            _ => false,
        }
    }

    /// Whether a value of the type can be made from nothing.
    pub(super) fn has_default(&self, name: &str) -> bool {
        match self.types.get(name) {
            Some(Type::Object(properties)) => {
                let direction = self.direction(name);
                properties
                    .iter()
                    .all(|property| self.is_defaulted(direction, property))
            }
            Some(other) => other.constant().is_some(),
            None => false,
        }
    }

    /// Whether an object can be made without giving the property.
    pub(super) fn is_defaulted(&self, direction: Direction, property: &Property) -> bool {
        match self.presence(direction, property) {
            Presence::OrDefault | Presence::Optional | Presence::Patch => true,
            Presence::OrNull => false,
            Presence::Always => match &property.shape {
                Shape::Named(name) => !self.recursive.contains(name) && self.has_default(name),
                _ => false,
            },
        }
    }

    /// Whether a type must be boxed where it stands inside another.
    pub(super) fn is_boxed(&self, name: &str) -> bool {
        self.recursive.contains(name)
    }

    /// The shape itself, or what it is another name for.
    pub(super) fn resolve<'b>(&'b self, shape: &'b Shape) -> &'b Shape {
        match shape {
            Shape::Named(name) => match self.types.get(name) {
                Some(Type::Alias(target)) => self.resolve(target),
                _ => shape,
            },
            _ => shape,
        }
    }

    /// The texts that a shape is limited to, when it is.
    pub(super) fn texts(&self, shape: &Shape) -> Option<&[String]> {
        match shape {
            Shape::Named(name) => match self.types.get(name) {
                Some(Type::Texts(texts)) => Some(texts),
                _ => None,
            },
            _ => None,
        }
    }
}
