//! Custom objects: data sources, object types with their schemas, relationships and source mappings,
//! object records, and the log of what failed on the way.

mod logs;
mod records;
mod relationships;
mod resource;
mod schemas;
mod sources;
mod types;

pub(super) use logs::OPERATIONS as LOGS;
pub(super) use records::OPERATIONS as RECORDS;
pub(super) use relationships::OPERATIONS as RELATIONSHIPS;
pub(super) use schemas::OPERATIONS as SCHEMAS;
pub(super) use sources::OPERATIONS as SOURCES;
pub(super) use types::OPERATIONS as TYPES;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Handler;
use super::body::Document;
use crate::account::{Account, Definition, ObjectSchema, ObjectType, Property};
use crate::account::{SchemaStatus, SourceMapping};
use crate::api::Call;
use crate::problem::{Problem, Refusal};

/// The namespace of what names none (spec).
const NAMESPACE: &str = "custom-objects";
/// Who sees what does not say it. Unverified.
const VISIBILITY: &str = "private";

/// A resource inside another.
#[derive(Deserialize)]
struct Nested<A> {
    data: NestedResource<A>,
}

#[derive(Deserialize)]
struct NestedResource<A> {
    attributes: A,
}

/// A schema as a body describes it.
#[derive(Deserialize)]
struct Schema {
    title: Option<String>,
    description: Option<String>,
    properties: Option<Vec<Property>>,
    required: Option<Vec<String>>,
    #[serde(rename = "source-mapping")]
    source_mapping: Option<Nested<SourceMapping>>,
    status: Option<SchemaStatus>,
}

impl Schema {
    fn definition(self) -> Definition {
        let mapping = self.source_mapping;
        Definition {
            properties: self.properties.unwrap_or_default(),
            required: self.required.unwrap_or_default(),
            mapping: mapping.map_or_else(SourceMapping::default, |it| it.data.attributes),
        }
    }
}

/// The object type that the path names.
fn object_type<'a>(account: &'a Account, call: &Call<'_>) -> Result<&'a ObjectType, Refusal> {
    let id = call.path.get("id");
    let found = account.objects.types.get(id);
    found.ok_or_else(|| not_found("object-type", id))
}

fn schema<'a>(account: &'a Account, id: &str) -> Result<&'a ObjectSchema, Refusal> {
    let found = account.objects.schemas.get(id);
    found.ok_or_else(|| not_found("object-schema", id))
}

fn not_found(kind: &str, id: &str) -> Refusal {
    Problem::not_found(format!("There is no {kind} {id}.")).into()
}

/// The body of an answer about one resource, or about several that come without pages.
fn document(data: Value, call: &Call<'_>) -> Value {
    json!({"data": data, "links": {"self": call.url()}})
}
