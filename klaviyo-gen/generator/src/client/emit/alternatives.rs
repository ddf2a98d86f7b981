//! Prints one of several shapes as an enum, and the marks by which an object is told from others.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::files::{Item, enum_macro};
use super::tokens::{ident, inner_type};
use crate::client::layout::Layout;
use crate::client::model::{Alternative, Property, Shape, Type};

/// The macro call that makes the enum.
pub(super) fn alternatives(
    name: &str,
    docs: &str,
    condition: Option<&str>,
    alternatives: &[Alternative],
    layout: &Layout<'_>,
) -> Item {
    let lines = alternatives.iter().map(|one| {
        let held = inner_type(&one.shape, layout).to_string().replace(' ', "");
        format!("{}({held})", variant(&one.shape))
    });
    enum_macro("alternatives", docs, condition, name, lines)
}

fn variant(shape: &Shape) -> &str {
    match shape {
        Shape::Named(name) => name,
        Shape::List { .. } => "Several",
        Shape::Text => "Text",
        Shape::Integer | Shape::Number | Shape::Boolean | Shape::Scalar => "Scalar",
        Shape::Map | Shape::Any | Shape::File => "Object",
    }
}

/// The types that are one of several somewhere.
pub(super) fn marked<'a>(layout: &Layout<'a>) -> BTreeSet<&'a str> {
    let alternatives = layout
        .reached
        .keys()
        .filter_map(|name| match &layout.types[name] {
            Type::OneOf(alternatives) => Some(alternatives),
            _ => None,
        });
    alternatives
        .flatten()
        .filter_map(|one| one.shape.target())
        .collect()
}

/// The implementation by which a value is recognised as the object called `name`.
pub(super) fn marks(name: &str, properties: &[Property], layout: &Layout<'_>) -> TokenStream {
    let mut texts = Vec::new();
    let mut flags = Vec::new();
    for property in properties {
        let wire = &property.wire;
        if let Some(values) = layout.texts(&property.shape) {
            texts.push(quote!((#wire, &[#(#values),*])));
        } else if let Some(flag) = property.flag() {
            flags.push(quote!((#wire, #flag)));
        }
    }
    let names = |required| {
        let some = properties
            .iter()
            .filter(move |property| property.required == required);
        some.map(|property| &property.wire)
    };
    let (required, optional) = (names(true), names(false));
    let name = ident(name);
    quote! {
        impl Alternative for #name {
            fn fit(value: &Value) -> Option<i32> {
                let marks = Marks {
                    texts: &[#(#texts),*],
                    flags: &[#(#flags),*],
                    required: &[#(#required),*],
                    optional: &[#(#optional),*],
                };
                marks.fit(value)
            }
        }
    }
}

/// The implementation by which a value is recognised as one of the listed texts.
pub(super) fn text_marks(name: &str, texts: &[String]) -> TokenStream {
    let name = ident(name);
    quote! {
        impl Alternative for #name {
            fn fit(value: &Value) -> Option<i32> {
                let text = value.as_str()?;
                Some(i32::from([#(#texts),*].contains(&text)))
            }
        }
    }
}
