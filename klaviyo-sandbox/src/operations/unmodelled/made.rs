//! Made resources: their ids, their links, and the fields that were asked for.

use klaviyo_gen::OPERATIONS;
use serde_json::{Map, Value};

use super::super::resource::{link, related};
use super::super::sparse::sparse;
use crate::account::Ids;
use crate::api::Call;

/// What the maker writes where any id may stand. Where only certain ones may, it takes one of these.
const ANY_ID: &str = "id";

/// The id in the path, if it is that of the resource which the request is about.
pub(super) fn id_in_path<'a>(call: &'a Call<'_>) -> Option<&'a str> {
    let last = call.operation.path.rsplit('/').next()?;
    let name = last.strip_prefix('{')?.strip_suffix('}')?;
    Some(call.path.get(name))
}

/// Finishes the only resource of an answer.
pub(super) fn single(resource: &mut Value, sent: &Value, call: &Call<'_>) {
    let kind = text(resource, "type");
    let sent = &sent["data"];
    // A clone is another resource than the one that is cloned.
    let is_clone = call.operation.id.starts_with("clone_");
    let sent_id = sent["id"]
        .as_str()
        .filter(|_| sent["type"] == kind && !is_clone);
    let id = match id_in_path(call).or(sent_id) {
        Some(id) => id.to_owned(),
        None if call.body.is_empty() => Ids::made_up(&kind, 0),
        None => Ids::made_up(&kind, Ids::number_of(&call.body)),
    };
    finish(resource, id, call);
}

/// Finishes one of several resources of a kind.
pub(super) fn numbered(mut resource: Value, number: u64, call: &Call<'_>) -> Value {
    let id = Ids::made_up(&text(&resource, "type"), number);
    finish(&mut resource, id, call);
    resource
}

fn finish(resource: &mut Value, id: String, call: &Call<'_>) {
    let kind = text(resource, "type");
    let Value::Object(members) = resource else {
        return;
    };
    if members
        .get("id")
        .is_some_and(|made| made == ANY_ID || id_in_path(call) == Some(&id))
    {
        members.insert("id".to_owned(), id.clone().into());
    }
    if let Some(relationships) = members.get_mut("relationships") {
        relate(relationships, &kind, &id, call);
    }
    if let Some(Value::Object(links)) = members.get_mut("links")
        && links.contains_key("self")
    {
        let own = collection(&kind).map_or_else(|| call.url(), |it| link(call, it, &id, ""));
        links.insert("self".to_owned(), own.into());
    }
    if let Some(Value::Object(attributes)) = members.get_mut("attributes") {
        let all = std::mem::take(attributes);
        *attributes = sparse(without_additional(all, &kind, call), &kind, call);
    }
}

/// Ids and links of the resources that one is related to. Of each kind it is the first.
fn relate(relationships: &mut Value, kind: &str, id: &str, call: &Call<'_>) {
    let relationships = relationships.as_object_mut().into_iter().flatten();
    for (name, relationship) in relationships {
        match relationship.get_mut("data") {
            Some(Value::Array(linkages)) => linkages.iter_mut().for_each(identify),
            Some(linkage) => identify(linkage),
            None => {}
        }
        if relationship.get("links").is_some()
            && let Some(collection) = collection(kind)
        {
            relationship["links"] = related(call, collection, id, name)["links"].take();
        }
    }
}

fn identify(linkage: &mut Value) {
    if linkage["id"] == ANY_ID {
        linkage["id"] = Ids::made_up(&text(linkage, "type"), 0).into();
    }
}

/// Leaves out the attributes that only come when they are asked for.
fn without_additional(
    mut attributes: Map<String, Value>,
    kind: &str,
    call: &Call<'_>,
) -> Map<String, Value> {
    let parameter = format!("additional-fields[{kind}]");
    for name in call.query.values_of(&parameter) {
        if !call.query.has(&parameter, name) {
            attributes.remove(*name);
        }
    }
    attributes
}

/// The part of the path under which resources of a kind are found, if they are found one by one.
fn collection(kind: &str) -> Option<&'static str> {
    let plural = match kind.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{kind}s"),
    };
    OPERATIONS.iter().find_map(|operation| {
        let (collection, _) = operation.path.strip_prefix("/api/")?.split_once("/{")?;
        (collection == plural).then_some(collection)
    })
}

fn text(resource: &Value, member: &str) -> String {
    resource[member].as_str().unwrap_or_default().to_owned()
}
