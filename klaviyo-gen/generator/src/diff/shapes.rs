//! What changed between two shapes.

use std::collections::BTreeMap;

use super::{Change, quoted};
use crate::facts::{Field, Kind, Shape};

/// Whether a value is sent or received: what breaks depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Direction {
    Request,
    Answer,
}

/// The changes of a shape, and the named objects that it leads to, old name and new.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) changes: Vec<Change>,
    pub(super) named: Vec<(String, String)>,
}

/// Compares two shapes; `path` is what to call them.
pub(super) fn compare(direction: Direction, path: &str, old: &Shape, new: &Shape) -> Found {
    let mut comparison = Comparison {
        direction,
        found: Found::default(),
    };
    comparison.shapes(path, old, new);
    comparison.found
}

/// Compares the fields of two objects.
pub(super) fn compare_fields(direction: Direction, old: &[Field], new: &[Field]) -> Found {
    let mut comparison = Comparison {
        direction,
        found: Found::default(),
    };
    comparison.fields("", old, new);
    comparison.found
}

/// `required` or `optional`.
pub(super) fn presence(required: bool) -> &'static str {
    if required { "required" } else { "optional" }
}

struct Comparison {
    direction: Direction,
    found: Found,
}

impl Comparison {
    fn add(&mut self, breaking: bool, text: String) {
        let harmless = !breaking;
        self.found.changes.push(Change { harmless, text });
    }

    /// Whether values are sent: then what the API accepts less of breaks.
    fn sent(&self) -> bool {
        self.direction == Direction::Request
    }

    fn shapes(&mut self, path: &str, old: &Shape, new: &Shape) {
        match (old.nullable, new.nullable) {
            (false, true) => self.add(false, format!("{path} may be null now")),
            (true, false) => self.add(self.sent(), format!("{path} may not be null any more")),
            _ => {}
        }
        match (&old.kind, &new.kind) {
            (Kind::Named(old), Kind::Named(new)) => {
                self.found.named.push((old.clone(), new.clone()));
            }
            (Kind::Object(old), Kind::Object(new)) => self.fields(path, old, new),
            (Kind::Array(old), Kind::Array(new)) => self.shapes(path, old, new),
            (Kind::OneOf(old), Kind::OneOf(new)) => self.choices(path, old, new),
            (
                Kind::String {
                    format: old_format,
                    values: old,
                },
                Kind::String {
                    format: new_format,
                    values: new,
                },
            ) if old_format == new_format => self.values(path, old, new),
            (old, new) if std::mem::discriminant(old) == std::mem::discriminant(new) => {
                if label(old) != label(new) {
                    self.type_change(path, old, new);
                }
            }
            (old, new) => self.type_change(path, old, new),
        }
    }

    fn type_change(&mut self, path: &str, old: &Kind, new: &Kind) {
        self.add(true, format!("{path}: {} → {}", label(old), label(new)));
    }

    fn fields(&mut self, path: &str, old: &[Field], new: &[Field]) {
        let below = |name: &str| match path {
            "" => format!("`{name}`"),
            // `a.b`, as one piece of code.
            path => format!("{}.{name}`", path.trim_end_matches('`')),
        };
        for after in new {
            let path = below(&after.name);
            let Some(before) = old.iter().find(|before| before.name == after.name) else {
                let breaks = self.sent() && after.required;
                let (kind, presence) = (label(&after.shape.kind), presence(after.required));
                self.add(breaks, format!("{path} added: {kind}, {presence}"));
                continue;
            };
            if before.required != after.required {
                let breaks = self.sent() && after.required;
                self.add(
                    breaks,
                    format!("{path} is now {}", presence(after.required)),
                );
            }
            self.shapes(&path, &before.shape, &after.shape);
        }
        for before in old {
            if new.iter().all(|after| after.name != before.name) {
                self.add(true, format!("{} removed", below(&before.name)));
            }
        }
    }

    fn values(&mut self, path: &str, old: &[String], new: &[String]) {
        if old.is_empty() != new.is_empty() {
            let breaks = self.sent() && old.is_empty();
            let what = if new.is_empty() {
                "any text"
            } else {
                "only certain texts"
            };
            self.add(breaks, format!("{path} is now {what}"));
            return;
        }
        let added: Vec<_> = new.iter().filter(|value| !old.contains(value)).collect();
        let removed: Vec<_> = old.iter().filter(|value| !new.contains(value)).collect();
        if !added.is_empty() {
            self.add(false, format!("{path} may be {}", quoted(&added)));
        }
        if !removed.is_empty() {
            let breaks = self.sent();
            self.add(
                breaks,
                format!("{path} may no longer be {}", quoted(&removed)),
            );
        }
    }

    fn choices(&mut self, path: &str, old: &[Shape], new: &[Shape]) {
        let by_label = |choices: &[Shape]| -> BTreeMap<String, Shape> {
            let labelled = choices
                .iter()
                .map(|choice| (label(&choice.kind), choice.clone()));
            labelled.collect()
        };
        let mut before = by_label(old);
        for (label, choice) in by_label(new) {
            match before.remove(&label) {
                Some(known) => self.shapes(path, &known, &choice),
                None => self.add(false, format!("{path} may be {label}")),
            }
        }
        for label in before.keys() {
            let breaks = self.sent();
            self.add(breaks, format!("{path} may no longer be {label}"));
        }
    }
}

/// What a kind is called.
fn label(kind: &Kind) -> String {
    match kind {
        Kind::Any => "anything".into(),
        Kind::String { format: None, .. } => "string".into(),
        Kind::String {
            format: Some(format),
            ..
        } => format!("string ({format})"),
        Kind::Integer => "integer".into(),
        Kind::Number => "number".into(),
        Kind::Boolean => "boolean".into(),
        Kind::Array(element) => format!("array of {}", label(&element.kind)),
        Kind::Object(_) => "object".into(),
        Kind::Named(name) => format!("object `{name}`"),
        Kind::OneOf(choices) => {
            let labels: Vec<_> = choices.iter().map(|choice| label(&choice.kind)).collect();
            labels.join(" or ")
        }
    }
}
