//! Looking at bulk profile imports: the jobs, their errors, their profiles and lists.

use serde_json::{Value, json};

use super::{Handler, resource};
use crate::account::{Account, Import, Job, Profile};
use crate::api::{Answer, Call, FieldValue, Filter, Page};
use crate::problem::{Problem, Refusal};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    (
        "get_bulk_import_profiles_jobs",
        get_bulk_import_profiles_jobs,
    ),
    ("get_bulk_import_profiles_job", get_bulk_import_profiles_job),
    (
        "get_errors_for_bulk_import_profiles_job",
        get_errors_for_bulk_import_profiles_job,
    ),
    (
        "get_profiles_for_bulk_import_profiles_job",
        get_profiles_for_bulk_import_profiles_job,
    ),
    (
        "get_list_for_bulk_import_profiles_job",
        get_list_for_bulk_import_profiles_job,
    ),
    (
        "get_profile_ids_for_bulk_import_profiles_job",
        get_profile_ids_for_bulk_import_profiles_job,
    ),
    (
        "get_list_ids_for_bulk_import_profiles_job",
        get_list_ids_for_bulk_import_profiles_job,
    ),
];

fn get_bulk_import_profiles_jobs(call: &Call<'_>) -> Result<Answer, Refusal> {
    let filter = Filter::of(call)?;
    let account = call.account();
    let mut jobs: Vec<&Job<Import>> = account
        .import_jobs
        .iter(call.now)
        .filter(|job| {
            filter.passes(|field| match field {
                "status" => FieldValue::Text(job.status(call.now).as_str()),
                _ => FieldValue::Missing,
            })
        })
        .collect();
    if call.query.get("sort") == Some("-created_at") {
        jobs.reverse();
    }
    let page = Page::of(jobs.into_iter(), &call.query, &call.url())?;
    let data: Vec<Value> = page
        .rows
        .into_iter()
        .map(|job| resource::import_job(job, call))
        .collect();
    Ok(Answer::ok(json!({"data": data, "links": page.links})))
}

fn get_bulk_import_profiles_job(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let job = job(&account, call, "job_id")?;
    let mut body = json!({"data": resource::import_job(job, call), "links": {"self": call.url()}});
    if call.query.has("include", "lists") {
        body["included"] = lists(&account, job, call).into();
    }
    Ok(Answer::ok(body))
}

fn get_errors_for_bulk_import_profiles_job(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let job = job(&account, call, "id")?;
    let page = Page::of(job.work.errors.iter(), &call.query, &call.url())?;
    let data: Vec<Value> = page
        .rows
        .into_iter()
        .map(|error| resource::import_error(error, job, call))
        .collect();
    Ok(Answer::ok(json!({"data": data, "links": page.links})))
}

fn get_profiles_for_bulk_import_profiles_job(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let job = job(&account, call, "id")?;
    let page = Page::of(profiles(&account, job), &call.query, &call.url())?;
    let data: Vec<Value> = page
        .rows
        .into_iter()
        .map(|profile| resource::profile(profile, call))
        .collect();
    Ok(Answer::ok(json!({"data": data, "links": page.links})))
}

fn get_list_for_bulk_import_profiles_job(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let job = job(&account, call, "id")?;
    Ok(Answer::ok(
        json!({"data": lists(&account, job, call), "links": {"self": call.url()}}),
    ))
}

fn get_profile_ids_for_bulk_import_profiles_job(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let job = job(&account, call, "id")?;
    let page = Page::of(profiles(&account, job), &call.query, &call.url())?;
    let data: Vec<Value> = page
        .rows
        .into_iter()
        .map(|profile| json!({"type": "profile", "id": profile.id}))
        .collect();
    Ok(Answer::ok(json!({"data": data, "links": page.links})))
}

fn get_list_ids_for_bulk_import_profiles_job(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let job = job(&account, call, "id")?;
    let data: Vec<Value> = job
        .work
        .lists
        .iter()
        .map(|id| json!({"type": "list", "id": id}))
        .collect();
    Ok(Answer::ok(
        json!({"data": data, "links": {"self": call.url()}}),
    ))
}

/// The job that the path names.
fn job<'a>(
    account: &'a Account,
    call: &Call<'_>,
    parameter: &str,
) -> Result<&'a Job<Import>, Refusal> {
    let id = call.path.get(parameter);
    account
        .import_jobs
        .get(id, call.now)
        .ok_or_else(|| Problem::not_found(format!("There is no bulk import job {id}.")).into())
}

/// The job's profiles that are still there.
fn profiles<'a>(account: &'a Account, job: &Job<Import>) -> impl Iterator<Item = &'a Profile> {
    job.work
        .profiles
        .iter()
        .filter_map(|slot| account.profiles.living(*slot))
}

fn lists(account: &Account, job: &Job<Import>, call: &Call<'_>) -> Vec<Value> {
    job.work
        .lists
        .iter()
        .filter_map(|id| account.lists.get(id))
        .map(|list| resource::list(list, call))
        .collect()
}
