//! Bulk suppressions and their opposite: start a job, look at jobs.

use serde_json::{Map, Value, json};

use super::{Handler, consent_job, items, resource};
use crate::account::{Account, Direction, Job, Pace, Suppressing, Target};
use crate::api::{Answer, Call, FieldValue, Filter, Page};
use crate::problem::{Problem, Refusal};
use crate::validate;

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("bulk_suppress_profiles", bulk_suppress_profiles),
    ("bulk_unsuppress_profiles", bulk_unsuppress_profiles),
    (
        "get_bulk_suppress_profiles_jobs",
        get_bulk_suppress_profiles_jobs,
    ),
    (
        "get_bulk_unsuppress_profiles_jobs",
        get_bulk_unsuppress_profiles_jobs,
    ),
    (
        "get_bulk_suppress_profiles_job",
        get_bulk_suppress_profiles_job,
    ),
    (
        "get_bulk_unsuppress_profiles_job",
        get_bulk_unsuppress_profiles_job,
    ),
];

fn bulk_suppress_profiles(call: &Call<'_>) -> Result<Answer, Refusal> {
    start(Direction::Suppress, call)
}

fn bulk_unsuppress_profiles(call: &Call<'_>) -> Result<Answer, Refusal> {
    start(Direction::Unsuppress, call)
}

fn get_bulk_suppress_profiles_jobs(call: &Call<'_>) -> Result<Answer, Refusal> {
    jobs(Direction::Suppress, call)
}

fn get_bulk_unsuppress_profiles_jobs(call: &Call<'_>) -> Result<Answer, Refusal> {
    jobs(Direction::Unsuppress, call)
}

fn get_bulk_suppress_profiles_job(call: &Call<'_>) -> Result<Answer, Refusal> {
    job(Direction::Suppress, call)
}

fn get_bulk_unsuppress_profiles_job(call: &Call<'_>) -> Result<Answer, Refusal> {
    job(Direction::Unsuppress, call)
}

fn start(direction: Direction, call: &Call<'_>) -> Result<Answer, Refusal> {
    let target = target(call)?;
    let rows = match &target {
        Target::Emails(emails) => emails.len(),
        Target::List(_) | Target::Segment(_) => 0,
    };
    let mut account = call.account();
    known(&target, &account)?;
    let job = account.start_suppression(direction, target, pace(call), call.now);
    let data = resource::suppression_job(job, call);
    Ok(
        Answer::accepted(Some(json!({"data": data, "links": {"self": call.url()}})))
            .with_rows(rows),
    )
}

/// A job is at work at once where the answer to the request was seen to say so.
fn pace(call: &Call<'_>) -> Pace {
    let takes = call.settings().job_time;
    let pace = match items::caps(call.operation).initial_job_status {
        Some("processing") => Pace::at_once(takes),
        _ => Pace::queued(takes),
    };
    pace.lingering(call.settings().suppression_lag)
}

/// Whom the request is about: profiles, or one list, or one segment, never two of them.
fn target(call: &Call<'_>) -> Result<Target, Refusal> {
    let mut body = consent_job::read(call)?;
    let (list, segment) = (body.take_list(), body.take_segment());
    match (body.has_profiles(), list, segment) {
        (true, None, None) => {
            let emails = body.take_rows(call.operation, |item, at, problems| {
                validate::profile(&item, at, problems);
                email(&item)
            })?;
            Ok(Target::Emails(emails))
        }
        (false, Some(list), None) => Ok(Target::List(list)),
        (false, None, Some(segment)) => Ok(Target::Segment(segment)),
        _ => {
            let detail = "It takes profiles, or one list, or one segment.";
            Err(Problem::invalid("/data", detail).into())
        }
    }
}

/// The address of an item, whose shape has one.
fn email(item: &Map<String, Value>) -> String {
    let email = item
        .get("attributes")
        .and_then(|attributes| attributes.get("email"))
        .and_then(Value::as_str);
    email.unwrap_or_default().to_owned()
}

fn known(target: &Target, account: &Account) -> Result<(), Problem> {
    match target {
        Target::Segment(id) if account.segments.get(id).is_none() => Err(Problem::invalid(
            "/data",
            format!("There is no segment {id}."),
        )),
        Target::List(id) => consent_job::known_list(account, Some(id)),
        _ => Ok(()),
    }
}

fn jobs(direction: Direction, call: &Call<'_>) -> Result<Answer, Refusal> {
    let filter = Filter::of(call)?;
    let account = call.account();
    let mut jobs: Vec<&Job<Suppressing>> = account
        .suppressions
        .iter(call.now)
        .filter(|job| job.work.direction == direction)
        .filter(|job| filter.passes(|name| field(job, name, call)))
        .collect();
    if call.query.get("sort") == Some("-created") {
        jobs.reverse();
    }
    let page = Page::of(jobs.into_iter(), &call.query, &call.url())?;
    let data: Vec<Value> = page
        .rows
        .into_iter()
        .map(|job| resource::suppression_job(job, call))
        .collect();
    Ok(Answer::ok(json!({"data": data, "links": page.links})))
}

fn field<'a>(job: &'a Job<Suppressing>, name: &str, call: &Call<'_>) -> FieldValue<'a> {
    match (name, &job.work.target) {
        ("status", _) => FieldValue::Text(job.status(call.now).as_str()),
        ("list_id", Target::List(id)) | ("segment_id", Target::Segment(id)) => FieldValue::Text(id),
        _ => FieldValue::Missing,
    }
}

fn job(direction: Direction, call: &Call<'_>) -> Result<Answer, Refusal> {
    let id = call.path.get("job_id");
    let account = call.account();
    let job = account
        .suppressions
        .get(id, call.now)
        .filter(|job| job.work.direction == direction)
        .ok_or_else(|| Problem::not_found(format!("There is no suppression job {id}.")))?;
    Ok(Answer::ok(
        json!({"data": resource::suppression_job(job, call), "links": {"self": call.url()}}),
    ))
}
