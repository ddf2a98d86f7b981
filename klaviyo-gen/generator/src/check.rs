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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;

    /// A repository with nothing but the example in it, generated from.
    fn repository() -> (tempfile::TempDir, Paths) {
        let directory = tempfile::tempdir().expect("there is a temporary directory");
        let paths = Paths {
            openapi: directory.path().join("openapi"),
            generated: directory.path().join("generated"),
        };
        fs::create_dir(&paths.openapi).expect("it can be created");
        let upstream = directory.path().join("upstream.json");
        fs::write(&upstream, example::document().to_string()).expect("it can be written");
        fs::write(paths.openapi.join("caps.toml"), example::CAPS).expect("it can be written");
        vendor::run(&upstream, &paths.openapi, &paths.openapi).expect("it can be vendored");
        generate::run(&paths.openapi, None, &paths.generated).expect("it can be generated");
        (directory, paths)
    }

    fn complaint(paths: &Paths) -> String {
        run(paths).expect_err("it should complain").to_string()
    }

    #[test]
    fn what_was_just_generated_is_fresh() {
        let (_directory, paths) = repository();
        run(&paths).expect("it is fresh");
    }

    #[test]
    fn what_is_checked_in_is_fresh() {
        run(&Paths::default()).expect("`make generate` was forgotten");
    }

    #[test]
    fn an_edited_file_is_named() {
        let (_directory, paths) = repository();
        fs::write(paths.generated.join("shapes.rs"), "// edited").expect("it can be written");
        assert!(complaint(&paths).contains("shapes.rs"));
    }

    #[test]
    fn a_file_that_nothing_generates_is_named() {
        let (_directory, paths) = repository();
        fs::write(paths.generated.join("left_over.rs"), "").expect("it can be written");
        assert!(complaint(&paths).contains("left_over.rs"));
    }

    #[test]
    fn prose_in_the_vendored_document_is_refused() {
        let (_directory, paths) = repository();
        let file = paths.openapi.join(file_name("2001-02-03"));
        let text = fs::read_to_string(&file).expect("it is there");
        let text = text.replacen(
            "\"info\": {",
            "\"info\": {\n  \"description\": \"prose\",",
            1,
        );
        fs::write(&file, text).expect("it can be written");
        assert!(complaint(&paths).contains("not as `vendor` writes it"));
    }
}
