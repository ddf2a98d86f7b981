//! One operation as a static.

use anyhow::Result;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::tokens::{constant, number, option, variant};
use super::{Collected, caps};
use crate::caps::OperationCaps;
use crate::docs;
use crate::facts::{Answer, Filter, Limits, Listed, MediaType, Operation, Shape};

/// A static of type `Operation`, documented.
pub(super) fn write(operation: &Operation, collected: &mut Collected) -> Result<TokenStream> {
    let known = collected.caps.operations.get(&operation.id);
    let general = collected.caps.general.max_request_bytes;
    let docs = docs::operation(operation, known, general, collected.document.revision());
    let docs = docs.lines().map(|line| format!(" {line}"));

    let Operation {
        id,
        aliases,
        tag,
        path,
        scopes,
        authenticated,
        ..
    } = operation;
    let name = constant(id);
    let method = variant(operation.method.variant());
    let parameters = operation
        .parameters
        .iter()
        .map(|parameter| {
            collected
                .parameters
                .expression(parameter, &mut collected.shapes)
        })
        .collect::<Result<Vec<_>>>()?;
    let body = option(
        operation
            .body
            .as_ref()
            .map(|body| media_type(body.media_type)),
    );
    let form = form(operation, collected)?;
    let success = operation.success.iter().map(answer);
    let limits = limits(operation.limits);
    let filters = operation
        .filters
        .iter()
        .map(|filter| write_filter(filter, collected))
        .collect::<Result<Vec<_>>>()?;
    let caps = caps::write(operation, collected)?;
    let repeat = repeat(operation, collected);
    let listed = listed(operation, collected)?;
    let since = option(collected.caps.since(id).map(|since| quote!(#since)));
    Ok(quote! {
        #(#[doc = #docs])*
        #(#[doc(alias = #aliases)])*
        pub static #name: Operation = Operation {
            id: #id,
            aliases: &[#(#aliases),*],
            tag: #tag,
            method: Method::#method,
            path: #path,
            parameters: &[#(#parameters),*],
            body: #body,
            form: #form,
            success: &[#(#success),*],
            limits: #limits,
            scopes: &[#(#scopes),*],
            filters: &[#(#filters),*],
            caps: #caps,
            repeat: #repeat,
            authenticated: #authenticated,
            listed: #listed,
            since: #since,
        };
    })
}

fn media_type(media_type: MediaType) -> TokenStream {
    match media_type {
        MediaType::JsonApi => quote!(MediaType::JsonApi),
        MediaType::Multipart => quote!(MediaType::Multipart),
    }
}

/// The fields of a multipart body.
fn form(operation: &Operation, collected: &mut Collected) -> Result<TokenStream> {
    match &operation.body {
        Some(body) if operation.is_multipart() => {
            let shape = Shape::read(collected.document, &body.schema)?;
            collected.shapes.fields_of(&shape.kind)
        }
        _ => Ok(quote!(&[])),
    }
}

/// What the operation lists.
fn listed(operation: &Operation, collected: &mut Collected) -> Result<TokenStream> {
    let listed = Listed::read(collected.document, operation)?;
    let written = listed.map(|listed| {
        collected
            .resources
            .expression(&listed, &mut collected.shapes)
    });
    Ok(option(written.transpose()?))
}

fn answer(answer: &Answer) -> TokenStream {
    let status = Literal::u16_unsuffixed(answer.status);
    let body = answer.schema.is_some();
    quote!(Success { status: #status, body: #body })
}

fn limits(limits: Limits) -> TokenStream {
    let [burst, steady, daily] = [limits.burst, limits.steady, limits.daily]
        .map(|limit| option(limit.map(u64::from).map(number)));
    quote!(Limits { burst: #burst, steady: #steady, daily: #daily })
}

fn write_filter(filter: &Filter, collected: &mut Collected) -> Result<TokenStream> {
    let Filter {
        field,
        operators,
        value,
    } = filter;
    let value = collected.shapes.expression(value)?;
    Ok(quote!(Filter { field: #field, operators: &[#(#operators),*], value: #value }))
}

fn repeat(operation: &Operation, collected: &Collected) -> TokenStream {
    let known = collected.caps.operations.get(&operation.id);
    let (safe, why) = OperationCaps::repeat(known, operation.method);
    quote!(Repeat { safe: #safe, why: #why })
}
