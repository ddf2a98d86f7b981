//! Custom objects as JSON:API resources.

use serde_json::{Map, Value, json};

use super::relationships;
use crate::account::{DataSource, IngestionLog, ObjectRecord, ObjectSchema, ObjectType};
use crate::account::{SchemaStatus, SourceMapping};
use crate::api::Call;
use crate::operations::resource::{link, moment, related};
use crate::operations::sparse::sparse;

/// A resource with the attributes that a request asks for.
fn resource(kind: &str, collection: &str, id: &str, attributes: Value, call: &Call<'_>) -> Value {
    let attributes = match attributes {
        Value::Object(attributes) => attributes,
        _ => Map::new(),
    };
    json!({
        "type": kind,
        "id": id,
        "attributes": sparse(attributes, kind, call),
        "links": {"self": link(call, collection, id, "")},
    })
}

pub(super) fn source(source: &DataSource, call: &Call<'_>) -> Value {
    let attributes = json!({
        "title": source.title,
        "description": source.description,
        "namespace": source.namespace,
        "visibility": source.visibility,
    });
    resource("data-source", "data-sources", &source.id, attributes, call)
}

pub(super) fn object_type(object_type: &ObjectType, call: &Call<'_>) -> Value {
    let status = match object_type.current {
        Some(_) => SchemaStatus::Active,
        None => SchemaStatus::Draft,
    };
    let attributes = json!({
        "title": object_type.title,
        "description": object_type.description,
        "namespace": object_type.namespace,
        "status": status,
        "created_at": moment(object_type.created),
        "updated_at": moment(object_type.updated),
    });
    let (collection, id) = ("object-types", &object_type.id);
    let mut resource = resource("object-type", collection, id, attributes, call);
    for (name, schema) in [
        ("current-schema", &object_type.current),
        ("draft-schema", &object_type.draft),
    ] {
        let relationship = &mut resource["relationships"][name];
        *relationship = related(call, collection, id, name);
        if let Some(schema) = schema {
            relationship["data"] = json!({"type": "object-schema", "id": schema});
        }
    }
    resource["relationships"]["schema-versions"] = related(call, collection, id, "schema-versions");
    resource
}

pub(super) fn schema(schema: &ObjectSchema, owner: &ObjectType, call: &Call<'_>) -> Value {
    let attributes = json!({
        "title": owner.title,
        "description": owner.description,
        "properties": schema.properties,
        "required": schema.required,
        "status": schema.status,
        "published_at": schema.published.map(moment),
        "visibility": owner.visibility,
    });
    let (collection, id) = ("object-schemas", &schema.id);
    let mut resource = resource("object-schema", collection, id, attributes, call);
    let mut mapping = related(call, collection, id, "source-mapping");
    mapping["data"] = json!({"type": "source-mapping", "id": schema.mapping_id});
    resource["relationships"] = json!({"source-mapping": mapping});
    for to in relationships::KINDS {
        let name = format!("{}s", relationships::schema_kind(to));
        let mut relationship = related(call, collection, id, &name);
        relationship["data"] = relationships::linkages(schema, to);
        resource["relationships"][name] = relationship;
    }
    resource
}

pub(super) fn mapping(schema: &ObjectSchema, call: &Call<'_>) -> Value {
    let SourceMapping {
        property_mappings,
        relationship_mappings,
    } = &schema.mapping;
    let attributes = json!({
        "property_mappings": property_mappings,
        "relationship_mappings": relationship_mappings,
    });
    let id = &schema.mapping_id;
    resource("source-mapping", "source-mappings", id, attributes, call)
}

pub(super) fn record(record: &ObjectRecord, call: &Call<'_>) -> Value {
    let attributes = json!({"record_properties": record.properties});
    let id = &record.id;
    resource("object-record", "object-records", id, attributes, call)
}

pub(super) fn log(log: &IngestionLog, call: &Call<'_>) -> Value {
    let errors: Vec<Value> = log
        .errors
        .iter()
        .map(|error| {
            json!({
                "code": error.fault.code(),
                "message": error.fault.message(),
                "property": error.property,
                "invalid_value": error.invalid_value.as_ref().map(Value::to_string),
            })
        })
        .collect();
    let meant_for = log.own_id().unwrap_or("a record without an id");
    let attributes = json!({
        "status": "error",
        "event_type": "validation_error",
        "timestamp": moment(log.at),
        "summary": format!("{} error(s) in {meant_for}.", errors.len()),
        "errors": errors,
    });
    let kind = "object-ingestion-log";
    let mut resource = resource(kind, "object-types", &log.object_type, attributes, call);
    resource["id"] = log.id.as_str().into();
    resource["links"]["self"] = link(
        call,
        "object-types",
        &log.object_type,
        "/object-ingestion-logs",
    )
    .into();
    let object_type = json!({"type": "object-type", "id": log.object_type});
    resource["relationships"] = json!({"object-type": {"data": object_type}});
    if let Some(record) = &log.record {
        let record = json!({"type": "object-record", "id": record});
        resource["relationships"]["object-record"] = json!({"data": record});
    }
    resource
}
