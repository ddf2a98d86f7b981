//! The bulk jobs of the catalog and of coupon codes: start, look at, list.
//!
//! All ten work alike; the path of the operation says which one is meant.

use std::collections::BTreeMap;

use klaviyo_gen::Operation;
use klaviyo_gen::operations::BULK_CREATE_COUPON_CODES;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::catalog::{self, shape};
use super::resource::{link, moment};
use super::sparse::sparse;
use super::{Handler, coupons, items};
use crate::account::{Account, Bulk, BulkError, BulkKind, Job, Pace};
use crate::api::{Answer, Call, FieldValue, Filter, Page};
use crate::problem::{Problem, Refusal};
use crate::settings::JobErrorPointer;
use crate::validate::Pointer;

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("bulk_create_catalog_items", start),
    ("get_bulk_create_catalog_items_jobs", list),
    ("get_bulk_create_catalog_items_job", get),
    ("bulk_update_catalog_items", start),
    ("get_bulk_update_catalog_items_jobs", list),
    ("get_bulk_update_catalog_items_job", get),
    ("bulk_delete_catalog_items", start),
    ("get_bulk_delete_catalog_items_jobs", list),
    ("get_bulk_delete_catalog_items_job", get),
    ("bulk_create_catalog_variants", start),
    ("get_bulk_create_variants_jobs", list),
    ("get_bulk_create_variants_job", get),
    ("bulk_update_catalog_variants", start),
    ("get_bulk_update_variants_jobs", list),
    ("get_bulk_update_variants_job", get),
    ("bulk_delete_catalog_variants", start),
    ("get_bulk_delete_variants_jobs", list),
    ("get_bulk_delete_variants_job", get),
    ("bulk_create_catalog_categories", start),
    ("get_bulk_create_categories_jobs", list),
    ("get_bulk_create_categories_job", get),
    ("bulk_update_catalog_categories", start),
    ("get_bulk_update_categories_jobs", list),
    ("get_bulk_update_categories_job", get),
    ("bulk_delete_catalog_categories", start),
    ("get_bulk_delete_categories_jobs", list),
    ("get_bulk_delete_categories_job", get),
    ("bulk_create_coupon_codes", start),
    ("get_bulk_create_coupon_code_jobs", list),
    ("get_bulk_create_coupon_codes_job", get),
];

/// The bulk operation that starts jobs of a kind.
fn operation(kind: BulkKind) -> &'static Operation {
    match kind {
        BulkKind::Catalog(change, kind) => shape::bulk_operation(change, kind),
        BulkKind::CouponCodes => &BULK_CREATE_COUPON_CODES,
    }
}

/// The kind of job that a request is about.
fn kind(call: &Call<'_>) -> BulkKind {
    let collection = call.operation.path.split('/').nth(2).unwrap_or_default();
    BulkKind::all()
        .find(|kind| collection.strip_suffix('s') == Some(&kind.job_type()))
        .expect("the operations of this file have the paths of their kinds")
}

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    data: JobResource<'a>,
}

#[derive(Deserialize)]
struct JobResource<'a> {
    r#type: String,
    #[serde(borrow)]
    attributes: BTreeMap<String, Rows<'a>>,
}

#[derive(Deserialize)]
struct Rows<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
}

