//! Object schemas and their source mappings: create, look at, change, put to use.

use serde::Deserialize;
use serde_json::{Value, json};

use super::relationships::included_with_schema;
use super::{Document, Handler, Schema, document, not_found, resource, schema};
use crate::account::{Account, ObjectSchema, ObjectType, SchemaStatus};
use crate::api::{Answer, Call};
use crate::operations::items;
use crate::problem::{Problem, Refusal};

pub(in crate::operations) const OPERATIONS: &[(&str, Handler)] = &[
    ("create_object_schema", create_object_schema),
    ("get_object_schema", get_object_schema),
    ("update_object_schema", update_object_schema),
    (
        "get_source_mapping_for_object_schema",
        get_source_mapping_for_object_schema,
    ),
    (
        "get_source_mapping_id_for_object_schema",
        get_source_mapping_id_for_object_schema,
    ),
    ("get_source_mapping", get_source_mapping),
    ("update_source_mapping", update_source_mapping),
];

#[derive(Deserialize)]
struct NewSchema {
    data: NewSchemaResource,
}

#[derive(Deserialize)]
struct NewSchemaResource {
    r#type: String,
    attributes: Schema,
    #[serde(default)]
    relationships: Value,
}

fn create_object_schema(call: &Call<'_>) -> Result<Answer, Refusal> {
    let NewSchema { data } = call.parse()?;
    items::check_type(&data.r#type, "object-schema")?;
    let place = "/data/relationships/object-type/data";
    let owner = data.relationships["object-type"]["data"]["id"]
        .as_str()
        .ok_or_else(|| Problem::invalid(place, "The field is required."))?;
    let mut given = data.attributes;
    let about = (given.title.take(), given.description.take());
    let status = given.status;
    let mut account = call.account();
    let definition = given.definition();
    let id = account.objects.create_schema(owner, definition, call.now)?;
    finish(&mut account, &id, about, status, call)?;
    Ok(Answer::created(shown(&account, &id, call)?))
}

fn get_object_schema(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let id = call.path.get("id");
    let mut body = shown(&account, id, call)?;
    if call.query.get("include").is_some() {
        let schema = schema(&account, id)?;
        let mut included = included_with_schema(schema, call);
        if call.query.has("include", "source-mapping") {
            included.push(resource::mapping(schema, call));
        }
        body["included"] = included.into();
    }
    Ok(Answer::ok(body))
}

fn update_object_schema(call: &Call<'_>) -> Result<Answer, Refusal> {
    let Document { data } = call.parse::<Document<Schema>>()?;
    items::check_type(&data.r#type, "object-schema")?;
    let id = call.path.get("id");
    let mut account = call.account();
    schema(&account, id)?;
    items::check_id(data.id.as_deref(), call)?;
    let given = data.attributes;
    account
        .objects
        .update_schema(id, given.properties, given.required, call.now)?;
    let about = (given.title, given.description);
    finish(&mut account, id, about, given.status, call)?;
    Ok(Answer::ok(shown(&account, id, call)?))
}

/// Title and description are those of the object type (spec); a schema can be put to use at once.
fn finish(
    account: &mut Account,
    id: &str,
    (title, description): (Option<String>, Option<String>),
    status: Option<SchemaStatus>,
    call: &Call<'_>,
) -> Result<(), Refusal> {
    let owner = schema(account, id)?.object_type.clone();
    if let Some(owner) = account.objects.types.get_mut(&owner) {
        if let Some(title) = title {
            owner.title = title;
        }
        if let Some(description) = description {
            owner.description = description;
        }
    }
    if status == Some(SchemaStatus::Active) {
        account.objects.activate(id, call.now)?;
    }
    Ok(())
}

fn shown(account: &Account, id: &str, call: &Call<'_>) -> Result<Value, Refusal> {
    let schema = schema(account, id)?;
    let owner = owner(account, schema)?;
    Ok(document(resource::schema(schema, owner, call), call))
}

fn owner<'a>(account: &'a Account, schema: &ObjectSchema) -> Result<&'a ObjectType, Refusal> {
    let id = &schema.object_type;
    let found = account.objects.types.get(id);
    found.ok_or_else(|| not_found("object-type", id))
}

fn get_source_mapping_for_object_schema(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let schema = schema(&account, call.path.get("id"))?;
    Ok(Answer::ok(document(resource::mapping(schema, call), call)))
}

fn get_source_mapping_id_for_object_schema(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let schema = schema(&account, call.path.get("id"))?;
    let data = json!({"type": "source-mapping", "id": schema.mapping_id});
    Ok(Answer::ok(document(data, call)))
}

fn get_source_mapping(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let schema = mapped(&account, call)?;
    Ok(Answer::ok(document(resource::mapping(schema, call), call)))
}

#[derive(Deserialize)]
struct Changes {
    property_mappings: Option<Value>,
    relationship_mappings: Option<Vec<Value>>,
}

fn update_source_mapping(call: &Call<'_>) -> Result<Answer, Refusal> {
    let Document { data } = call.parse::<Document<Changes>>()?;
    items::check_type(&data.r#type, "source-mapping")?;
    let mut account = call.account();
    let found = mapped(&account, call)?;
    items::check_id(data.id.as_deref(), call)?;
    let (id, mut mapping) = (found.id.clone(), found.mapping.clone());
    if let Some(given) = data.attributes.property_mappings {
        let place = "/data/attributes/property_mappings";
        mapping.property_mappings = serde_json::from_value(given)
            .map_err(|_| Problem::invalid(place, "It has not the shape that it needs."))?;
    }
    if let Some(given) = data.attributes.relationship_mappings {
        mapping.relationship_mappings = given;
    }
    account.objects.update_mapping(&id, mapping)?;
    let schema = schema(&account, &id)?;
    Ok(Answer::ok(document(resource::mapping(schema, call), call)))
}

/// The schema whose source mapping the path names.
fn mapped<'a>(account: &'a Account, call: &Call<'_>) -> Result<&'a ObjectSchema, Refusal> {
    let id = call.path.get("id");
    let mut schemas = account.objects.schemas.iter();
    schemas
        .find(|schema| schema.mapping_id == id)
        .ok_or_else(|| not_found("source-mapping", id))
}
