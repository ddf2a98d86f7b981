//! Object types: create, look at, delete; and the versions of their schemas.

use serde::Deserialize;
use serde_json::{Value, json};

use super::relationships::included_with_type;
use super::{
    Document, Handler, NAMESPACE, Nested, Schema, VISIBILITY, document, not_found, object_type,
    resource, schema,
};
use crate::account::{About, Account, Definition, ObjectSchema, ObjectType, SchemaStatus};
use crate::api::{Answer, Call, FieldValue, Filter};
use crate::operations::items;
use crate::problem::Refusal;

pub(in crate::operations) const OPERATIONS: &[(&str, Handler)] = &[
    ("get_object_types", get_object_types),
    ("create_object_type", create_object_type),
    ("get_object_type", get_object_type),
    ("delete_object_type", delete_object_type),
    ("get_current_schema_for_object_type", |call| {
        one_schema(call, "current schema", |it| it.current.as_deref(), whole)
    }),
    ("get_current_schema_id_for_object_type", |call| {
        one_schema(call, "current schema", |it| it.current.as_deref(), id_only)
    }),
    ("get_draft_schema_for_object_type", |call| {
        one_schema(call, "draft schema", |it| it.draft.as_deref(), whole)
    }),
    ("get_draft_schema_id_for_object_type", |call| {
        one_schema(call, "draft schema", |it| it.draft.as_deref(), id_only)
    }),
    ("get_schema_versions_for_object_type", |call| {
        versions(call, whole)
    }),
    ("get_schema_version_ids_for_object_type", |call| {
        versions(call, id_only)
    }),
];

#[derive(Deserialize)]
struct Attributes {
    title: String,
    description: Option<String>,
    namespace: Option<String>,
    visibility: Option<String>,
    #[serde(rename = "object-schema")]
    schema: Option<Nested<Schema>>,
}

fn get_object_types(call: &Call<'_>) -> Result<Answer, Refusal> {
    let filter = Filter::of(call)?;
    let account = call.account();
    let types = account.objects.types.iter().filter(|object_type| {
        filter.passes(|field| match field {
            "namespace" => FieldValue::Text(&object_type.namespace),
            _ => FieldValue::Missing,
        })
    });
    let types: Vec<&ObjectType> = types.collect();
    let data = types.iter().map(|it| resource::object_type(it, call));
    let mut body = document(data.collect(), call);
    include(&mut body, &types, &account, call);
    Ok(Answer::ok(body))
}

fn create_object_type(call: &Call<'_>) -> Result<Answer, Refusal> {
    let Document { data } = call.parse::<Document<Attributes>>()?;
    items::check_type(&data.r#type, "object-type")?;
    let given = data.attributes;
    let about = About {
        title: given.title,
        description: given.description.unwrap_or_default(),
        namespace: given.namespace.unwrap_or_else(|| NAMESPACE.to_owned()),
        visibility: given.visibility.unwrap_or_else(|| VISIBILITY.to_owned()),
    };
    let described = given.schema.map(|schema| schema.data.attributes);
    let status = described.as_ref().and_then(|schema| schema.status);
    let definition = described.map_or_else(Definition::default, Schema::definition);
    let mut account = call.account();
    let draft = account.objects.create_type(about, definition, call.now)?;
    if status == Some(SchemaStatus::Active) {
        account.objects.activate(&draft, call.now)?;
    }
    let id = &schema(&account, &draft)?.object_type;
    let found = account.objects.types.get(id);
    let created = found.ok_or_else(|| not_found("object-type", id))?;
    let data = resource::object_type(created, call);
    Ok(Answer::created(document(data, call)))
}

fn get_object_type(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let found = object_type(&account, call)?;
    let mut body = document(resource::object_type(found, call), call);
    include(&mut body, &[found], &account, call);
    Ok(Answer::ok(body))
}

/// Adds what the request asks for of the types' schemas, each once, and of what they are related to.
fn include(body: &mut Value, types: &[&ObjectType], account: &Account, call: &Call<'_>) {
    let Some(names) = call.query.list("include") else {
        return;
    };
    let mut included = Vec::new();
    for object_type in types {
        let is_asked_for = |schema: &&ObjectSchema| {
            let id = Some(&schema.id);
            names.iter().any(|name| match *name {
                "current-schema" => object_type.current.as_ref() == id,
                "draft-schema" => object_type.draft.as_ref() == id,
                name => name == "schema-versions",
            })
        };
        let schemas = account.objects.versions(&object_type.id);
        let schemas = schemas.filter(is_asked_for);
        included.extend(schemas.map(|schema| resource::schema(schema, object_type, call)));
        included.extend(included_with_type(object_type, account, call));
    }
    body["included"] = included.into();
}

fn delete_object_type(call: &Call<'_>) -> Result<Answer, Refusal> {
    call.account().objects.delete_type(call.path.get("id"))?;
    Ok(Answer::no_content())
}

/// How a schema of a type is shown.
type Show = fn(&ObjectSchema, &ObjectType, &Call<'_>) -> Value;

fn whole(schema: &ObjectSchema, owner: &ObjectType, call: &Call<'_>) -> Value {
    resource::schema(schema, owner, call)
}

fn id_only(schema: &ObjectSchema, _: &ObjectType, _: &Call<'_>) -> Value {
    json!({"type": "object-schema", "id": schema.id})
}

/// One of a type's schemas, which it need not have.
fn one_schema(
    call: &Call<'_>,
    name: &str,
    choose: fn(&ObjectType) -> Option<&str>,
    show: Show,
) -> Result<Answer, Refusal> {
    let account = call.account();
    let owner = object_type(&account, call)?;
    let id = choose(owner).ok_or_else(|| not_found(name, "of this object type"))?;
    let data = show(schema(&account, id)?, owner, call);
    Ok(Answer::ok(document(data, call)))
}

fn versions(call: &Call<'_>, show: Show) -> Result<Answer, Refusal> {
    let account = call.account();
    let owner = object_type(&account, call)?;
    let versions = account.objects.versions(&owner.id);
    let data = versions.map(|schema| show(schema, owner, call));
    Ok(Answer::ok(document(data.collect(), call)))
}
