//! Prints a string with listed values as an enum that keeps any other text.

use std::collections::BTreeSet;

use super::files::{Item, enum_macro};
use crate::client::names;

/// The macro call that makes the enum.
pub(super) fn texts(name: &str, docs: &str, condition: Option<&str>, texts: &[String]) -> Item {
    let mut taken = BTreeSet::from(["UnknownValue".to_owned()]);
    let lines = texts.iter().map(|text| {
        let mut variant = names::variant(text);
        // Two texts that differ only in what no name can hold.
        while !taken.insert(variant.clone()) {
            variant.push('X');
        }
        format!("{variant} = {text:?}")
    });
    enum_macro("texts", docs, condition, name, lines)
}
