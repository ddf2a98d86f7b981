//! Prints an operation's optional parameters as a struct.

use proc_macro2::TokenStream;
use quote::quote;

use super::tokens::{docs, ident};
use crate::client::names;
use crate::facts::{Filter, Kind, Operation, Parameter, Place};

/// So many of a parameter's values are listed; the operation table has all of them.
const LISTED: usize = 12;

/// The parameters that a request must have, in the document's order.
pub(super) fn required(operation: &Operation) -> impl Iterator<Item = &Parameter> {
    operation
        .parameters
        .iter()
        .filter(|parameter| parameter.required)
}

/// The parameters that can be left out, in the document's order.
pub(super) fn optional(operation: &Operation) -> impl Iterator<Item = &Parameter> {
    operation
        .parameters
        .iter()
        .filter(|parameter| !parameter.required)
}

/// The struct; `None` when no parameter can be left out.
pub(super) fn parameters(operation: &Operation) -> Option<TokenStream> {
    optional(operation).next()?;
    let fields = optional(operation).map(|parameter| {
        let docs = docs(&describe(parameter, &operation.filters));
        let name = ident(&names::field(&parameter.name));
        let value = value_type(&parameter.shape.kind);
        quote!(#docs pub #name: Option<#value>)
    });
    let text = docs(&format!(
        "What can be left out of [`Client::{0}`].",
        operation.id
    ));
    let name = ident(&names::type_name(&operation.id));
    Some(quote! {
        #text
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct #name { #(#fields),* }
    })
}

/// The type of a required parameter where it is an argument.
pub(super) fn argument_type(parameter: &Parameter) -> TokenStream {
    if is_text(parameter) {
        return quote!(&str);
    }
    value_type(&parameter.shape.kind)
}

/// Whether a parameter is text, as what stands in the path always is.
pub(super) fn is_text(parameter: &Parameter) -> bool {
    use Kind::{Array, Boolean, Integer, Number};
    let kind = &parameter.shape.kind;
    parameter.place == Place::Path || !matches!(kind, Array(_) | Integer | Number | Boolean)
}

/// The type of a parameter's value.
fn value_type(kind: &Kind) -> TokenStream {
    match kind {
        Kind::Array(_) => quote!(Values),
        Kind::Integer => quote!(i64),
        Kind::Number => quote!(f64),
        Kind::Boolean => quote!(bool),
        _ => quote!(String),
    }
}

fn describe(parameter: &Parameter, filters: &[Filter]) -> String {
    let mut text = match parameter.place {
        Place::Header => format!("The header `{}`", parameter.name),
        Place::Path | Place::Query => format!("`{}`", parameter.name),
    };
    let (single, values) = match &parameter.shape.kind {
        Kind::Array(item) => (false, listed_values(&item.kind)),
        kind => (true, listed_values(kind)),
    };
    if !values.is_empty() {
        text += if single { ", one of " } else { ", any of " };
        text += &quoted(&values[..values.len().min(LISTED)]);
        if values.len() > LISTED {
            text += &format!(" and {} more", values.len() - LISTED);
        }
    }
    match (parameter.minimum, parameter.maximum) {
        (Some(least), Some(most)) => text += &format!(", from {least} to {most}"),
        (Some(least), None) => text += &format!(", at least {least}"),
        (None, Some(most)) => text += &format!(", at most {most}"),
        (None, None) => {}
    }
    if let Some(default) = &parameter.default {
        text += &format!("; `{default}` when left out");
    }
    text += ".";
    if parameter.name == "filter" {
        let lines = filters
            .iter()
            .map(|one| format!("\n- `{}`: {}", one.field, quoted(&one.operators)));
        text += "\n\nFields and their operators:\n";
        text.extend(lines);
    }
    text
}

fn listed_values(kind: &Kind) -> &[String] {
    match kind {
        Kind::String { values, .. } => values,
        _ => &[],
    }
}

fn quoted(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| format!("`{text}`")).collect();
    texts.join(", ")
}
