//! What object schemas are related to: relate, look at, rename, part; and what object types are, by
//! the schema that is in use.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Handler, document, object_type, schema};
use crate::account::{Account, Naming, ObjectSchema, ObjectType, RelatedTo};
use crate::api::{Answer, Call};
use crate::operations::resource::link;
use crate::problem::{Problem, Refusal};

pub(in crate::operations) const OPERATIONS: &[(&str, Handler)] = &[
    ("create_object_schema_relationship", |call| {
        create(call, RelatedTo::Schema)
    }),
    ("create_profile_schema_relationship", |call| {
        create(call, RelatedTo::Profile)
    }),
    ("get_object_schema_relationships", |call| {
        of_schema(call, RelatedTo::Schema)
    }),
    ("get_profile_schema_relationships", |call| {
        of_schema(call, RelatedTo::Profile)
    }),
    ("update_object_schema_relationship", |call| {
        update(call, RelatedTo::Schema)
    }),
    ("update_profile_schema_relationship", |call| {
        update(call, RelatedTo::Profile)
    }),
    ("delete_object_schema_relationship", |call| {
        delete(call, RelatedTo::Schema)
    }),
    ("delete_profile_schema_relationship", |call| {
        delete(call, RelatedTo::Profile)
    }),
    ("get_object_type_relationships", |call| {
        of_type(call, RelatedTo::Schema)
    }),
    ("get_profile_type_relationships", |call| {
        of_type(call, RelatedTo::Profile)
    }),
];

/// Both kinds.
pub(super) const KINDS: [RelatedTo; 2] = [RelatedTo::Schema, RelatedTo::Profile];

/// A body that names one resource, or several.
#[derive(Deserialize)]
struct Body<T> {
    data: T,
}

#[derive(Deserialize)]
struct Linked {
    id: String,
    #[serde(default)]
    meta: Map<String, Value>,
}

impl Linked {
    fn naming(&self) -> Naming {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Naming {
            name: self.meta.get("name").and_then(text),
            description: self.meta.get("description").map(text),
        }
    }

    /// Which relationship is meant; `at` is where this stands.
    fn relationship(&self, at: &str) -> Result<&str, Problem> {
        let id = self.meta.get("relationship_id").and_then(Value::as_str);
        let pointer = || format!("{at}/meta/relationship_id");
        id.ok_or_else(|| Problem::invalid(&pointer(), "The field is required."))
    }
}

fn create(call: &Call<'_>, to: RelatedTo) -> Result<Answer, Refusal> {
    let Body { data } = call.parse::<Body<Vec<Linked>>>()?;
    let mut account = call.account();
    let id = call.path.get("id");
    schema(&account, id)?;
    for (index, linked) in data.iter().enumerate() {
        if !linked.meta.contains_key("name") {
            let pointer = format!("/data/{index}/meta/name");
            return Err(Problem::invalid(&pointer, "The field is required.").into());
        }
        if to == RelatedTo::Schema && account.objects.schemas.get(&linked.id).is_none() {
            let pointer = format!("/data/{index}/id");
            return Err(Problem::invalid(&pointer, "No object-schema has this id.").into());
        }
    }
    for linked in &data {
        let target = (to, linked.id.as_str());
        account
            .objects
            .relate(id, target, linked.naming(), call.now)?;
    }
    Ok(Answer::no_content())
}

fn update(call: &Call<'_>, to: RelatedTo) -> Result<Answer, Refusal> {
    let Body { data } = call.parse::<Body<Linked>>()?;
    let mut account = call.account();
    let id = call.path.get("id");
    schema(&account, id)?;
    let meant = (to, data.relationship("/data")?);
    account
        .objects
        .rename_relationship(id, meant, data.naming())?;
    Ok(Answer::no_content())
}

