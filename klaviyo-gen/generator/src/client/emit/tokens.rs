//! Small pieces of Rust that everything printed needs.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::client::layout::Layout;
use crate::client::model::Shape;

/// A name, raw (`r#type`) or not.
pub(super) fn ident(name: &str) -> Ident {
    match name.strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, Span::call_site()),
        None => Ident::new(name, Span::call_site()),
    }
}

/// The attributes that make a doc comment of `text`.
pub(super) fn docs(text: &str) -> TokenStream {
    let lines = text.lines().map(|line| {
        if line.is_empty() {
            String::new()
        } else {
            format!(" {line}")
        }
    });
    quote!(#(#[doc = #lines])*)
}

/// The Rust type of a shape.
pub(super) fn rust_type(shape: &Shape, layout: &Layout<'_>) -> TokenStream {
    match layout.resolve(shape) {
        Shape::Text => quote!(String),
        Shape::Integer => quote!(i64),
        Shape::Number => quote!(f64),
        Shape::Boolean => quote!(bool),
        Shape::Scalar => quote!(Scalar),
        Shape::File => quote!(File),
        Shape::Map => quote!(JsonObject),
        Shape::Any => quote!(Value),
        Shape::List { item, nullable } => {
            let item = rust_type(item, layout);
            if *nullable {
                quote!(Vec<Option<#item>>)
            } else {
                quote!(Vec<#item>)
            }
        }
        Shape::Named(name) => {
            let name = ident(name);
            quote!(#name)
        }
    }
}

/// The Rust type of a shape that stands inside another type: boxed, where that would hold itself.
pub(super) fn inner_type(shape: &Shape, layout: &Layout<'_>) -> TokenStream {
    let plain = rust_type(shape, layout);
    match layout.resolve(shape) {
        Shape::Named(name) if layout.is_boxed(name) => quote!(Box<#plain>),
        _ => plain,
    }
}
