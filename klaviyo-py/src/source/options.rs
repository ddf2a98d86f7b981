//! `columns=`, `types=` and `separator=`.

use std::collections::BTreeMap;

use klaviyo_core::source::{Separator, SourceError, SourceOptions, TextType};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::configuration;

/// How the columns of a source are read, out of the options that all operations have.
///
/// # Errors
/// TypeError for anything but dicts of texts and a text, ConfigurationError for a type or a separator
/// that is none.
pub(crate) fn source_options(common: &Bound<'_, PyDict>) -> PyResult<SourceOptions> {
    let columns = names(common, "columns")?;
    let types = names(common, "types")?.into_iter();
    let types = types.map(|(column, word)| Ok((column, text_type(common.py(), &word)?)));
    Ok(SourceOptions {
        columns,
        types: types.collect::<PyResult<_>>()?,
        separator: separator(common)?,
    })
}

fn separator(common: &Bound<'_, PyDict>) -> PyResult<Separator> {
    let Some(given) = common.get_item("separator")? else {
        return Ok(Separator::default());
    };
    let given: String = given.extract()?;
    let mut letters = given.chars();
    let separator = match (letters.next(), letters.next()) {
        (Some(only), None) => Separator::try_from(only),
        _ => Err(SourceError::Separator { given }),
    };
    separator.map_err(|error| configuration(common.py(), &error.to_string()))
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
