//! The ingestion log of an object type: which records failed, and why.

use serde_json::{Value, json};

use super::{Handler, object_type, resource};
use crate::account::{Account, IngestionLog};
use crate::api::{Answer, Call, FieldValue, Filter, Page};
use crate::problem::Refusal;

pub(in crate::operations) const OPERATIONS: &[(&str, Handler)] = &[
    (
        "get_ingestion_logs_for_object_type",
        get_ingestion_logs_for_object_type,
    ),
    (
        "get_ingestion_log_ids_for_object_type",
        get_ingestion_log_ids_for_object_type,
    ),
];

/// Entries of a page (spec).
const PAGE_SIZE: usize = 50;

fn page<'a>(account: &'a Account, call: &Call<'_>) -> Result<Page<&'a IngestionLog>, Refusal> {
    let filter = Filter::of(call)?;
    let owner = object_type(account, call)?;
    let logs = account.objects.logs_of(&owner.id, call.now).filter(|log| {
        filter.passes(|field| match field {
            "event_type" => FieldValue::Text("validation_error"),
            "status" => FieldValue::Text("error"),
            "timestamp" => FieldValue::Moment(log.at),
            // Whether it is the compound id or the record's own is unverified: both find it.
            "record_id" => FieldValue::Texts(
                log.record
                    .as_deref()
                    .into_iter()
                    .chain(log.own_id())
                    .collect(),
            ),
            _ => FieldValue::Missing,
        })
    });
    Page::of_size(PAGE_SIZE, logs, &call.query, &call.url())
}

fn get_ingestion_logs_for_object_type(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let page = page(&account, call)?;
    let mut body = json!({"links": page.links});
    if call.query.get("include").is_some() {
        body["included"] = included(&account, &page.rows, call)?.into();
    }
    let data = page.rows.into_iter();
    body["data"] = data.map(|log| resource::log(log, call)).collect();
    Ok(Answer::ok(body))
}

/// The type, and the records that are there: one that failed need not be.
fn included(
    account: &Account,
    logs: &[&IngestionLog],
    call: &Call<'_>,
) -> Result<Vec<Value>, Refusal> {
    let mut included = Vec::new();
    if call.query.has("include", "object-type") && !logs.is_empty() {
        included.push(resource::object_type(object_type(account, call)?, call));
    }
    if call.query.has("include", "object-record") {
        let mut ids: Vec<&String> = logs.iter().filter_map(|log| log.record.as_ref()).collect();
        ids.sort_unstable();
        ids.dedup();
        let records = ids
            .into_iter()
            .filter_map(|id| account.objects.records.get(id));
        included.extend(records.map(|record| resource::record(record, call)));
    }
    Ok(included)
}

fn get_ingestion_log_ids_for_object_type(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let page = page(&account, call)?;
    let data: Vec<Value> = page
        .rows
        .into_iter()
        .map(|log| json!({"type": "object-ingestion-log", "id": log.id}))
        .collect();
    Ok(Answer::ok(json!({"data": data, "links": page.links})))
}
