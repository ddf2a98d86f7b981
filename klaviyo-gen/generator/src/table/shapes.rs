//! Shapes as expressions, and the file of named objects that they share.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use proc_macro2::TokenStream;
use quote::quote;

use super::tokens::{constant, option};
use crate::document::Document;
use crate::facts::{Field, Kind, Shape};

/// The named objects that were met.
pub(super) struct Shapes<'a> {
    document: &'a Document,
    objects: BTreeMap<String, Vec<Field>>,
}

impl<'a> Shapes<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        let objects = BTreeMap::new();
        Self { document, objects }
    }

    /// An expression of type `Schema`.
    pub(super) fn expression(&mut self, shape: &Shape) -> Result<TokenStream> {
        let nullable = shape.nullable;
        let kind = self.kind(&shape.kind)?;
        Ok(quote!(Schema { kind: #kind, nullable: #nullable }))
    }

    /// An expression of type `Kind`.
    pub(super) fn kind(&mut self, kind: &Kind) -> Result<TokenStream> {
        Ok(match kind {
            Kind::Any => quote!(Kind::Any),
            Kind::Integer => quote!(Kind::Integer),
            Kind::Number => quote!(Kind::Number),
            Kind::Boolean => quote!(Kind::Boolean),
            Kind::String { format, values } => {
                let format = option(format.as_deref());
                quote!(Kind::String { format: #format, values: &[#(#values),*] })
            }
            Kind::Array(element) => {
                let element = self.expression(element)?;
                quote!(Kind::Array(&#element))
            }
            Kind::Object(_) | Kind::Named(_) => {
                let fields = self.fields_of(kind)?;
                quote!(Kind::Object(#fields))
            }
            Kind::OneOf(choices) => {
                let choices = choices
                    .iter()
                    .map(|choice| self.expression(choice))
                    .collect::<Result<Vec<_>>>()?;
                quote!(Kind::OneOf(&[#(#choices),*]))
            }
        })
    }

    /// An expression for the fields of an object.
    ///
    /// # Errors
    ///
    /// When the kind is none of an object.
    pub(super) fn fields_of(&mut self, kind: &Kind) -> Result<TokenStream> {
        Ok(match kind {
            Kind::Object(fields) => {
                let fields = self.fields(fields)?;
                quote!(&[#fields])
            }
            Kind::Named(object) => {
                self.remember(object)?;
                let object = constant(object);
                quote!(&shapes::#object)
            }
            other => bail!("{other:?} has no fields"),
        })
    }

    fn fields(&mut self, fields: &[Field]) -> Result<TokenStream> {
        let mut code = TokenStream::new();
        for Field {
            name,
            required,
            shape,
        } in fields
        {
            let schema = self.expression(shape)?;
            code.extend(quote!(Field { name: #name, required: #required, schema: #schema },));
        }
        Ok(code)
    }

    fn remember(&mut self, name: &str) -> Result<()> {
        if !self.objects.contains_key(name) {
            let fields = Shape::read_named(self.document, name)?;
            self.objects.insert(name.to_owned(), fields);
        }
        Ok(())
    }

    /// The file that holds the named objects, and those that they lead to.
    pub(super) fn write(mut self) -> Result<TokenStream> {
        let mut written = BTreeMap::new();
        // Writing an object may bring up further ones.
        while let Some((name, fields)) = self.next_unwritten(&written) {
            let count = fields.len();
            let fields = self.fields(&fields)?;
            let constant = constant(&name);
            let object = quote!(pub(crate) static #constant: [Field; #count] = [#fields];);
            written.insert(name, object);
        }
        let objects = written.values();
        Ok(quote! {
            //! The objects that items of bulk operations are made of, and forms.

            use crate::generated::shapes;
            use crate::operation::*;

            #(#objects)*
        })
    }

    fn next_unwritten(
        &self,
        written: &BTreeMap<String, TokenStream>,
    ) -> Option<(String, Vec<Field>)> {
        let (name, fields) = self
            .objects
            .iter()
            .find(|(name, _)| !written.contains_key(*name))?;
        Some((name.clone(), fields.clone()))
    }
}
