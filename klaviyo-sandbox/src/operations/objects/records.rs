//! Object records: look at, delete in bulk.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Handler, document, not_found, object_type, resource};
use crate::account::{ObjectRecord, ObjectWork, Work};
use crate::api::{Answer, Call, Page};
use crate::clock::after;
use crate::operations::items;
use crate::problem::{Problem, Refusal};

pub(in crate::operations) const OPERATIONS: &[(&str, Handler)] = &[
    ("get_object_record", get_object_record),
    ("get_records_for_object_type", |call| {
        of_type(call, |record| resource::record(record, call))
    }),
    ("get_record_ids_for_object_type", |call| {
        of_type(
            call,
            |record| json!({"type": "object-record", "id": record.id}),
        )
    }),
    ("bulk_delete_object_records", bulk_delete_object_records),
];

fn get_object_record(call: &Call<'_>) -> Result<Answer, Refusal> {
    let id = call.path.get("id");
    let account = call.account();
    let found = account.objects.records.get(id);
    let record = found.ok_or_else(|| not_found("object-record", id))?;
    Ok(Answer::ok(document(resource::record(record, call), call)))
}

fn of_type(call: &Call<'_>, show: impl Fn(&ObjectRecord) -> Value) -> Result<Answer, Refusal> {
    let account = call.account();
    let owner = object_type(&account, call)?;
    let records = account.objects.records_of(&owner.id);
    let page = Page::of(records, &call.query, &call.url())?;
    let data: Vec<Value> = page.rows.into_iter().map(show).collect();
    Ok(Answer::ok(json!({"data": data, "links": page.links})))
}

#[derive(Deserialize)]
struct Document {
    data: Job,
}

#[derive(Deserialize)]
struct Job {
    r#type: String,
    relationships: Relationships,
}

#[derive(Deserialize)]
struct Relationships {
    #[serde(rename = "object-records")]
    records: Related,
}

#[derive(Deserialize)]
struct Related {
    #[serde(default)]
    data: Vec<Identifier>,
}

#[derive(Deserialize)]
struct Identifier {
    r#type: String,
    id: String,
}

/// Nothing tells of a record that was not there.
fn bulk_delete_object_records(call: &Call<'_>) -> Result<Answer, Refusal> {
    let Document { data } = call.parse()?;
    items::check_type(&data.r#type, "object-record-bulk-delete-job")?;
    let caps = items::caps(call.operation);
    let records = data.relationships.records.data;
    items::check_count(caps, records.len())?;
    let mut types = records.iter().map(|record| &record.r#type);
    if let Some(index) = types.position(|kind| kind != "object-record") {
        let pointer = format!("{}/{index}/type", caps.items.unwrap_or_default());
        return Err(Problem::invalid(&pointer, "It must be object-record.").into());
    }
    let count = records.len();
    let work = ObjectWork::Delete {
        records: records.into_iter().map(|record| record.id).collect(),
    };
    let due = after(call.now, call.settings().job_time);
    let mut account = call.account();
    account.pending.push(due, Work::Objects(work));
    Ok(Answer::accepted(None).with_rows(count))
}
