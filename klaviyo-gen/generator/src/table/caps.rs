//! An operation's caps as an expression, with the shapes of its items and groups.

use anyhow::{Context, Result};
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

use super::Collected;
use super::tokens::{number, option};
use crate::caps::{ItemErrors, OperationCaps};
use crate::document::Document;
use crate::facts::{Operation, Shape};

/// An expression of type `Option<&'static Caps>`.
pub(super) fn write(operation: &Operation, collected: &mut Collected) -> Result<TokenStream> {
    let Some(caps) = collected.caps.operations.get(&operation.id) else {
        return Ok(quote!(None));
    };
    if !caps.has_caps() {
        return Ok(quote!(None));
    }
    let general = collected.caps.general.max_request_bytes;
    let max_request_bytes = number(caps.request_bytes().unwrap_or(general));
    let max_items = option(caps.max_items.map(u64::from).map(number));
    let max_item_bytes = option(caps.item_bytes().map(number));
    let max_string_bytes = option(caps.max_string_bytes.map(number));
    let max_jobs = option(caps.max_jobs_in_progress.map(u64::from).map(number));
    let initial = option(caps.initial_job_status.as_deref());
    let items = option(caps.items.as_deref());
    let group = option(caps.group.as_deref());
    let job = option(known(caps.job.as_deref(), operation, collected));
    let job_listing = option(known(caps.job_listing.as_deref(), operation, collected));
    let (long_jobs, synchronous) = (caps.long_jobs, caps.synchronous);
    let item_errors = item_errors(caps, operation, collected);
    let item = match (&caps.items, caps.max_items) {
        // The one thing that such a request is about.
        (None, Some(1)) => data(operation, collected)?,
        (items, _) => element(items.as_deref(), operation, collected)?,
    };
    let group_item = element(caps.group.as_deref(), operation, collected)?;
    let body = body(caps, operation, collected)?;
    Ok(quote! {
        Some(&Caps {
            items: #items,
            group: #group,
            max_items: #max_items,
            max_request_bytes: #max_request_bytes,
            max_item_bytes: #max_item_bytes,
            max_string_bytes: #max_string_bytes,
            job: #job,
            job_listing: #job_listing,
            long_jobs: #long_jobs,
            initial_job_status: #initial,
            max_jobs_in_progress: #max_jobs,
            item_errors: #item_errors,
            synchronous: #synchronous,
            item: #item,
            group_item: #group_item,
            body: #body,
        })
    })
}

fn item_errors(
    caps: &OperationCaps,
    operation: &Operation,
    collected: &mut Collected,
) -> TokenStream {
    match &caps.item_errors {
        ItemErrors::None => quote!(ItemErrors::None),
        ItemErrors::Answer => quote!(ItemErrors::Answer),
        ItemErrors::Job => quote!(ItemErrors::Job),
        ItemErrors::Skipped => quote!(ItemErrors::Skipped),
        ItemErrors::IngestionLog => quote!(ItemErrors::IngestionLog),
        ItemErrors::Pages(id) => match known(Some(id), operation, collected) {
            Some(id) => quote!(ItemErrors::Pages(#id)),
            None => quote!(ItemErrors::None),
        },
    }
}

/// The id, if the document has such an operation; a warning otherwise.
fn known<'a>(
    id: Option<&'a str>,
    operation: &Operation,
    collected: &mut Collected,
) -> Option<&'a str> {
    let id = id?;
    if collected.ids.binary_search(&id).is_ok() {
        return Some(id);
    }
    collected.warnings.push(format!(
        "caps.toml names {id} for {}, which the document does not have",
        operation.id
    ));
    None
}

/// The shape of the whole body, where it holds items.
fn body(
    caps: &OperationCaps,
    operation: &Operation,
    collected: &mut Collected,
) -> Result<TokenStream> {
    let body = operation.body.as_ref().filter(|_| caps.items.is_some());
    match body {
        Some(body) => shape(&body.schema, collected),
        None => Ok(quote!(None)),
    }
}

/// The shape of what stands under `data` in the operation's body.
fn data(operation: &Operation, collected: &mut Collected) -> Result<TokenStream> {
    let Some(body) = &operation.body else {
        return Ok(quote!(None));
    };
    let schema = collected.document.resolve(&body.schema)?;
    let data = schema
        .get("properties")
        .and_then(|fields| fields.get("data"));
    match data {
        Some(data) => shape(data, collected),
        None => Ok(quote!(None)),
    }
}

/// A schema as an expression of type `Option<&'static Schema>`.
fn shape(schema: &Value, collected: &mut Collected) -> Result<TokenStream> {
    let shape = Shape::read(collected.document, schema)?;
    let schema = collected.shapes.expression(&shape)?;
    Ok(quote!(Some(&#schema)))
}

/// The shape of an element of the array at `pointer` in the operation's body.
fn element(
    pointer: Option<&str>,
    operation: &Operation,
    collected: &mut Collected,
) -> Result<TokenStream> {
    let Some(pointer) = pointer else {
        return Ok(quote!(None));
    };
    let body = operation.body.as_ref().map(|body| &body.schema);
    match body.and_then(|body| element_schema(collected.document, body, pointer).ok()) {
        Some(schema) => shape(schema, collected),
        None => {
            collected.warnings.push(format!(
                "the body of {} has no array at {pointer}",
                operation.id
            ));
            Ok(quote!(None))
        }
    }
}

/// The schema of the elements of the array at `pointer`, where `*` stands for an array's element.
fn element_schema<'a>(document: &'a Document, body: &'a Value, pointer: &str) -> Result<&'a Value> {
    let mut schema = body;
    for step in pointer.split('/').skip(1) {
        schema = document.resolve(schema)?;
        schema = match step {
            "*" => schema.get("items"),
            name => schema.get("properties").and_then(|fields| fields.get(name)),
        }
        .with_context(|| format!("{step} is not there"))?;
    }
    document
        .resolve(schema)?
        .get("items")
        .with_context(|| format!("{pointer} is not an array"))
}
