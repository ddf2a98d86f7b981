//! What lists list, most of which several operations share: the profiles of an account, of a list, of a
//! segment.

use std::collections::BTreeMap;

use anyhow::Result;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::shapes::Shapes;
use super::tokens::named_by_content;
use crate::facts::{Attribute, Listed, Relationship};

/// The listed resources that were met, by name.
#[derive(Default)]
pub(super) struct Resources {
    statics: BTreeMap<Ident, TokenStream>,
}

impl Resources {
    /// An expression of type `&'static Listed`.
    pub(super) fn expression(
        &mut self,
        listed: &Listed,
        shapes: &mut Shapes,
    ) -> Result<TokenStream> {
        let code = write(listed, shapes)?;
        let constant = named_by_content(&format!("listed_{}", listed.resource), &code);
        let expression = quote!(&listed::#constant);
        self.statics.insert(constant, code);
        Ok(expression)
    }

    /// The file that holds them.
    pub(super) fn write(self) -> TokenStream {
        let names = self.statics.keys();
        let resources = self.statics.values();
        quote! {
            //! What lists list, those that are alike once.

            use crate::operation::*;

            #(pub(crate) static #names: Listed = #resources;)*
        }
    }
}

fn write(listed: &Listed, shapes: &mut Shapes) -> Result<TokenStream> {
    let resource = &listed.resource;
    let mut attributes = TokenStream::new();
    for Attribute { name, kind } in &listed.attributes {
        let kind = shapes.kind(kind)?;
        attributes.extend(quote!(Attribute { name: #name, kind: #kind },));
    }
    let relationships = listed.relationships.iter();
    let relationships = relationships
        .map(|Relationship { name, many }| quote!(Relationship { name: #name, many: #many }));
    Ok(quote! {
        Listed {
            resource: #resource,
            attributes: &[#attributes],
            relationships: &[#(#relationships),*],
        }
    })
}
