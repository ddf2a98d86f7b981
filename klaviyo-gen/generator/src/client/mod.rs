//! The typed client: types of all bodies, and a method for each operation.
//!
//! `schema` reads the document's schemas, `normalise` makes them flat, `model` and `calls` read them as
//! types and operations, `reach` and `layout` say what each type is needed for and what follows from
//! that, `emit` prints.

mod calls;
mod emit;
mod layout;
mod model;
mod names;
mod normalise;
mod reach;
mod schema;

use std::path::PathBuf;

use anyhow::{Context, Result};
use proc_macro2::TokenStream;

use crate::caps::CapsFile;
use crate::docs;
use crate::document::Document;
use crate::facts::Operation;
use crate::generate::rust_file;

/// The files of the typed client, relative to the directory of generated code.
///
/// # Errors
///
/// When the document holds a schema that no Rust type stands for.
pub(crate) fn generate(
    document: &Document,
    operations: &[Operation],
    caps: &CapsFile,
) -> Result<Vec<(PathBuf, String)>> {
    let mut schemas = document.root()["components"]["schemas"]
        .as_object()
        .cloned()
        .context("the document has no schemas")?;
    let tags = calls::by_tag(operations, &mut schemas)?;
    let types = model::types(&normalise::normalise(schemas)?)?;
    let reached = reach::reach(&tags, &types);
    let layout = layout::Layout::new(&types, &reached);
    let describe = |operation: &Operation| {
        let known = caps.operations.get(&operation.id);
        docs::operation(
            operation,
            known,
            caps.general.max_request_bytes,
            document.revision(),
        )
    };
    let mut files = vec![emit::root()];
    files.extend(emit::types(&layout));
    files.extend(emit::operations(&tags, &layout, &describe));
    let first_line = rust_file(document, TokenStream::new())?;
    let print = |file: emit::File| {
        Ok((
            format!("client/{}", file.path).into(),
            file.print(first_line.trim_end())?,
        ))
    };
    files.into_iter().map(print).collect()
}
