//! Writes the operation table: `operations.rs`, and beside it what several operations share.

mod caps;
mod fields;
mod operation;
mod parameters;
mod shapes;
mod tokens;

use std::collections::BTreeMap;

use anyhow::Result;
use proc_macro2::TokenStream;
use quote::quote;

use crate::caps::CapsFile;
use crate::document::Document;
use crate::facts::Operation;
use crate::generate::rust_file;
use crate::output::Outputs;
use parameters::Parameters;
use shapes::Shapes;
use tokens::constant;

/// What is collected while the operations are written.
struct Collected<'a> {
    document: &'a Document,
    caps: &'a CapsFile,
    /// The ids of all operations.
    ids: Vec<&'a str>,
    parameters: Parameters,
    shapes: Shapes<'a>,
    warnings: Vec<String>,
}

/// Appends the files of the operation table to `outputs`.
pub(crate) fn write(
    document: &Document,
    operations: &[Operation],
    caps: &CapsFile,
    outputs: &mut Outputs,
) -> Result<()> {
    let mut collected = Collected {
        document,
        caps,
        ids: operations.iter().map(|one| one.id.as_str()).collect(),
        parameters: Parameters::default(),
        shapes: Shapes::new(document),
        warnings: unknown_operations(caps, operations),
    };
    let statics = operations
        .iter()
        .map(|one| operation::write(one, &mut collected))
        .collect::<Result<TokenStream>>()?;
    let shapes = collected.shapes.write()?;
    for (name, code) in [
        ("fields.rs", fields::write(caps)),
        (
            "operations.rs",
            operations_file(document, operations, &statics),
        ),
        ("parameters.rs", collected.parameters.write()),
        ("shapes.rs", shapes),
    ] {
        let text = rust_file(document, code)?;
        outputs.files.push((name.into(), text));
    }
    outputs.warnings.append(&mut collected.warnings);
    Ok(())
}

/// Operations that `caps.toml` knows and the document does not.
fn unknown_operations(caps: &CapsFile, operations: &[Operation]) -> Vec<String> {
    caps.operations
        .keys()
        .filter(|id| operations.iter().all(|operation| operation.id != **id))
        .map(|id| format!("caps.toml names {id}, which the document does not have"))
        .collect()
}

fn operations_file(
    document: &Document,
    operations: &[Operation],
    statics: &TokenStream,
) -> TokenStream {
    let revision = document.revision();
    let all = operations.iter().map(|operation| constant(&operation.id));
    let index = index(operations);
    let aliases = aliases(operations);
    let aliases = aliases.iter().map(|(alias, id)| {
        let operation = constant(id);
        quote!((#alias, &#operation))
    });
    quote! {
        //! Every operation of the document, one static each. By tag:
        #(#![doc = #index])*

        use crate::generated::{parameters, shapes};
        use crate::operation::*;

        /// The revision of Klaviyo's API that everything here describes.
        pub const REVISION: &str = #revision;

        /// Every operation, sorted by id.
        pub static OPERATIONS: &[&Operation] = &[#(&#all),*];

        /// Every earlier name of an operation, sorted.
        pub(crate) static ALIASES: &[(&str, &Operation)] = &[#(#aliases),*];

        #statics
    }
}

/// Lines of Markdown that list the operations by their tags.
fn index(operations: &[Operation]) -> Vec<String> {
    let mut tags: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for operation in operations {
        let name = constant(&operation.id);
        let line = format!(
            " - [`{name}`]: `{} {}`",
            operation.method.token(),
            operation.path
        );
        tags.entry(&operation.tag).or_default().push(line);
    }
    let sections = tags.into_iter().map(|(tag, lines)| {
        let heading = [String::new(), format!(" # {tag}"), String::new()];
        heading.into_iter().chain(lines)
    });
    sections.flatten().collect()
}

/// Earlier names, sorted, each with the id that bears it now. A name that is in use again is that
/// operation's, and of several claims the first by id counts.
fn aliases(operations: &[Operation]) -> BTreeMap<&str, &str> {
    let mut aliases = BTreeMap::new();
    for operation in operations {
        for alias in &operation.aliases {
            aliases
                .entry(alias.as_str())
                .or_insert(operation.id.as_str());
        }
    }
    for operation in operations {
        aliases.remove(operation.id.as_str());
    }
    aliases
}
