//! Parameters, most of which many operations share: `page[cursor]`, the fields of a profile.
//!
//! Each is named after itself and a hash of its content, so that its name stays when other
//! parameters come and go.

use std::collections::BTreeMap;

use anyhow::Result;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::shapes::Shapes;
use super::tokens::{named_by_content, option, variant};
use crate::facts::{Parameter, Place};

/// The parameters that were met, by name.
#[derive(Default)]
pub(super) struct Parameters {
    statics: BTreeMap<Ident, TokenStream>,
}

impl Parameters {
    /// An expression of type `&'static Parameter`.
    pub(super) fn expression(
        &mut self,
        parameter: &Parameter,
        shapes: &mut Shapes,
    ) -> Result<TokenStream> {
        let code = write(parameter, shapes)?;
        let constant = named_by_content(&parameter.name, &code);
        let expression = quote!(&parameters::#constant);
        self.statics.insert(constant, code);
        Ok(expression)
    }

    /// The file that holds the parameters.
    pub(super) fn write(self) -> TokenStream {
        let names = self.statics.keys();
        let parameters = self.statics.values();
        quote! {
            //! The parameters of all operations, those that are alike once.

            use crate::operation::*;

            #(pub(crate) static #names: Parameter = #parameters;)*
        }
    }
}

fn write(parameter: &Parameter, shapes: &mut Shapes) -> Result<TokenStream> {
    let Parameter { name, required, .. } = parameter;
    let identifier = parameter.identifier();
    let place = variant(match parameter.place {
        Place::Path => "Path",
        Place::Query => "Query",
        Place::Header => "Header",
    });
    let schema = shapes.expression(&parameter.shape)?;
    let minimum = option(parameter.minimum.map(Literal::i64_unsuffixed));
    let maximum = option(parameter.maximum.map(Literal::i64_unsuffixed));
    let default = option(parameter.default.as_ref().map(ToString::to_string));
    Ok(quote! {
        Parameter {
            name: #name,
            identifier: #identifier,
            place: Place::#place,
            required: #required,
            schema: #schema,
            minimum: #minimum,
            maximum: #maximum,
            default: #default,
        }
    })
}
