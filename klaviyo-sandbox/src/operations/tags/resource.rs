//! Tags and their groups, as JSON:API resources.

use serde_json::{Map, Value, json};

use super::super::resource::{link, related};
use super::super::sparse::sparse;
use crate::account::{Tag, TagGroup};
use crate::api::Call;

pub(super) fn tag(tag: &Tag, call: &Call<'_>) -> Value {
    let attributes = Map::from_iter([("name".to_owned(), tag.name.as_str().into())]);
    let mut group = related(call, "tags", &tag.id, "tag-group");
    group["data"] = json!({"type": "tag-group", "id": tag.group});
    json!({
        "type": "tag",
        "id": tag.id,
        "attributes": sparse(attributes, "tag", call),
        "relationships": {
            "tag-group": group,
            "lists": related(call, "tags", &tag.id, "lists"),
            "segments": related(call, "tags", &tag.id, "segments"),
            "campaigns": related(call, "tags", &tag.id, "campaigns"),
            "flows": related(call, "tags", &tag.id, "flows"),
        },
        "links": {"self": link(call, "tags", &tag.id, "")},
    })
}

pub(super) fn group(group: &TagGroup, call: &Call<'_>) -> Value {
    let attributes = Map::from_iter([
        ("name".to_owned(), group.name.as_str().into()),
        ("exclusive".to_owned(), group.exclusive.into()),
        ("default".to_owned(), group.default.into()),
    ]);
    json!({
        "type": "tag-group",
        "id": group.id,
        "attributes": sparse(attributes, "tag-group", call),
        "relationships": {"tags": related(call, "tag-groups", &group.id, "tags")},
        "links": {"self": link(call, "tag-groups", &group.id, "")},
    })
}
