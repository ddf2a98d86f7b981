//! The operations as the typed client sees them: what each sends and what comes back, as types.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::Value;

use super::names;
use super::schema::{self, Schemas};
use crate::facts::{self, Operation};

/// An operation and the types of its bodies.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) operation: &'a Operation,
    /// The type of the request's body.
    pub(crate) body: Option<String>,
    pub(crate) answer: Answer,
}

/// The body of a successful answer.
#[derive(Debug, PartialEq)]
pub(crate) enum Answer {
    /// There is none.
    Empty,
    /// It is of this type; where a status comes without a body, the type's default stands for it.
    One(String),
    /// It depends on the status which type it is of.
    Several(Vec<String>),
}

impl Answer {
    /// The types that it may be of.
    pub(crate) fn types(&self) -> &[String] {
        match self {
            Answer::Empty => &[],
            Answer::One(name) => std::slice::from_ref(name),
            Answer::Several(names) => names,
        }
    }
}

/// The operations by tag; a body that is described in place becomes one of `schemas`.
///
/// # Errors
///
/// When a body is of a schema that the document does not have.
pub(super) fn by_tag<'a>(
    operations: &'a [Operation],
    schemas: &mut Schemas,
) -> Result<BTreeMap<&'a str, Vec<Call<'a>>>> {
    let mut tags: BTreeMap<&str, Vec<Call<'_>>> = BTreeMap::new();
    for operation in operations {
        let call = call(operation, schemas).with_context(|| operation.id.clone())?;
        tags.entry(&operation.tag).or_default().push(call);
    }
    Ok(tags)
}

fn call<'a>(operation: &'a Operation, schemas: &mut Schemas) -> Result<Call<'a>> {
    let id = names::type_name(&operation.id);
    let body = operation
        .body
        .as_ref()
        .map(|body| named(&body.schema, &format!("{id}Body"), schemas));
    let answer = answer(&operation.success, &id, schemas)?;
    Ok(Call {
        operation,
        body: body.transpose()?,
        answer,
    })
}

fn answer(success: &[facts::Answer], id: &str, schemas: &mut Schemas) -> Result<Answer> {
    let mut types = Vec::new();
    for facts::Answer { status, schema } in success {
        let Some(schema) = schema else { continue };
        let name = named(schema, &format!("{id}Answer{status}"), schemas)?;
        if !types.contains(&name) {
            types.push(name);
        }
    }
    Ok(match types.len() {
        0 => Answer::Empty,
        1 => Answer::One(types.remove(0)),
        _ => Answer::Several(types),
    })
}

/// The name of a body's type, after moving its schema to the others if it has no name yet.
fn named(schema: &Value, name: &str, schemas: &mut Schemas) -> Result<String> {
    if let Some(reference) = schema::reference(schema) {
        schemas
            .get(reference)
            .with_context(|| format!("there is no schema {reference}"))?;
        return Ok(names::type_name(reference));
    }
    schemas.insert(name.to_owned(), schema.clone());
    Ok(name.to_owned())
}
