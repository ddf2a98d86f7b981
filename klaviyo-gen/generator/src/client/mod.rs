//! The typed client: types of all bodies, and a method for each operation.
//!
//! `schema` reads the document's schemas, `normalise` makes them flat, `model` and `calls` read them as
//! types and operations, `reach` and `layout` say what each type is needed for and what follows from
//! that, `emit` prints.

pub(crate) mod calls;
mod emit;
mod layout;
pub(crate) mod model;
mod names;
mod normalise;
pub(crate) mod reach;
mod schema;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result};
use proc_macro2::TokenStream;

use crate::document::Document;
use crate::facts::Operation;
use crate::generate::rust_file;

pub(crate) use names::feature;

/// The operations and the types of their bodies, for whatever language is printed.
pub(crate) struct Typed<'a> {
    /// The operations by tag.
    pub(crate) tags: BTreeMap<&'a str, Vec<calls::Call<'a>>>,
    /// All types, by name.
    pub(crate) types: model::Types,
    /// What each type that some operation needs is needed for.
    pub(crate) reached: BTreeMap<String, reach::Reach>,
}

impl Typed<'_> {
    fn layout(&self) -> layout::Layout<'_> {
        layout::Layout::new(&self.types, &self.reached)
    }

    /// Where each type that some operation needs stands, in words.
    pub(crate) fn descriptions(&self) -> BTreeMap<String, String> {
        let places = emit::Places::new(&self.tags, &self.layout());
        let describe = |(name, reach): (&String, &reach::Reach)| {
            (name.clone(), places.describe(name, reach.direction()))
        };
        self.reached.iter().map(describe).collect()
    }
}

/// Reads the document's operations and schemas as types.
///
/// # Errors
///
/// When the document holds a schema that no type stands for.
pub(crate) fn read<'a>(document: &Document, operations: &'a [Operation]) -> Result<Typed<'a>> {
    let mut schemas = document.root()["components"]["schemas"]
        .as_object()
        .cloned()
        .context("the document has no schemas")?;
    let tags = calls::by_tag(operations, &mut schemas)?;
    let types = model::types(&normalise::normalise(schemas)?)?;
    let reached = reach::reach(&tags, &types);
    Ok(Typed {
        tags,
        types,
        reached,
    })
}

/// The files of the typed client, relative to the directory of generated code; `describe` gives an
/// operation's doc comment.
///
/// # Errors
///
/// When something was made that is not Rust.
pub(crate) fn generate(
    document: &Document,
    typed: &Typed<'_>,
    describe: &dyn Fn(&Operation) -> String,
) -> Result<Vec<(PathBuf, String)>> {
    let tags = &typed.tags;
    let layout = typed.layout();
    let mut files = vec![emit::root()];
    files.extend(emit::types(&layout, &emit::Places::new(tags, &layout)));
    files.extend(emit::operations(tags, &layout, describe));
    files.extend(emit::cases(tags, &layout));
    let first_line = rust_file(document, TokenStream::new())?;
    let print = |file: emit::File| {
        Ok((
            format!("client/{}", file.path).into(),
            file.print(first_line.trim_end())?,
        ))
    };
    files.into_iter().map(print).collect()
}
