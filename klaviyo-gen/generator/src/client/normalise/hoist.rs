//! Moves objects, listed texts and alternatives that stand inside another schema out of it.
//!
//! The name is the path that leads there: `ProfileCreateQueryResourceObject`, then `attributes`, is
//! `ProfileCreateQueryAttributes`. What JSON:API makes every resource's name end in is left out, unless
//! that would give two schemas one name.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};
use serde_json::Value;

use crate::client::names;
use crate::client::schema::{self, Schemas, Step};

/// How Klaviyo lets the names of resources end.
const RESOURCE_SUFFIXES: [&str; 2] = ["ResourceObject", "ObjectResource"];

/// The schemas, flat.
///
/// # Errors
///
/// When two schemas of the document would become one type.
pub(super) fn hoist(mut schemas: Schemas) -> Result<Schemas> {
    let mut hoist = Hoist {
        named: schemas.keys().cloned().collect(),
        found: Schemas::new(),
    };
    for (name, schema) in &mut schemas {
        hoist.take_inner(schema, &names::type_name(name));
    }
    let short_names = short_names(&schemas, &hoist.found);
    schemas.append(&mut hoist.found);
    rename(schemas, &short_names)
}

struct Hoist {
    /// The schemas that the document itself names.
    named: BTreeSet<String>,
    /// The schemas that were inside another one, under the path that leads there.
    found: Schemas,
}

impl Hoist {
    /// Moves what is inside `schema`, which is reached by `path`, to the schemas found.
    fn take_inner(&mut self, schema: &mut Value, path: &str) {
        for (step, child) in schema::children_mut(schema) {
            let mut path = match step {
                Step::Property(name) => format!("{path}{}", names::part(&name)),
                Step::Item => format!("{path}Item"),
                Step::Alternative(index) => format!("{path}Alternative{}", index + 1),
            };
            while self.named.contains(&path) || self.found.contains_key(&path) {
                path.push_str("Inner");
            }
            self.take_inner(child, &path);
            if needs_a_name(child) {
                let nullable = schema::is_nullable(child);
                let reference = schema::with_nullable(schema::reference_to(&path), nullable);
                let mut inner = std::mem::replace(child, reference);
                schema::forbid_null(&mut inner);
                self.found.insert(path, inner);
            }
        }
    }
}

fn needs_a_name(schema: &Value) -> bool {
    schema::properties(schema).is_some()
        || schema::alternatives(schema).is_some()
        || (schema::kind(schema) == Some("string") && schema::texts(schema).is_some())
}

/// The final name of each schema whose path has a shorter form of its own.
fn short_names(schemas: &Schemas, found: &Schemas) -> BTreeMap<String, String> {
    let mut taken: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for name in schemas.keys() {
        taken.entry(names::type_name(name)).or_default().push(name);
    }
    for path in found.keys() {
        taken.entry(shorten(path)).or_default().push(path);
    }
    let unique = taken
        .into_iter()
        .filter_map(|(short, paths)| match paths.as_slice() {
            [path] => Some(((*path).to_owned(), short)),
            _ => None,
        });
    unique.collect()
}

fn shorten(path: &str) -> String {
    RESOURCE_SUFFIXES
        .iter()
        .fold(path.to_owned(), |path, suffix| path.replace(suffix, ""))
}

/// Gives each schema its final name, in references too.
fn rename(schemas: Schemas, names: &BTreeMap<String, String>) -> Result<Schemas> {
    let new = |name: &str| {
        names
            .get(name)
            .map_or_else(|| names::type_name(name), Clone::clone)
    };
    let mut renamed = Schemas::new();
    for (name, schema) in schemas {
        let new = new(&name);
        ensure!(
            !renamed.contains_key(&new),
            "two schemas would both become the type {new}"
        );
        renamed.insert(new, schema);
    }
    schema::rewrite_all(&mut renamed, &mut |schema| {
        let Some(target) = schema::reference(schema).map(&new) else {
            return;
        };
        schema["$ref"] = schema::reference_to(&target)["$ref"].clone();
    });
    Ok(renamed)
}
