//! The operations in Python: a class for each tag, with a method for each operation, and the types of
//! their parameters, bodies and answers.
//!
//! Methods are real code, not stubs: a signature cannot differ from what it describes, and a wrong
//! keyword is Python's own `TypeError`. Each hands its arguments to the native `call`, which knows the
//! operation table. `source` lays Python out, `annotations` writes types as annotations, and the rest
//! writes one kind of file each.

mod annotations;
mod faces;
mod forms;
mod index;
mod lists;
mod methods;
mod source;
mod tags;
#[cfg(test)]
mod tests;
mod types;

use std::path::PathBuf;

use anyhow::{Result, ensure};

use crate::caps;
use crate::client::Typed;
use crate::document::{Document, file_name};
use crate::facts::{Operation, identifier};
use crate::output::MARK;

/// Names that the files import, so that no type may take them.
const TAKEN: [&str; 12] = [
    "Any",
    "Callable",
    "Literal",
    "Mapping",
    "NotRequired",
    "Sequence",
    "Tag",
    "TypeAlias",
    "TypedDict",
    "date",
    "datetime",
    "sys",
];

/// The module of types that several tags need.
const SHARED: &str = "shared";

/// The files, relative to the directory of the package `klaviyo_py.operations`; `describe` gives an
/// operation's description.
///
/// # Errors
///
/// When a type or a tag has a name that the files need for something else, or a form cannot be written
/// out as arguments.
pub(crate) fn generate(
    document: &Document,
    typed: &Typed<'_>,
    describe: &dyn Fn(&Operation) -> String,
) -> Result<Vec<(PathBuf, String)>> {
    for name in typed.reached.keys() {
        ensure!(
            !TAKEN.contains(&name.as_str()),
            "{name} cannot be the name of a type in Python"
        );
    }
    let modules: Vec<String> = typed.tags.keys().map(|tag| identifier(tag)).collect();
    ensure!(
        modules.iter().all(|name| name != SHARED && name != "types"),
        "a tag cannot be called {SHARED} or types in Python"
    );
    for call in typed.tags.values().flatten() {
        forms::check(call, typed)?;
    }
    let mut files = vec![index::operations(typed), types::index(typed)];
    files.extend(tags::files(typed, describe));
    files.extend(types::files(typed));
    let first_line = format!(
        "# {MARK} from openapi/{} and {}; do not edit.\n",
        file_name(document.revision()),
        caps::FILE,
    );
    let print = |(path, text): (String, String)| (path.into(), format!("{first_line}{text}"));
    Ok(files.into_iter().map(print).collect())
}

/// The name of a tag's class: `Custom Objects` becomes `CustomObjects`.
fn class_name(tag: &str) -> String {
    let words = identifier(tag);
    words.split('_').map(capitalised).collect()
}

fn capitalised(word: &str) -> String {
    let (first, rest) = word.split_at(word.len().min(1));
    first.to_uppercase() + rest
}
