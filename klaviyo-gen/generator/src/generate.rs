//! Everything that is written from the document, in memory and then to disk.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use proc_macro2::TokenStream;

use crate::caps::{self, CapsFile};
use crate::client;
use crate::docs;
use crate::document::{Document, file_name};
use crate::facts::Operation;
use crate::manifest;
use crate::output::{MARK, Outputs};
use crate::python;
use crate::schema;
use crate::table;

/// Where the repository keeps things.
pub(crate) struct Paths {
    /// The vendored documents and `caps.toml`.
    pub(crate) openapi: PathBuf,
    /// The generated Rust.
    pub(crate) generated: PathBuf,
    /// The generated Python.
    pub(crate) python: PathBuf,
    /// The manifest of klaviyo-gen, some of whose features are generated.
    pub(crate) manifest: PathBuf,
}

impl Default for Paths {
    fn default() -> Self {
        let generator = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = generator.ancestors().nth(2).unwrap_or(generator);
        Self {
            openapi: root.join("openapi"),
            generated: root.join("klaviyo-gen/src/generated"),
            python: root.join("klaviyo-py/python/klaviyo_py/operations"),
            manifest: root.join("klaviyo-gen/Cargo.toml"),
        }
    }
}

/// Where to write what; nothing else is written.
pub(crate) struct Targets {
    /// The directory for the Rust.
    pub(crate) rust: Option<PathBuf>,
    /// The directory for the Python.
    pub(crate) python: Option<PathBuf>,
    /// The manifest for the features.
    pub(crate) manifest: Option<PathBuf>,
}

impl From<Paths> for Targets {
    fn from(paths: Paths) -> Self {
        Self {
            rust: Some(paths.generated),
            python: Some(paths.python),
            manifest: Some(paths.manifest),
        }
    }
}

/// What is generated, by language.
pub(crate) struct Generated {
    /// The Rust, and what is to be warned of.
    pub(crate) rust: Outputs,
    /// The Python.
    pub(crate) python: Outputs,
    /// The features of klaviyo-gen, as lines of its manifest.
    pub(crate) features: String,
}

/// Writes the code from the document in `openapi`.
pub(crate) fn run(openapi: &Path, revision: Option<&str>, targets: &Targets) -> Result<()> {
    let generated = outputs(openapi, revision)?;
    for warning in &generated.rust.warnings {
        eprintln!("warning: {warning}");
    }
    if let Some(manifest) = &targets.manifest {
        manifest::write(manifest, &generated.features)?;
    }
    for (outputs, out) in [
        (&generated.rust, &targets.rust),
        (&generated.python, &targets.python),
    ] {
        if let Some(out) = out {
            outputs.write(out)?;
            println!("wrote {} files to {}", outputs.files.len(), out.display());
        }
    }
    Ok(())
}

/// Everything that is generated from the document in `openapi`.
pub(crate) fn outputs(openapi: &Path, revision: Option<&str>) -> Result<Generated> {
    let document = Document::load(openapi, revision)?;
    let caps = CapsFile::load(openapi)?;
    from_document(&document, &caps)
}

/// Everything that is generated from a document and its caps.
pub(crate) fn from_document(document: &Document, caps: &CapsFile) -> Result<Generated> {
    let operations = Operation::all(document)?;
    let mut rust = Outputs::default();
    table::write(document, &operations, caps, &mut rust)?;
    schema::write(document, &operations, &mut rust)?;
    let typed = client::read(document, &operations)?;
    let describe = |operation: &Operation| {
        let known = caps.operations.get(&operation.id);
        let general = caps.general.max_request_bytes;
        docs::operation(operation, known, general, document.revision())
    };
    rust.files
        .extend(client::generate(document, &typed, &describe)?);
    let python = Outputs {
        files: python::generate(document, &typed, &describe)?,
        ..Outputs::default()
    };
    Ok(Generated {
        rust,
        python,
        features: manifest::features(&operations),
    })
}

/// A Rust file: formatted, under a line that says where it comes from.
pub(crate) fn rust_file(document: &Document, code: TokenStream) -> Result<String> {
    let file = syn::parse2(code).context("the generated code is not Rust")?;
    Ok(format!(
        "// {MARK} from openapi/{} and openapi/{}; do not edit.\n\n{}",
        file_name(document.revision()),
        caps::FILE,
        prettyplease::unparse(&file),
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::example;

    fn text<'a>(outputs: &'a Outputs, file: &str) -> &'a str {
        let found = outputs
            .files
            .iter()
            .find(|(path, _)| path == Path::new(file));
        &found.expect("that file is generated").1
    }

    /// The names of all statics in a file.
    fn names(text: &str) -> Vec<&str> {
        text.lines()
            .filter_map(|line| line.split_once("static ")?.1.split_once(':'))
            .map(|(name, _)| name)
            .collect()
    }

    #[test]
    fn two_runs_write_the_same() {
        assert_eq!(
            example::outputs(example::document()),
            example::outputs(example::document())
        );
    }

    #[test]
    fn nothing_is_warned_of_when_caps_and_document_agree() {
        assert_eq!(example::outputs(example::document()).warnings, [""; 0]);
    }

    #[test]
    fn names_stay_when_an_unrelated_operation_is_added() {
        let mut document = example::document();
        let mut added = document["paths"]["/api/widgets"]["get"].clone();
        added["operationId"] = json!("get_gadgets");
        added["parameters"][1]["schema"]["items"]["enum"] = json!(["name"]);
        document["paths"]["/api/gadgets"]["get"] = added;

        let before = example::outputs(example::document());
        let after = example::outputs(document);
        for file in ["operations.rs", "parameters.rs", "shapes.rs"] {
            let after = names(text(&after, file));
            let before = names(text(&before, file));
            assert!(!before.is_empty(), "{file} has no statics");
            for name in before {
                assert!(after.contains(&name), "{file} lost {name}");
            }
        }
    }

    #[test]
    fn every_file_says_where_it_comes_from() {
        for (path, text) in example::outputs(example::document()).files {
            let head: String = text.chars().take(200).collect();
            assert!(
                head.contains(MARK) && head.contains("2001-02-03"),
                "{}",
                path.display()
            );
        }
    }

    #[test]
    fn caps_of_an_unknown_operation_are_warned_of() {
        let mut document = example::document();
        document["paths"]
            .as_object_mut()
            .expect("there are paths")
            .remove("/api/widget-jobs/{id}");
        let warnings = example::outputs(document).warnings;
        assert_eq!(warnings.len(), 1);
        assert!(warnings[0].contains("get_widget_job"), "{}", warnings[0]);
    }

    #[test]
    fn a_pointer_that_leads_nowhere_is_warned_of() {
        let mut document = example::document();
        document["components"]["schemas"]["WidgetImport"] = json!({ "type": "object" });
        let warnings = example::outputs(document).warnings;
        assert_eq!(warnings.len(), 1);
        assert!(
            warnings[0].contains("/data/attributes/widgets/data"),
            "{}",
            warnings[0]
        );
    }
}
