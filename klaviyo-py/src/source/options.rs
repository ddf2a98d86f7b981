//! `columns=` and `types=`.

use std::collections::BTreeMap;

use klaviyo_core::source::{SourceOptions, TextType};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::configuration;

/// How the columns of a source are read, out of the options that all operations have.
///
/// # Errors
/// TypeError for anything but dicts of texts, ConfigurationError for a type that is none.
pub(crate) fn source_options(common: &Bound<'_, PyDict>) -> PyResult<SourceOptions> {
    let columns = names(common, "columns")?;
    let types = names(common, "types")?.into_iter();
    let types = types.map(|(column, word)| Ok((column, text_type(common.py(), &word)?)));
    Ok(SourceOptions {
        columns,
        types: types.collect::<PyResult<_>>()?,
    })
}

fn names(common: &Bound<'_, PyDict>, option: &str) -> PyResult<BTreeMap<String, String>> {
    let given = common.get_item(option)?;
    let given = given
        .map(|given| given.extract::<Option<_>>())
        .transpose()?;
    Ok(given.flatten().unwrap_or_default())
}

fn text_type(py: Python<'_>, word: &str) -> PyResult<TextType> {
    let mut named = TextType::NAMED.iter();
    let found = named.find(|(name, _)| *name == word);
    found.map(|(_, stands_for)| *stands_for).ok_or_else(|| {
        let words = TextType::NAMED.map(|(name, _)| format!("{name:?}"));
        let message = format!("a type must be {}, not {word:?}", words.join(" or "));
        configuration(py, &message)
    })
}
