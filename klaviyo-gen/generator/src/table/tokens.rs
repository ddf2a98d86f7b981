//! Small pieces of Rust.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote};

use crate::facts::identifier;

/// A name from the API as the name of a static: `bulk_import_profiles` → `BULK_IMPORT_PROFILES`.
pub(super) fn constant(name: &str) -> Ident {
    Ident::new(&identifier(name).to_uppercase(), Span::call_site())
}

/// The name of a static that several entries share: after `name` and a hash of its content, so that it
/// stays when others come and go.
pub(super) fn named_by_content(name: &str, content: &TokenStream) -> Ident {
    let hash = hash(&content.to_string());
    constant(&format!("{name}_{hash:08x}"))
}

/// FNV-1a: short, and the same everywhere and always.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// The name of a variant or a type.
pub(super) fn variant(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

/// `Some(…)` or `None`.
pub(super) fn option<T: ToTokens>(value: Option<T>) -> TokenStream {
    match value {
        Some(value) => quote!(Some(#value)),
        None => quote!(None),
    }
}

/// A whole number without a suffix, its digits grouped by `_` from 10,000 on.
pub(super) fn number(value: u64) -> Literal {
    let digits = value.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) && digits.len() > 4 {
            text.push('_');
        }
        text.push(digit);
    }
    text.parse()
        .unwrap_or_else(|_| Literal::u64_unsuffixed(value))
}
