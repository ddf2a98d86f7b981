//! Prints the operations as methods of the client, a file for each tag.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::conditions::condition;
use super::files::{File, Item};
use super::parameters::{argument_type, optional, parameters, required};
use super::tokens::{docs, ident};
use crate::client::calls::{Answer, Call};
use crate::client::layout::Layout;
use crate::client::model::{Property, Shape, Type};
use crate::client::names;
use crate::facts::{Operation, Parameter, Place, identifier};

/// The files; `describe` gives an operation's doc comment.
pub(in crate::client) fn operations(
    tags: &BTreeMap<&str, Vec<Call<'_>>>,
    layout: &Layout<'_>,
    describe: &dyn Fn(&Operation) -> String,
) -> Vec<File> {
    let mut files = vec![index(tags)];
    for (tag, calls) in tags {
        let text = format!(" Operations under `{tag}`.");
        let mut items: Vec<Item> = calls
            .iter()
            .filter_map(|call| parameters(call.operation))
            .map(Item::Code)
            .collect();
        let methods = calls.iter().map(|call| method(call, layout, describe));
        let heading = docs(&format!("{tag}."));
        items.push(Item::Code(quote!(#heading impl Client { #(#methods)* })));
        files.push(File {
            path: format!("operations/{}.rs", names::module(tag)),
            head: quote!(#![doc = #text] use super::*;),
            items,
        });
    }
    files
}

fn index(tags: &BTreeMap<&str, Vec<Call<'_>>>) -> File {
    let lines = tags.iter().map(|(tag, calls)| {
        let name = ident(&names::module(tag));
        let condition = condition(&[(*tag).to_owned()].into());
        let has_parameters = calls
            .iter()
            .any(|call| optional(call.operation).next().is_some());
        let exported = has_parameters.then(|| quote!(#condition pub use #name::*;));
        quote!(#condition mod #name; #exported)
    });
    File {
        path: "operations/mod.rs".into(),
        head: quote! {
            #![doc = " The operations, and the parameters that each can do without."]
            #![cfg_attr(not(feature = "full"), allow(unused_imports, reason = "few tags need all of them"))]

            use crate::operations as table;
            use crate::typed::request::Request;
            use crate::{Answer, Client, Error, Form, Values, types};
        },
        items: vec![Item::Code(quote!(#(#lines)*))],
    }
}

fn method(
    call: &Call<'_>,
    layout: &Layout<'_>,
    describe: &dyn Fn(&Operation) -> String,
) -> TokenStream {
    let operation = call.operation;
    let docs = docs(&describe(operation));
    let aliases = &operation.aliases;
    let name = ident(&names::field(&operation.id));
    let arguments = arguments(call);
    let request = request(call, layout);
    let (answer, function) = answer(&call.answer);
    quote! {
        #docs
        #(#[doc(alias = #aliases)])*
        pub async fn #name(&self, #(#arguments),*) -> Result<Answer<#answer>, Error> {
            let request = #request;
            self.#function(request).await
        }
    }
}

/// Path parameters, required ones, the body, and what can be left out.
fn arguments(call: &Call<'_>) -> Vec<TokenStream> {
    let operation = call.operation;
    let mut arguments: Vec<TokenStream> = required(operation)
        .map(|parameter| {
            let name = ident(&names::field(&parameter.name));
            let value = argument_type(parameter);
            quote!(#name: #value)
        })
        .collect();
    if let Some(body) = call.body.as_deref().map(ident) {
        arguments.push(quote!(body: &types::#body));
    }
    if optional(operation).next().is_some() {
        let parameters = ident(&names::type_name(&operation.id));
        arguments.push(quote!(parameters: #parameters));
    }
    arguments
}

/// The expression that makes the request.
fn request(call: &Call<'_>, layout: &Layout<'_>) -> TokenStream {
    let constant = constant(call.operation);
    let parameters = call.operation.parameters.iter().map(put);
    let body = match &call.body {
        Some(body) if call.operation.is_multipart() => form(body, layout),
        Some(_) => quote!(.json(body)),
        None => quote!(),
    };
    quote!(Request::new(&table::#constant) #(#parameters)* #body)
}

/// The name of the operation in the operation table.
pub(super) fn constant(operation: &Operation) -> Ident {
    ident(&identifier(&operation.id).to_uppercase())
}

/// The call that puts a parameter into the request.
fn put(parameter: &Parameter) -> TokenStream {
    let field = ident(&names::field(&parameter.name));
    let value = if parameter.required {
        quote!(#field)
    } else {
        quote!(parameters.#field)
    };
    let value = match parameter.required && parameter.place != Place::Path {
        true => quote!(Some(#value)),
        false => value,
    };
    let wire = &parameter.name;
    match parameter.place {
        Place::Path => quote!(.path(#wire, #value)),
        Place::Query => quote!(.query(#wire, #value)),
        Place::Header => {
            let wire = wire.to_ascii_lowercase();
            quote!(.header(#wire, #value))
        }
    }
}

/// The call that puts a multipart body into the request, field by field.
fn form(body: &str, layout: &Layout<'_>) -> TokenStream {
    let Some(Type::Object(properties)) = layout.types.get(body) else {
        return quote!(.json(body));
    };
    let parts = properties.iter().map(|property: &Property| {
        let wire = &property.wire;
        let field = ident(&property.name());
        match (&property.shape, property.required) {
            (Shape::File, true) => quote!(.file(#wire, Some(&body.#field))),
            (Shape::File, false) => quote!(.file(#wire, body.#field.as_ref())),
            (_, true) => quote!(.text(#wire, Some(&body.#field))),
            (_, false) => quote!(.text(#wire, body.#field.as_ref())),
        }
    });
    quote!(.form(Form::default() #(#parts)*))
}

/// The type of the answer, and the function that sends the request and reads it.
fn answer(answer: &Answer) -> (TokenStream, TokenStream) {
    match answer {
        Answer::Empty => (quote!(()), quote!(call_empty)),
        Answer::One(name) => {
            let name = ident(name);
            (quote!(types::#name), quote!(call))
        }
        Answer::Several(_) => (quote!(serde_json::Value), quote!(call)),
    }
}