fn delete(call: &Call<'_>, to: RelatedTo) -> Result<Answer, Refusal> {
    let Body { data } = call.parse::<Body<Vec<Linked>>>()?;
    let mut account = call.account();
    let id = call.path.get("id");
    let known = schema(&account, id)?;
    let mut meant = Vec::with_capacity(data.len());
    for (index, linked) in data.iter().enumerate() {
        let at = format!("/data/{index}");
        let relationship = linked.relationship(&at)?;
        if !known.related_to(to).any(|it| it.id == relationship) {
            let pointer = format!("{at}/meta/relationship_id");
            return Err(Problem::invalid(&pointer, "No relationship has this id.").into());
        }
        // Named twice, it is still taken off once.
        if !meant.contains(&relationship) {
            meant.push(relationship);
        }
    }
    for relationship in meant {
        account.objects.part(id, to, relationship)?;
    }
    Ok(Answer::no_content())
}

fn of_schema(call: &Call<'_>, to: RelatedTo) -> Result<Answer, Refusal> {
    let account = call.account();
    let schema = schema(&account, call.path.get("id"))?;
    let data = linkages(schema, to);
    Ok(Answer::ok(document(data, call)))
}

fn of_type(call: &Call<'_>, to: RelatedTo) -> Result<Answer, Refusal> {
    let account = call.account();
    let owner = object_type(&account, call)?;
    let related = related_types(owner, to, &account, call).into_iter();
    let linkage = |it: Value| json!({"type": it["type"], "id": it["id"]});
    Ok(Answer::ok(document(related.map(linkage).collect(), call)))
}

pub(super) fn schema_kind(to: RelatedTo) -> &'static str {
    match to {
        RelatedTo::Schema => "object-schema",
        RelatedTo::Profile => "profile-object-schema",
    }
}

pub(super) fn linkages(schema: &ObjectSchema, to: RelatedTo) -> Value {
    let kind = schema_kind(to);
    let related = schema.related_to(to);
    related
        .map(|it| json!({"type": kind, "id": it.target}))
        .collect()
}

/// What a schema is related to, as it is included: only there its relationships have their ids.
pub(super) fn included_with_schema(schema: &ObjectSchema, call: &Call<'_>) -> Vec<Value> {
    let asked_for = KINDS
        .into_iter()
        .filter(|to| call.query.has("include", &format!("{}s", schema_kind(*to))));
    let related = asked_for.flat_map(|to| schema.related_to(to));
    related
        .map(|it| {
            json!({
                "type": schema_kind(it.to),
                "id": it.target,
                "meta": {"relationship_id": it.id, "name": it.name, "description": it.description},
                "links": {"self": link(call, "object-schemas", &it.target, "")},
            })
        })
        .collect()
}

/// What an object type is related to, as it is included.
pub(super) fn included_with_type(
    owner: &ObjectType,
    account: &Account,
    call: &Call<'_>,
) -> Vec<Value> {
    let names = [
        ("object-types", RelatedTo::Schema),
        ("profile-object-types", RelatedTo::Profile),
    ];
    let asked_for = names
        .into_iter()
        .filter(|(name, _)| call.query.has("include", name));
    asked_for
        .flat_map(|(_, to)| related_types(owner, to, account, call))
        .collect()
}

/// The types that a type is related to by its schema in use. The type of profiles goes by the id of
/// their schema: no operation tells another.
fn related_types(
    owner: &ObjectType,
    to: RelatedTo,
    account: &Account,
    call: &Call<'_>,
) -> Vec<Value> {
    let schemas = &account.objects.schemas;
    let current = owner.current.as_deref().and_then(|id| schemas.get(id));
    let related = current.into_iter().flat_map(|schema| schema.related_to(to));
    related
        .map(|it| {
            let (kind, id) = match schemas.get(&it.target) {
                Some(target) if to == RelatedTo::Schema => ("object-type", &target.object_type),
                _ => ("profile-object-type", &it.target),
            };
            json!({
                "type": kind,
                "id": id,
                "meta": {"relationship_id": it.id, "name": it.name, "description": it.description},
                "links": {"self": link(call, "object-types", id, "")},
            })
        })
        .collect()
}
