//! Data sources: create, look at, delete; and the records that are sent to them.

use klaviyo_gen::operations::BULK_CREATE_DATA_SOURCE_RECORDS;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use serde_json::value::RawValue;

use super::{Document, Handler, NAMESPACE, VISIBILITY, document, not_found, resource};
use crate::account::{About, Account, DataSource, ObjectWork, Work};
use crate::api::{Answer, Call, FieldValue, Filter, Page};
use crate::clock::after;
use crate::operations::items;
use crate::problem::{Problem, Refusal};
use crate::validate::Pointer;

pub(in crate::operations) const OPERATIONS: &[(&str, Handler)] = &[
    ("get_data_sources", get_data_sources),
    ("create_data_source", create_data_source),
    ("get_data_source", get_data_source),
    ("delete_data_source", delete_data_source),
    (
        "bulk_create_data_source_records",
        bulk_create_data_source_records,
    ),
    ("create_data_source_record", create_data_source_record),
];

/// Most characters of a title (spec).
const TITLE_CHARS: usize = 255;

#[derive(Deserialize)]
struct Attributes {
    title: String,
    description: Option<String>,
    namespace: Option<String>,
    visibility: Option<String>,
}

fn get_data_sources(call: &Call<'_>) -> Result<Answer, Refusal> {
    let filter = Filter::of(call)?;
    let account = call.account();
    let sources = account.objects.sources.iter().filter(|source| {
        filter.passes(|field| match field {
            "namespace" => FieldValue::Text(&source.namespace),
            _ => FieldValue::Missing,
        })
    });
    let page = Page::of(sources, &call.query, &call.url())?;
    let data: Vec<Value> = page
        .rows
        .into_iter()
        .map(|source| resource::source(source, call))
        .collect();
    Ok(Answer::ok(json!({"data": data, "links": page.links})))
}

fn create_data_source(call: &Call<'_>) -> Result<Answer, Refusal> {
    let Document { data } = call.parse::<Document<Attributes>>()?;
    items::check_type(&data.r#type, "data-source")?;
    let given = data.attributes;
    let length = given.title.chars().count();
    if !(1..=TITLE_CHARS).contains(&length) {
        let detail = format!("It must have 1 to {TITLE_CHARS} characters.");
        return Err(Problem::invalid("/data/attributes/title", detail).into());
    }
    let about = About {
        title: given.title,
        description: given.description.unwrap_or_default(),
        namespace: given.namespace.unwrap_or_else(|| NAMESPACE.to_owned()),
        visibility: given.visibility.unwrap_or_else(|| VISIBILITY.to_owned()),
    };
    let mut account = call.account();
    let id = account.objects.create_source(about, call.now)?;
    let source = find(&account, &id)?;
    Ok(Answer::created(document(
        resource::source(source, call),
        call,
    )))
}

fn get_data_source(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let source = find(&account, call.path.get("id"))?;
    Ok(Answer::ok(document(resource::source(source, call), call)))
}

fn delete_data_source(call: &Call<'_>) -> Result<Answer, Refusal> {
    let id = call.path.get("id");
    let mut account = call.account();
    find(&account, id)?;
    account.objects.sources.remove(id);
    Ok(Answer::no_content())
}

fn find<'a>(account: &'a Account, id: &str) -> Result<&'a DataSource, Refusal> {
    let found = account.objects.sources.get(id);
    found.ok_or_else(|| not_found("data-source", id))
}

/// A body that brings records, in a place of its own for one and for several.
#[derive(Deserialize)]
struct Intake<A> {
    data: IntakeResource<A>,
}

#[derive(Deserialize)]
struct IntakeResource<A> {
    r#type: String,
    attributes: A,
    relationships: Relationships,
}

#[derive(Deserialize)]
struct Several<'a> {
    #[serde(borrow, rename = "data-source-records")]
    records: Data<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
struct Single<'a> {
    #[serde(borrow, rename = "data-source-record")]
    record: Data<&'a RawValue>,
}

#[derive(Deserialize)]
struct Data<T> {
    data: T,
}

#[derive(Deserialize)]
struct Relationships {
    #[serde(rename = "data-source")]
    source: Related,
}

#[derive(Deserialize)]
struct Related {
    data: Option<Identifier>,
}

#[derive(Deserialize)]
struct Identifier {
    id: String,
}

fn bulk_create_data_source_records(call: &Call<'_>) -> Result<Answer, Refusal> {
    let Intake { data } = call.parse::<Intake<Several<'_>>>()?;
    items::check_type(&data.r#type, "data-source-record-bulk-create-job")?;
    let caps = items::caps(call.operation);
    let rows = data.attributes.records.data;
    items::check_count(caps, rows.len())?;
    let at = caps.items.unwrap_or_default();
    let placed = rows.iter().enumerate();
    let placed = placed.map(|(index, row)| (format!("{at}/{index}"), *row));
    take(call, data.relationships, placed)
}

fn create_data_source_record(call: &Call<'_>) -> Result<Answer, Refusal> {
    let Intake { data } = call.parse::<Intake<Single<'_>>>()?;
    items::check_type(&data.r#type, "data-source-record-create-job")?;
    let at = "/data/attributes/data-source-record/data".to_owned();
    let row = data.attributes.record.data;
    take(call, data.relationships, [(at, row)].into_iter())
}

/// Takes records, each with its place in the body. What becomes of them shows later, and elsewhere.
fn take<'a>(
    call: &Call<'_>,
    relationships: Relationships,
    rows: impl Iterator<Item = (String, &'a RawValue)>,
) -> Result<Answer, Refusal> {
    let caps = items::caps(call.operation);
    // The shape of a record is the same whether it comes alone or not.
    let schema = items::item_schema(&BULK_CREATE_DATA_SOURCE_RECORDS);
    let mut problems = Vec::new();
    let mut records = Vec::new();
    for (at, row) in rows {
        let at = Pointer::new(&at);
        if let Some(mut row) = items::read(row, caps, schema, &at, &mut problems) {
            records.push(row["attributes"]["record"].take());
        }
    }
    Refusal::unless_empty(problems)?;
    let place = "/data/relationships/data-source/data";
    let source = relationships.source.data;
    let Identifier { id } =
        source.ok_or_else(|| Problem::invalid(place, "The field is required."))?;
    let count = records.len();

    let mut account = call.account();
    if !account.objects.sources.contains(&id) {
        let detail = format!("There is no data-source {id}.");
        return Err(Problem::invalid(&format!("{place}/id"), detail).into());
    }
    let work = ObjectWork::Ingest {
        source: id,
        records,
    };
    let due = after(call.now, call.settings().job_time);
    account.pending.push(due, Work::Objects(work));
    Ok(Answer::no_content().with_rows(count))
}
