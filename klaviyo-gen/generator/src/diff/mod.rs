//! What changes for users between two documents, as Markdown for the changelog.
//!
//! A change is breaking when something that was right before is refused or missing now: an
//! operation, parameter or field that is gone, a new thing that must be given, a type, a scope.
//! Limits and caps are not: whoever sends through the table follows them.

mod facts;
mod fields;
mod markdown;
mod operations;
mod shapes;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::caps::{self, CapsFile};
use crate::document::Document;
use crate::facts::Operation;

/// One side of the comparison.
pub(crate) struct Side {
    document: Document,
    operations: Vec<Operation>,
    caps: Option<CapsFile>,
}

/// A change, in one line of Markdown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    /// Breaking changes sort first.
    harmless: bool,
    text: String,
}

impl Change {
    fn breaking(text: String) -> Self {
        Self {
            harmless: false,
            text,
        }
    }

    fn harmless(text: String) -> Self {
        Self {
            harmless: true,
            text,
        }
    }
}

/// Changes under one heading.
#[derive(Debug, PartialEq)]
struct Section {
    heading: String,
    changes: Vec<Change>,
}

/// Everything that changed.
#[derive(Debug, Default, PartialEq)]
struct Report {
    /// Operations that are new, gone, or renamed.
    names: Vec<Change>,
    /// What changed of operations themselves.
    operations: Vec<Section>,
    /// What changed of the fields that go into or come out of operations.
    fields: Vec<Section>,
}

impl Report {
    fn new(old: &Side, new: &Side) -> Result<Self> {
        let matched = operations::matched(&old.operations, &new.operations);
        let mut operations = Vec::new();
        for (before, after) in &matched.pairs {
            let mut changes = facts::compare(before, after);
            changes.extend(operations::lost_aliases(before, after, &new.operations));
            changes.extend(facts::compare_caps(before, after, old, new));
            operations.push((after.id.as_str(), changes));
        }
        operations.sort();
        Ok(Self {
            names: matched.changes,
            operations: together(&operations),
            fields: fields::compare(old, new, &matched.pairs)?,
        })
    }

    fn changes(&self) -> impl Iterator<Item = &Change> {
        let sections = self.operations.iter().chain(&self.fields);
        self.names
            .iter()
            .chain(sections.flat_map(|section| &section.changes))
    }

    fn breaking(&self) -> usize {
        self.changes().filter(|change| !change.harmless).count()
    }
}

/// What changes alike for several operations, once.
fn together(operations: &[(&str, Vec<Change>)]) -> Vec<Section> {
    let mut concerned: BTreeMap<&Change, Vec<&str>> = BTreeMap::new();
    for (operation, changes) in operations {
        for change in changes {
            concerned.entry(change).or_default().push(operation);
        }
    }
    let mut sections: BTreeMap<Vec<&str>, Vec<Change>> = BTreeMap::new();
    for (change, operations) in concerned {
        sections.entry(operations).or_default().push(change.clone());
    }
    let sections = sections.into_iter();
    sections
        .map(|(operations, changes)| Section {
            heading: quoted(&operations),
            changes,
        })
        .collect()
}

/// Names as code, separated by commas.
fn quoted<T: Display>(names: &[T]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// Prints what changes from `old` to `new`; fails when `refuse_breaking` and something breaks.
pub(crate) fn run(old: &Path, new: &Path, refuse_breaking: bool) -> Result<()> {
    let old = Side::load(old)?;
    let new = Side::load(new)?;
    let report = Report::new(&old, &new)?;
    let revisions = (old.document.revision(), new.document.revision());
    print!("{}", markdown::write(&report, revisions));
    match report.breaking() {
        0 => Ok(()),
        _ if !refuse_breaking => Ok(()),
        count => bail!("{count} breaking changes"),
    }
}

impl Side {
    /// Reads a document, and the `caps.toml` beside it if there is one.
    fn load(path: &Path) -> Result<Self> {
        let text =
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let root = serde_json::from_str(&text)
            .with_context(|| format!("{} is not JSON", path.display()))?;
        let directory = path.parent().unwrap_or(Path::new(""));
        let caps = directory
            .join(caps::FILE)
            .exists()
            .then(|| CapsFile::load(directory))
            .transpose()?;
        Self::new(Document::new(root)?, caps)
    }

    fn new(document: Document, caps: Option<CapsFile>) -> Result<Self> {
        let operations = Operation::all(&document)?;
        Ok(Self {
            document,
            operations,
            caps,
        })
    }
}

#[cfg(test)]
mod tests;
