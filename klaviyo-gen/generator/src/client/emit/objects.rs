//! Prints an object as a struct.

use proc_macro2::TokenStream;
use quote::quote;

use super::describe;
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
            vec![quote!(skip_serializing_if = "Option::is_none")],
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
    let docs = docs(&describe::field(direction, property, layout));
    let name = ident(&name);
    quote!(#docs #serde pub #name: #field_type)
}

/// Of more arguments than this one loses sight; the fields of a struct have names.
const MOST_ARGUMENTS: usize = 4;

/// `new`, which takes what the object must have; `None` when it can be made from nothing, or when it
/// must have so much that it is better written out.
pub(super) fn constructor(
    name: &str,
    properties: &[Property],
    layout: &Layout<'_>,
) -> Option<TokenStream> {
    let direction = layout.direction(name);
    let (defaulted, given): (Vec<&Property>, Vec<&Property>) = properties
        .iter()
        .partition(|property| layout.is_defaulted(direction, property));
    if given.is_empty() || given.len() > MOST_ARGUMENTS {
        return None;
    }
    let arguments = given.iter().map(|property| {
        let field = ident(&property.name());
        let plain = inner_type(&property.shape, layout);
        match layout.presence(direction, property) {
            Presence::OrNull => quote!(#field: Option<#plain>),
            _ if property.shape == Shape::Text => quote!(#field: impl Into<String>),
            _ => quote!(#field: #plain),
        }
    });
    let given = given.iter().map(|property| {
        let field = ident(&property.name());
        let is_text = property.shape == Shape::Text && !property.nullable;
        if is_text {
            quote!(#field: #field.into())
        } else {
            quote!(#field)
        }
    });
    let defaulted = defaulted.iter().map(|property| ident(&property.name()));
    let name = ident(name);
    Some(quote! {
        impl #name {
            /// With what it must have; the rest is absent.
            #[must_use]
            pub fn new(#(#arguments),*) -> Self {
                Self { #(#given,)* #(#defaulted: Default::default()),* }
            }
        }
    })
}
