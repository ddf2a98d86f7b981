//! Prints a test for each operation: a call with sampled arguments, for `tests/client` to check.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;

use super::files::{File, Item};
use super::operations::constant;
use super::parameters::{is_text, optional, required};
use super::tokens::ident;
use crate::client::calls::Call;
use crate::client::layout::Layout;
use crate::client::model::{Shape, Type};
use crate::client::names;
use crate::facts::Parameter;

/// The files, one for each tag. The library itself does not compile them.
pub(in crate::client) fn cases(
    tags: &BTreeMap<&str, Vec<Call<'_>>>,
    layout: &Layout<'_>,
) -> Vec<File> {
    let modules = tags.keys().map(|tag| ident(&names::module(tag)));
    let mut files = vec![File {
        path: "cases/mod.rs".into(),
        head: quote! {
            #![doc = " A test for each operation; compiled by `tests/client` alone."]

            use klaviyo_gen::operations as table;
            use klaviyo_gen::parameters::*;
            use klaviyo_gen::types;

            use crate::check::check;
        },
        items: vec![Item::Code(quote!(#(mod #modules;)*))],
    }];
    for (tag, calls) in tags {
        let text = format!(" Operations under `{tag}`.");
        files.push(File {
            path: format!("cases/{}.rs", names::module(tag)),
            head: quote!(#![doc = #text] use super::*;),
            items: calls
                .iter()
                .map(|call| Item::Code(case(call, layout)))
                .collect(),
        });
    }
    files
}

fn case(call: &Call<'_>, layout: &Layout<'_>) -> TokenStream {
    let constant = constant(call.operation);
    let name = ident(&names::field(&call.operation.id));
    let arguments = arguments(call, layout);
    // What takes nothing needs no sample.
    let sample = match arguments.is_empty() {
        true => quote!(_),
        false => quote!(sample),
    };
    quote! {
        #[test]
        fn #name() {
            check(&table::#constant, async |client, #sample| client.#name(#(#arguments),*).await.into());
        }
    }
}

/// The arguments, in the order in which the method takes them.
fn arguments(call: &Call<'_>, layout: &Layout<'_>) -> Vec<TokenStream> {
    let operation = call.operation;
    let mut arguments: Vec<TokenStream> = required(operation).map(required_argument).collect();
    if let Some(body) = &call.body {
        arguments.push(if operation.is_multipart() {
            let fields = fields(body, layout);
            let body = ident(body);
            quote!(&types::#body { #(#fields),* })
        } else {
            quote!(&sample.body())
        });
    }
    let optional: Vec<TokenStream> = optional(operation)
        .map(|parameter| {
            let field = ident(&names::field(&parameter.name));
            let wire = &parameter.name;
            quote!(#field: sample.optional(#wire))
        })
        .collect();
    if !optional.is_empty() {
        let parameters = ident(&names::type_name(&operation.id));
        arguments.push(quote!(#parameters { #(#optional),* }));
    }
    arguments
}

fn required_argument(parameter: &Parameter) -> TokenStream {
    let wire = &parameter.name;
    if is_text(parameter) {
        quote!(&sample.text(#wire))
    } else {
        quote!(sample.required(#wire))
    }
}

/// The fields of a multipart body.
fn fields(body: &str, layout: &Layout<'_>) -> Vec<TokenStream> {
    let Some(Type::Object(properties)) = layout.types.get(body) else {
        return Vec::new();
    };
    let fields = properties.iter().map(|property| {
        let wire = &property.wire;
        let field = ident(&property.name());
        match (&property.shape, property.required) {
            (Shape::File, true) => quote!(#field: sample.file(#wire)),
            (Shape::File, false) => quote!(#field: Some(sample.file(#wire))),
            (_, _) => quote!(#field: sample.field(#wire)),
        }
    });
    fields.collect()
}
