//! Prints an object as a struct.

use proc_macro2::TokenStream;
use quote::quote;

use super::tokens::{docs, ident, inner_type};
use crate::client::layout::{Layout, Presence};
use crate::client::model::{Property, Shape};
use crate::client::reach::Direction;

/// The struct.
pub(super) fn object(name: &str, properties: &[Property], layout: &Layout<'_>) -> TokenStream {
    let direction = layout.direction(name);
    let is_json = !properties
        .iter()
        .any(|property| property.shape == Shape::File);
    let fields = properties
        .iter()
        .map(|property| field(direction, property, layout, is_json));
    let default = layout.has_default(name).then(|| quote!(Default,));
    let serde = is_json.then(|| quote!(Serialize, Deserialize));
    let name = ident(name);
    quote! {
        #[derive(Debug, Clone, PartialEq, #default #serde)]
        pub struct #name { #(#fields),* }
    }
}

fn field(
    direction: Direction,
    property: &Property,
    layout: &Layout<'_>,
    is_json: bool,
) -> TokenStream {
    let name = property.name();
    let plain = inner_type(&property.shape, layout);
    let presence = layout.presence(direction, property);
    let (serde, field_type) = match presence {
        Presence::Always => (vec![], plain),
        Presence::OrDefault => (
            vec![
                quote!(default),
                quote!(deserialize_with = "lenient::or_default"),
            ],
            plain,
        ),
        Presence::OrNull => (vec![], quote!(Option<#plain>)),
        Presence::Optional => (
            vec![
                quote!(default),
                quote!(skip_serializing_if = "Option::is_none"),
            ],
            quote!(Option<#plain>),
        ),
        Presence::Patch => (
            vec![
                quote!(default),
                quote!(skip_serializing_if = "Patch::is_absent"),
            ],
            quote!(Patch<#plain>),
        ),
    };
    let wire = &property.wire;
    let rename = (name.trim_start_matches("r#") != wire).then(|| quote!(rename = #wire));
    let serde: Vec<TokenStream> = rename.into_iter().chain(serde).collect();
    let serde = (is_json && !serde.is_empty()).then(|| quote!(#[serde(#(#serde),*)]));
    let docs = docs(&describe(property));
    let name = ident(&name);
    quote!(#docs #serde pub #name: #field_type)
}

/// What the document says of a property that its type does not.
fn describe(property: &Property) -> String {
    let facts = &property.facts;
    let mut text = format!("`{}`", property.wire);
    if let Some(format) = &facts.format {
        text += &format!(", a `{format}`");
    }
    if let Shape::Boolean | Shape::Integer = property.shape
        && !facts.values.is_empty()
    {
        text += &format!(", one of `{}`", facts.values.join("`, `"));
    }
    if let Some(default) = &facts.default {
        text += &format!("; `{default}` when left out");
    }
    text + "."
}

/// `new`, which takes what the object must have; `None` when it can be made from nothing.
pub(super) fn constructor(
    name: &str,
    properties: &[Property],
    layout: &Layout<'_>,
) -> Option<TokenStream> {
    if layout.has_default(name) {
        return None;
    }
    let direction = layout.direction(name);
    let mut arguments = Vec::new();
    let mut values = Vec::new();
    for property in properties {
        let field = ident(&property.name());
        if layout.is_defaulted(direction, property) {
            values.push(quote!(#field: Default::default()));
            continue;
        }
        let plain = inner_type(&property.shape, layout);
        let taken = match layout.presence(direction, property) {
            Presence::OrNull => quote!(Option<#plain>),
            _ => plain,
        };
        arguments.push(quote!(#field: #taken));
        values.push(quote!(#field));
    }
    let name = ident(name);
    Some(quote! {
        impl #name {
            /// With what it must have; the rest is absent.
            #[must_use]
            pub fn new(#(#arguments),*) -> Self {
                Self { #(#values),* }
            }
        }
    })
}