fn start(call: &Call<'_>) -> Result<Answer, Refusal> {
    let kind = kind(call);
    let Document { data: job } = call.parse()?;
    items::check_type(&job.r#type, &kind.job_type())?;
    let rows = rows(kind, &job.attributes)?;
    let count = rows.len();

    let caps = items::caps(call.operation);
    let takes = call.settings().job_time;
    let pace = match caps.initial_job_status {
        Some("processing") => Pace::at_once(takes),
        _ => Pace::queued(takes),
    };
    let mut account = call.account();
    if let Some(most) = caps.max_jobs_in_progress {
        let unfinished = account.bulk_jobs.unfinished();
        if unfinished.filter(|job| job.work.kind == kind).count() >= most as usize {
            return Err(Problem::too_many_jobs(most).into());
        }
    }
    let job = account
        .bulk_jobs
        .create(Bulk::new(kind, rows), pace, call.now);
    let body = json!({"data": resource(job, call), "links": {"self": call.url()}});
    Ok(Answer::accepted(Some(body)).with_rows(count))
}

/// The rows, all of them well formed: one that is not refuses them all.
fn rows(
    kind: BulkKind,
    attributes: &BTreeMap<String, Rows<'_>>,
) -> Result<Vec<Map<String, Value>>, Refusal> {
    let name = kind.plural();
    if let Some(unknown) = attributes.keys().find(|other| *other != name) {
        let pointer = format!("/data/attributes/{unknown}");
        return Err(Problem::invalid(&pointer, "The field is not known here.").into());
    }
    let Some(given) = attributes.get(name) else {
        let pointer = format!("/data/attributes/{name}");
        return Err(Problem::invalid(&pointer, "The field is required.").into());
    };
    let operation = operation(kind);
    let caps = items::caps(operation);
    items::check_count(caps, given.data.len())?;
    let schema = items::item_schema(operation);
    let at = Pointer::new(caps.items.unwrap_or_default());
    let mut problems = Vec::new();
    let mut rows = Vec::with_capacity(given.data.len());
    for (index, raw) in given.data.iter().enumerate() {
        at.within(index, |at| {
            if let Some(resource) = items::read(raw, caps, schema, at, &mut problems) {
                check(kind, &resource, at, &mut problems);
                rows.push(resource);
            }
        });
    }
    Refusal::unless_empty(problems)?;
    Ok(rows)
}

fn check(
    kind: BulkKind,
    resource: &Map<String, Value>,
    at: &Pointer<'_>,
    problems: &mut Vec<Problem>,
) {
    match kind {
        BulkKind::Catalog(_, kind) => shape::check(kind, resource, at, problems),
        BulkKind::CouponCodes => coupons::codes::check(resource, at, problems),
    }
}

fn list(call: &Call<'_>) -> Result<Answer, Refusal> {
    let kind = kind(call);
    let filter = Filter::of(call)?;
    let account = call.account();
    let jobs = account.bulk_jobs.iter(call.now).filter(|job| {
        job.work.kind == kind
            && filter.passes(|field| match field {
                "status" => FieldValue::Text(job.status(call.now).as_str()),
                _ => FieldValue::Missing,
            })
    });
    let page = Page::of(jobs, &call.query, &call.url())?;
    let data: Vec<Value> = page
        .rows
        .into_iter()
        .map(|job| resource(job, call))
        .collect();
    Ok(Answer::ok(json!({"data": data, "links": page.links})))
}

fn get(call: &Call<'_>) -> Result<Answer, Refusal> {
    let kind = kind(call);
    let id = call.path.get("job_id");
    let account = call.account();
    let job = account
        .bulk_jobs
        .get(id, call.now)
        .filter(|job| job.work.kind == kind)
        .ok_or_else(|| Problem::not_found(format!("There is no {} {id}.", kind.job_type())))?;
    let mut body = json!({"data": resource(job, call), "links": {"self": call.url()}});
    if call.query.has("include", kind.plural()) {
        body["included"] = done(&account, &job.work, call).into();
    }
    Ok(Answer::ok(body))
}

/// What a job created or updated, as far as it is still there.
fn done(account: &Account, job: &Bulk, call: &Call<'_>) -> Vec<Value> {
    let ids = job.done.iter();
    match job.kind {
        BulkKind::Catalog(_, kind) => ids
            .filter_map(|id| account.catalog.of(kind).get(id))
            .map(|entry| catalog::resource::entry(kind, entry, call))
            .collect(),
        BulkKind::CouponCodes => ids
            .filter_map(|id| account.coupons.codes.get(id))
            .map(|code| coupons::codes::resource(code, call))
            .collect(),
    }
}

fn resource(job: &Job<Bulk>, call: &Call<'_>) -> Value {
    let work = &job.work;
    let ended = job.is_complete().then_some(job.ends);
    let errors: Vec<Value> = work
        .errors
        .iter()
        .map(|failed| error(failed, work.kind, call.settings().job_error_pointer))
        .collect();
    let attributes = Map::from_iter([
        ("status".to_owned(), job.status(call.now).as_str().into()),
        ("created_at".to_owned(), moment(job.created).into()),
        ("completed_at".to_owned(), ended.map(moment).into()),
        ("expires_at".to_owned(), moment(job.expires()).into()),
        ("total_count".to_owned(), work.total.into()),
        ("completed_count".to_owned(), work.done.len().into()),
        ("failed_count".to_owned(), work.errors.len().into()),
        ("errors".to_owned(), errors.into()),
    ]);
    let kind = work.kind;
    let done: Vec<Value> = work
        .done
        .iter()
        .map(|id| json!({"type": kind.resource(), "id": id}))
        .collect();
    json!({
        "type": kind.job_type(),
        "id": job.id,
        "attributes": sparse(attributes, &kind.job_type(), call),
        "relationships": {kind.plural(): {"data": done}},
        "links": {"self": link(call, &format!("{}s", kind.job_type()), &job.id, "")},
    })
}

fn error(failed: &BulkError, kind: BulkKind, points_at: JobErrorPointer) -> Value {
    let objection = &failed.objection;
    let pointer = match points_at {
        JobErrorPointer::Row => {
            let items = items::caps(operation(kind)).items.unwrap_or_default();
            format!("{items}/{}/{}", failed.row, objection.place)
        }
        JobErrorPointer::Request => "/data".to_owned(),
    };
    json!({
        "id": failed.id,
        "code": objection.reason.code(),
        "title": "The row was not taken.",
        "detail": objection.detail,
        "source": {"pointer": pointer},
    })
}
