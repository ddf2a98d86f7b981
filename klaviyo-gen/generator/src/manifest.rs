//! The features of `klaviyo-gen/Cargo.toml`: one for each tag, and `full` for all. They are written
//! between two lines of that file; the rest of it is kept by hand.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::client::feature;
use crate::facts::Operation;

/// The line before the features.
const BEGIN: &str = "# By klaviyo-generator, from here ...\n";
/// The line behind them.
const END: &str = "# ... to here.\n";

/// The lines for the features of all tags.
pub(crate) fn features(operations: &[Operation]) -> String {
    let tags = operations.iter().map(|operation| feature(&operation.tag));
    let tags: BTreeSet<String> = tags.collect();
    let all: String = tags.iter().map(|tag| format!("    \"{tag}\",\n")).collect();
    let each: String = tags
        .iter()
        .map(|tag| format!("{tag} = [\"typed\"]\n"))
        .collect();
    format!(
        "# The typed client, all of it.\nfull = [\n{all}]\n\
         # The typed client's operations under one tag each, with the types that they need.\n{each}"
    )
}

/// Writes the features into the manifest.
///
/// # Errors
///
/// When the manifest cannot be read or written, or lacks the two lines.
pub(crate) fn write(manifest: &Path, features: &str) -> Result<()> {
    let (before, after) = with(manifest, features)?;
    if before != after {
        fs::write(manifest, after)
            .with_context(|| format!("cannot write {}", manifest.display()))?;
    }
    Ok(())
}

/// Whether the manifest has other features.
///
/// # Errors
///
/// When the manifest cannot be read, or lacks the two lines.
pub(crate) fn differs(manifest: &Path, features: &str) -> Result<bool> {
    let (before, after) = with(manifest, features)?;
    Ok(before != after)
}

/// The manifest as it is, and as it is with these features.
fn with(manifest: &Path, features: &str) -> Result<(String, String)> {
    let text = fs::read_to_string(manifest)
        .with_context(|| format!("cannot read {}", manifest.display()))?;
    let parts = text.split_once(BEGIN).and_then(|(head, rest)| {
        let (_, tail) = rest.split_once(END)?;
        Some(format!("{head}{BEGIN}{features}{END}{tail}"))
    });
    let missing = || {
        format!(
            "{} lacks the lines `{}` and `{}`",
            manifest.display(),
            BEGIN.trim_end(),
            END.trim_end()
        )
    };
    let after = parts.with_context(missing)?;
    Ok((text, after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::example;

    fn example_features() -> String {
        let document = Document::new(example::document()).expect("it has a revision");
        let mut operations = Operation::all(&document).expect("it can be read");
        operations[0].tag = "Custom Objects".into();
        features(&operations)
    }

    #[test]
    fn every_tag_is_a_feature_and_part_of_full() {
        let features: toml::Table = example_features().parse().expect("it is TOML");
        assert_eq!(features["full"], vec!["custom-objects", "widgets"].into());
        for tag in ["custom-objects", "widgets"] {
            assert_eq!(features[tag], vec!["typed"].into());
        }
        assert_eq!(features.len(), 3);
    }

    #[test]
    fn what_is_kept_by_hand_stays() {
        let directory = tempfile::tempdir().expect("there is a temporary directory");
        let manifest = directory.path().join("Cargo.toml");
        let around = |features: &str| format!("[features]\na = []\n{BEGIN}{features}{END}b = []\n");
        fs::write(&manifest, around("old = []\n")).expect("it can be written");
        let features = example_features();
        assert!(differs(&manifest, &features).expect("it can be read"));

        write(&manifest, &features).expect("it can be written");
        assert!(!differs(&manifest, &features).expect("it can be read"));
        let text = fs::read_to_string(&manifest).expect("it can be read");
        assert_eq!(text, around(&features));
    }

    #[test]
    fn a_manifest_without_the_lines_is_refused() {
        let directory = tempfile::tempdir().expect("there is a temporary directory");
        let manifest = directory.path().join("Cargo.toml");
        fs::write(&manifest, "[features]\n").expect("it can be written");
        let refused = write(&manifest, "").expect_err("it cannot be done");
        assert!(refused.to_string().contains("... to here."), "{refused}");
    }
}
