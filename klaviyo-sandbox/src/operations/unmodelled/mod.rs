//! The operations without a model: the request is checked against the document, and the answer is made
//! from its definition.
//!
//! Nothing is held. The same request gets the same answer; an id in the path is the id of what is
//! answered, and what was sent comes back where the answer has a field for it. Filters are checked,
//! not applied.

mod echo;
mod included;
mod made;

use http::StatusCode;
use klaviyo_gen::schema::{self, How, Maker};
use klaviyo_gen::{MediaType, Method, Success};
use serde_json::{Value, json};

use super::items;
use crate::api::{Answer, Call, Filter, Page};
use crate::problem::{Problem, Refusal};

/// How many resources there are of each kind.
const COUNT: u64 = 3;

/// Answers a request whose path, query and body are as the document demands.
pub(super) fn answer(call: &Call<'_>) -> Result<Answer, Refusal> {
    Filter::of(call)?;
    let sent = match call.operation.body {
        Some(MediaType::JsonApi) => call.parse()?,
        _ => Value::Null,
    };
    check_id(&sent, call)?;
    let rows = count_items(&sent, call)?;
    let Some(success) = call.operation.success.first() else {
        return Ok(Answer::no_content());
    };
    Ok(Answer {
        status: StatusCode::from_u16(success.status).unwrap_or(StatusCode::OK),
        body: body(*success, &sent, call)?,
        rows,
    })
}

/// A resource that is changed must be the one that the path names.
fn check_id(sent: &Value, call: &Call<'_>) -> Result<(), Refusal> {
    let is_change = call.operation.method == Method::Patch;
    match (sent["data"]["id"].as_str(), made::id_in_path(call)) {
        (Some(sent), Some(id)) if is_change && sent != id => {
            Err(Problem::invalid("/data/id", "It must be the id in the path.").into())
        }
        _ => Ok(()),
    }
}

/// How many items a bulk request brings, if they are not too many.
fn count_items(sent: &Value, call: &Call<'_>) -> Result<usize, Refusal> {
    let Some((caps, items)) = call
        .operation
        .caps
        .and_then(|caps| Some((caps, caps.items?)))
    else {
        return Ok(0);
    };
    let count = match items.split_once("/*") {
        Some((groups, items)) => {
            let groups = sent.pointer(groups).and_then(Value::as_array);
            let groups = groups.into_iter().flatten();
            groups.map(|group| length(group, items)).sum()
        }
        None => length(sent, items),
    };
    items::check_count(caps, count)?;
    Ok(count)
}

fn length(value: &Value, pointer: &str) -> usize {
    let array = value.pointer(pointer).and_then(Value::as_array);
    array.map_or(0, Vec::len)
}

/// The body of an answer, made from its definition.
fn body(success: Success, sent: &Value, call: &Call<'_>) -> Result<Option<Value>, Refusal> {
    let definition = schema::answer(call.operation, success.status)
        .and_then(|reference| schema::definition(&reference));
    let Some(definition) = definition else {
        return Ok(None);
    };
    let Value::Object(mut body) = Maker::new(How::PLAIN).make(definition) else {
        return Ok(None);
    };
    body.remove("meta");
    body.remove("included");
    let mut links = json!({"self": call.url()});
    match body.get_mut("data") {
        Some(Value::Array(data)) => {
            let page = Page::of(0..COUNT, &call.query, &call.url())?;
            links = page.links;
            let one = data.pop().unwrap_or_default();
            let row = |number| made::numbered(one.clone(), number, call);
            data.extend(page.rows.into_iter().map(row));
        }
        Some(data) => {
            echo::echo(sent, data, property(definition, "data"));
            made::single(data, sent, call);
        }
        None => {}
    }
    if body.contains_key("links") {
        body.insert("links".to_owned(), links);
    }
    included::include(&mut body, property(definition, "included"), call);
    Ok(Some(Value::Object(body)))
}

/// What a schema says of a property, be it said there, by a reference or by an alternative.
fn property(schema: &'static Value, name: &str) -> Option<&'static Value> {
    if let Some((_, target)) = schema::referred(schema) {
        return property(target, name);
    }
    let here = schema["properties"].get(name);
    here.or_else(|| {
        let parts = ["allOf", "anyOf"].into_iter();
        let mut parts = parts
            .filter_map(|keyword| schema[keyword].as_array())
            .flatten();
        parts.find_map(|part| property(part, name))
    })
}
