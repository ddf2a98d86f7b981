//! Fails when what is checked in is not what the generator would write.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::document::{Document, file_name};
use crate::generate::{self, Paths};
use crate::vendor;

/// Regenerates in memory and compares; every difference is named.
pub(crate) fn run(paths: &Paths) -> Result<()> {
    let document = Document::load(&paths.openapi, None)?;
    let outputs = generate::outputs(&paths.openapi, None)?;

    let mut complaints = outputs.warnings;
    complaints.extend(unlike_vendored(&document, &paths.openapi)?);
    complaints.extend(stale(&outputs.files, &paths.generated)?);
    if complaints.is_empty() {
        println!("{} generated files are up to date", outputs.files.len());
        return Ok(());
    }
    bail!("{}\nrun `make generate`", complaints.join("\n"))
}

/// The vendored document must be what `vendor` would make of it: facts only, in its own format.
fn unlike_vendored(document: &Document, openapi: &Path) -> Result<Option<String>> {
    let path = openapi.join(file_name(document.revision()));
    let expected = vendor::to_text(&vendor::facts(document.root()))?;
    Ok(differs(&path, &expected).then(|| format!("not as `vendor` writes it: {}", path.display())))
}

/// The files that are missing or differ, and those that nothing generates any more.
fn stale(files: &[(PathBuf, String)], generated: &Path) -> Result<Vec<String>> {
    let mut complaints = Vec::new();
    let mut expected = BTreeSet::new();
    for (path, text) in files {
        let path = generated.join(path);
        if differs(&path, text) {
            complaints.push(format!("stale: {}", path.display()));
        }
        expected.insert(path);
    }
    for path in files_below(generated)? {
        if !expected.contains(&path) {
            complaints.push(format!("nothing generates {}", path.display()));
        }
    }
    Ok(complaints)
}

fn differs(path: &Path, expected: &str) -> bool {
    fs::read_to_string(path).map_or(true, |found| found != expected)
}

fn files_below(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut directories = vec![directory.to_path_buf()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            if path.is_dir() {
                directories.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}
