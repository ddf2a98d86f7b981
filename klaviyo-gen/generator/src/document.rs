//! A vendored OpenAPI document: loading it, and following its references.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// A vendored document, its objects sorted by key.
#[derive(Debug)]
pub(crate) struct Document {
    revision: String,
    root: Value,
}

impl Document {
    /// Takes a parsed document; it must say its revision in `info.version`.
    pub(crate) fn new(mut root: Value) -> Result<Self> {
        // A no-op unless some dependency turns on serde_json's `preserve_order`.
        root.sort_all_objects();
        let revision = root["info"]["version"]
            .as_str()
            .context("the document has no info.version")?
            .to_owned();
        Ok(Self { revision, root })
    }

    /// Reads `klaviyo-<revision>.json` in `directory`, or the newest one there.
    pub(crate) fn load(directory: &Path, revision: Option<&str>) -> Result<Self> {
        let path = match revision {
            Some(revision) => directory.join(file_name(revision)),
            None => newest(directory)?,
        };
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let root = serde_json::from_str(&text)
            .with_context(|| format!("{} is not JSON", path.display()))?;
        Self::new(root)
    }

    /// The revision that the document describes.
    pub(crate) fn revision(&self) -> &str {
        &self.revision
    }

    /// The whole document.
    pub(crate) fn root(&self) -> &Value {
        &self.root
    }

    /// The value itself, or what it refers to, however many references it takes.
    pub(crate) fn resolve<'a>(&'a self, value: &'a Value) -> Result<&'a Value> {
        let mut value = value;
        // No chain of references that ends is longer than the number of schemas.
        for _ in 0..10_000 {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else {
                return Ok(value);
            };
            value = self.target(reference)?;
        }
        bail!("references go in circles")
    }

    fn target(&self, reference: &str) -> Result<&Value> {
        reference
            .strip_prefix('#')
            .and_then(|pointer| self.root.pointer(pointer))
            .with_context(|| format!("nothing stands at {reference}"))
    }
}

/// The name of the component that a value refers to directly.
pub(crate) fn reference_name(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()?.rsplit('/').next()
}

/// The file that a revision is vendored as.
pub(crate) fn file_name(revision: &str) -> String {
    format!("klaviyo-{revision}.json")
}

/// The vendored document whose name sorts last: revisions are dates.
fn newest(directory: &Path) -> Result<PathBuf> {
    let entries = fs::read_dir(directory)
        .with_context(|| format!("cannot read the directory {}", directory.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with("klaviyo-") && name.ends_with(".json") {
            names.push(name);
        }
    }
    let name = names
        .into_iter()
        .max()
        .with_context(|| format!("no klaviyo-<revision>.json in {}", directory.display()))?;
    Ok(directory.join(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(schemas: &Value) -> Document {
        Document::new(json!({ "info": { "version": "2001-02-03" }, "schemas": schemas }))
            .expect("it has a revision")
    }

    #[test]
    fn references_are_followed_to_their_end() {
        let document =
            document(&json!({ "A": { "$ref": "#/schemas/B" }, "B": { "type": "string" } }));
        let reference = json!({ "$ref": "#/schemas/A" });
        let target = document.resolve(&reference).expect("it leads somewhere");
        assert_eq!(target, &json!({ "type": "string" }));
        assert_eq!(reference_name(&reference), Some("A"));
    }

    #[test]
    fn references_that_lead_nowhere_are_errors() {
        let document = document(&json!({ "A": { "$ref": "#/schemas/A" } }));
        for target in ["#/schemas/A", "#/schemas/B", "other.json#/A"] {
            let reference = json!({ "$ref": target });
            assert!(document.resolve(&reference).is_err(), "{target}");
        }
    }

    #[test]
    fn a_document_must_say_its_revision() {
        assert!(Document::new(json!({ "info": {} })).is_err());
    }

    #[test]
    fn the_newest_document_is_taken_unless_one_is_named() {
        let directory = tempfile::tempdir().expect("there is a temporary directory");
        for revision in ["2001-02-03", "2000-12-31"] {
            let text = json!({ "info": { "version": revision } }).to_string();
            fs::write(directory.path().join(file_name(revision)), text).expect("it can be written");
        }
        let revision = |named| {
            let document = Document::load(directory.path(), named).expect("it can be loaded");
            document.revision().to_owned()
        };
        assert_eq!(revision(None), "2001-02-03");
        assert_eq!(revision(Some("2000-12-31")), "2000-12-31");
    }
}
