//! Operations that list something: they answer with a `Page`, which is of what stands in it.

use std::collections::BTreeSet;

use super::annotations::shape;
use crate::client::Typed;
use crate::client::calls::{Answer, Call};
use crate::client::model::{Property, Shape, Type};
use crate::client::reach::Direction;
use crate::facts::Method;

/// The type that describes a page of what the operation lists, if it lists something.
pub(super) fn page_type<'a>(call: &'a Call<'_>, typed: &Typed<'_>) -> Option<&'a str> {
    match &call.answer {
        Answer::One(name) if call.operation.method == Method::Get => {
            elements(name, "data", typed).map(|_| name.as_str())
        }
        _ => None,
    }
}

/// The types of pages that are nothing else: a `Page` of the types in them stands for them.
pub(super) fn only_pages<'a>(typed: &'a Typed<'_>) -> BTreeSet<&'a str> {
    let calls = || typed.tags.values().flatten();
    let pages: BTreeSet<&str> = calls().filter_map(|call| page_type(call, typed)).collect();
    let other_answers = calls()
        .filter(|call| page_type(call, typed).is_none())
        .flat_map(|call| call.answer.types())
        .map(String::as_str)
        .collect();
    &pages - &other_answers
}

/// The annotation of a page; `prefix` is what stands before a type's name.
pub(super) fn page(
    call: &Call<'_>,
    typed: &Typed<'_>,
    prefix: &dyn Fn(&str) -> String,
) -> Option<String> {
    let name = page_type(call, typed)?;
    let of = |member: &str| {
        let elements = elements(name, member, typed)?;
        Some(shape(elements, Direction::Received, typed, prefix))
    };
    let parameters: Vec<String> = ["data", "included"].into_iter().filter_map(of).collect();
    Some(format!("Page[{}]", parameters.join(", ")))
}

/// What a member of an answer is a list of.
fn elements<'a>(name: &str, member: &str, typed: &'a Typed<'_>) -> Option<&'a Shape> {
    let Some(Type::Object(members)) = typed.types.get(name) else {
        return None;
    };
    let is_it = |one: &&Property| one.wire == member;
    match &members.iter().find(is_it)?.shape {
        Shape::List { item, .. } => Some(item),
        Shape::Named(name) => match typed.types.get(name)? {
            Type::Alias(Shape::List { item, .. }) => Some(item),
            _ => None,
        },
        _ => None,
    }
}
