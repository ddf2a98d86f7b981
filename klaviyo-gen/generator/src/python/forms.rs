//! A form as arguments of a method: one for each field of a multipart body, and for a file also one
//! for its name.

use anyhow::{Result, ensure};

use super::annotations;
use super::source::{bracketed, literal, name};
use crate::client::Typed;
use crate::client::calls::Call;
use crate::client::model::{Property, Shape, Type};
use crate::client::reach::Direction;
use crate::facts::identifier;

/// The fields of the form that an operation takes, if it takes one.
pub(super) fn fields<'a>(call: &Call<'_>, typed: &'a Typed<'_>) -> Option<&'a [Property]> {
    let body = call.body.as_deref();
    match body.and_then(|body| typed.types.get(body)) {
        Some(Type::Object(fields)) if call.operation.is_multipart() => Some(fields),
        _ => None,
    }
}

/// A form can only be written out as arguments when these have names of their own, and its fields are
/// files or what has a plain text.
///
/// # Errors
///
/// When that is not so.
pub(super) fn check(call: &Call<'_>, typed: &Typed<'_>) -> Result<()> {
    let id = &call.operation.id;
    let fields = fields(call, typed).unwrap_or_default();
    let parameters = call.operation.parameters.iter();
    let mut names: Vec<String> = parameters.map(|one| name(&one.identifier())).collect();
    for field in fields {
        names.push(argument_name(field));
        names.extend((field.shape == Shape::File).then(|| file_name(field)));
        ensure!(
            !matches!(
                field.shape,
                Shape::List { .. } | Shape::Map | Shape::Any | Shape::Scalar
            ),
            "a form cannot carry the field {} of {id}",
            field.wire
        );
    }
    names.sort();
    let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
    ensure!(
        twice.is_none(),
        "two arguments of {id} would have the same name: {twice:?}"
    );
    Ok(())
}

/// The arguments that come by position or name: the files that must be there, each with its name.
pub(super) fn files(fields: &[Property]) -> Vec<String> {
    let files = fields
        .iter()
        .filter(|field| field.shape == Shape::File && field.required);
    files
        .flat_map(|file| {
            [
                format!("{}: bytes", argument_name(file)),
                format!("{}: str", file_name(file)),
            ]
        })
        .collect()
}

/// The arguments that come by name alone, those that must be there or those that need not; `prefix` is
/// what stands before a type's name.
pub(super) fn others(
    fields: &[Property],
    required: bool,
    typed: &Typed<'_>,
    prefix: &dyn Fn(&str) -> String,
) -> Vec<String> {
    let mut arguments = Vec::new();
    for field in fields.iter().filter(|field| field.required == required) {
        let name = argument_name(field);
        let annotation = annotations::shape(&field.shape, Direction::Sent, typed, prefix);
        match (&field.shape, required) {
            (Shape::File, true) => {}
            (Shape::File, false) => {
                arguments.push(format!("{name}: bytes | None = None"));
                arguments.push(format!("{}: str | None = None", file_name(field)));
            }
            (_, true) => arguments.push(format!("{name}: {annotation}")),
            (_, false) => arguments.push(format!("{name}: {annotation} | None = None")),
        }
    }
    arguments
}

/// The dict that hands a form over: a file as a pair of its name and what is in it.
pub(super) fn body(fields: &[Property]) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|field| {
            let (key, value) = (literal(&field.wire), argument_name(field));
            match field.shape {
                Shape::File => format!("{key}: ({}, {value})", file_name(field)),
                _ => format!("{key}: {value}"),
            }
        })
        .collect();
    let body = bracketed(12, "", ['{', '}'], &fields, "");
    body.trim().to_owned()
}

fn argument_name(field: &Property) -> String {
    name(&identifier(&field.wire))
}

/// The argument for the name of a file.
fn file_name(field: &Property) -> String {
    format!("{}_name", identifier(&field.wire))
}
