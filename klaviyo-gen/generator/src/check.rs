//! Fails when what is checked in is not what the generator would write.

use std::path::Path;

use anyhow::{Result, bail};

use crate::document::{Document, file_name};
use crate::generate::{self, Generated, Paths};
use crate::manifest;
use crate::output::differs;
use crate::vendor;

/// Regenerates in memory and compares; every difference is named.
pub(crate) fn run(paths: &Paths) -> Result<()> {
    let document = Document::load(&paths.openapi, None)?;
    let Generated {
        rust,
        python,
        features,
    } = generate::outputs(&paths.openapi, None)?;

    let mut complaints = unlike_vendored(&document, &paths.openapi)?;
    for (outputs, directory) in [(&rust, &paths.generated), (&python, &paths.python)] {
        for path in outputs.stale(directory) {
            complaints.push(format!("stale: {}", path.display()));
        }
        for path in outputs.left_over(directory)? {
            complaints.push(format!("nothing generates {}", path.display()));
        }
    }
    if manifest::differs(&paths.manifest, &features)? {
        complaints.push(format!("stale: {}", paths.manifest.display()));
    }
    complaints.extend(rust.warnings);
    if complaints.is_empty() {
        let count = rust.files.len() + python.files.len();
        println!("{count} generated files are up to date");
        return Ok(());
    }
    bail!("{}\nrun `make generate`", complaints.join("\n"))
}

/// The vendored document must be what `vendor` would make of it: facts only, in its own format.
fn unlike_vendored(document: &Document, openapi: &Path) -> Result<Vec<String>> {
    let path = openapi.join(file_name(document.revision()));
    let expected = vendor::to_text(&vendor::facts(document.root()))?;
    let complaint = format!("not as `vendor` writes it: {}", path.display());
    Ok(Vec::from_iter(
        differs(&path, &expected).then_some(complaint),
    ))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::example;
    use crate::generate::Targets;

    const MANIFEST: &str = "# By klaviyo-generator, from here ...\n# ... to here.\n";

    /// A repository with nothing but the example in it, generated from.
    fn repository() -> (tempfile::TempDir, Paths) {
        let directory = tempfile::tempdir().expect("there is a temporary directory");
        let paths = Paths {
            openapi: directory.path().join("openapi"),
            generated: directory.path().join("generated"),
            python: directory.path().join("python"),
            manifest: directory.path().join("Cargo.toml"),
        };
        fs::create_dir(&paths.openapi).expect("it can be created");
        let upstream = directory.path().join("upstream.json");
        fs::write(&upstream, example::document().to_string()).expect("it can be written");
        fs::write(paths.openapi.join("caps.toml"), example::CAPS).expect("it can be written");
        vendor::run(&upstream, &paths.openapi, &paths.openapi).expect("it can be vendored");
        fs::write(&paths.manifest, MANIFEST).expect("it can be written");
        let targets = Targets {
            rust: Some(paths.generated.clone()),
            python: Some(paths.python.clone()),
            manifest: Some(paths.manifest.clone()),
        };
        generate::run(&paths.openapi, None, &targets).expect("it can be generated");
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
    fn an_edited_python_file_is_named() {
        let (_directory, paths) = repository();
        fs::write(paths.python.join("widgets.py"), "# edited").expect("it can be written");
        assert!(complaint(&paths).contains("widgets.py"));
    }

    #[test]
    fn a_feature_that_is_missing_is_told() {
        let (_directory, paths) = repository();
        fs::write(&paths.manifest, MANIFEST).expect("it can be written");
        assert!(complaint(&paths).contains("Cargo.toml"));
    }

    #[test]
    fn a_file_that_nothing_generates_is_named() {
        let (_directory, paths) = repository();
        fs::write(paths.generated.join("left_over.rs"), "").expect("it can be written");
        assert!(complaint(&paths).contains("left_over.rs"));
    }

    #[test]
    fn caps_that_do_not_fit_the_document_are_named() {
        let (_directory, paths) = repository();
        let caps = example::CAPS.replace("get_widget_job", "get_gadget_job");
        fs::write(paths.openapi.join("caps.toml"), caps).expect("it can be written");
        assert!(complaint(&paths).contains("get_gadget_job"));
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
