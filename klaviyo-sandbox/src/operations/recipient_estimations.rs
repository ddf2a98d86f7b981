//! How many profiles a campaign would reach: ask for it, wait for the job, read the count.
//!
//! Campaigns are not held, so any id is one. A job bears its campaign's id. The count is that of all
//! profiles with an e-mail address: whom a campaign addresses is not known here.

use serde_json::{Map, Value, json};

use super::resource::link;
use super::sparse::sparse;
use super::{Handler, document};
use crate::account::{Pace, Status};
use crate::api::{Answer, Call};
use crate::problem::{Problem, Refusal};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("refresh_campaign_recipient_estimation", refresh),
    ("get_campaign_recipient_estimation_job", get_job),
    ("get_campaign_recipient_estimation", get_estimation),
];

fn refresh(call: &Call<'_>) -> Result<Answer, Refusal> {
    let body: Value = call.parse()?;
    let id = body["data"]["id"].as_str().unwrap_or_default();
    let mut account = call.account();
    account.estimations.insert(id.to_owned(), call.now);
    let job = job(id, Status::Queued, call);
    Ok(Answer::accepted(Some(document(job, call))))
}

fn get_job(call: &Call<'_>) -> Result<Answer, Refusal> {
    let status = status(call)?;
    let job = job(call.path.get("id"), status, call);
    Ok(Answer::ok(document(job, call)))
}

fn get_estimation(call: &Call<'_>) -> Result<Answer, Refusal> {
    let id = call.path.get("id");
    if status(call)? != Status::Complete {
        return Err(not_found(id).into());
    }
    let account = call.account();
    let reached = account.profiles.iter();
    let count = reached.filter(|profile| profile.email().is_some()).count();
    let attributes = Map::from_iter([("estimated_recipient_count".to_owned(), count.into())]);
    let kind = "campaign-recipient-estimation";
    let data = json!({
        "type": kind,
        "id": id,
        "attributes": sparse(attributes, kind, call),
        "links": {"self": link(call, "campaign-recipient-estimations", id, "")},
    });
    Ok(Answer::ok(document(data, call)))
}

/// How far the job of the campaign in the path is, if one was asked for.
fn status(call: &Call<'_>) -> Result<Status, Refusal> {
    let id = call.path.get("id");
    let account = call.account();
    let asked = account.estimations.get(id).ok_or_else(|| not_found(id))?;
    Ok(Pace::queued(call.settings().job_time).status(*asked, call.now))
}

fn job(id: &str, status: Status, call: &Call<'_>) -> Value {
    let kind = "campaign-recipient-estimation-job";
    let attributes = Map::from_iter([("status".to_owned(), status.as_str().into())]);
    json!({
        "type": kind,
        "id": id,
        "attributes": sparse(attributes, kind, call),
        "links": {"self": link(call, "campaign-recipient-estimation-jobs", id, "")},
    })
}

fn not_found(id: &str) -> Problem {
    Problem::not_found(format!("There is no estimation for campaign {id}."))
}
