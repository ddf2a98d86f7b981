//! Under which cargo features something is compiled.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use crate::client::names;

/// The attribute that compiles something for the operations of any of `tags`.
pub(super) fn condition(tags: &BTreeSet<String>) -> TokenStream {
    let features = tags.iter().map(|tag| names::feature(tag));
    match tags.len() {
        1 => quote!(#[cfg(#(feature = #features)*)]),
        _ => quote!(#[cfg(any(#(feature = #features),*))]),
    }
}

/// The same attribute as text.
pub(super) fn condition_text(tags: &BTreeSet<String>) -> String {
    let features: Vec<String> = tags
        .iter()
        .map(|tag| format!("    feature = \"{}\",", names::feature(tag)))
        .collect();
    match features.as_slice() {
        [only] => format!("#[cfg({})]", only.trim().trim_end_matches(',')),
        several => format!("#[cfg(any(\n{}\n))]", several.join("\n")),
    }
}
