//! Metrics: they come into being with their first event.

use serde_json::{Value, json};

use super::{Handler, events, resource};
use crate::api::{Answer, Call, FieldValue, Filter, Page};
use crate::problem::{Problem, Refusal};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("get_metrics", get_metrics),
    ("get_metric", get_metric),
    ("get_metric_for_event", get_metric_for_event),
    ("get_metric_id_for_event", get_metric_id_for_event),
];

fn get_metrics(call: &Call<'_>) -> Result<Answer, Refusal> {
    let filter = Filter::of(call)?;
    let account = call.account();
    let metrics = account.events.metrics().iter().filter(|_| {
        // All of them came over the API.
        filter.passes(|field| match field {
            "integration.name" | "integration.category" => FieldValue::Text("API"),
            _ => FieldValue::Missing,
        })
    });
    let page = Page::of(metrics, &call.query, &call.url())?;
    let data: Vec<Value> = page
        .rows
        .into_iter()
        .map(|metric| resource::metric(metric, call))
        .collect();
    Ok(Answer::ok(json!({"data": data, "links": page.links})))
}

fn get_metric(call: &Call<'_>) -> Result<Answer, Refusal> {
    let id = call.path.get("id");
    let account = call.account();
    let metric = account
        .events
        .metrics()
        .iter()
        .find(|metric| metric.id == id)
        .ok_or_else(|| Problem::not_found(format!("There is no metric {id}.")))?;
    Ok(Answer::ok(
        json!({"data": resource::metric(metric, call), "links": {"self": call.url()}}),
    ))
}

fn get_metric_for_event(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let (_, event) = events::find(&account, call)?;
    let metric = account.events.metric(event.metric);
    Ok(Answer::ok(
        json!({"data": resource::metric(metric, call), "links": {"self": call.url()}}),
    ))
}

fn get_metric_id_for_event(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let (_, event) = events::find(&account, call)?;
    let metric = account.events.metric(event.metric);
    Ok(Answer::ok(
        json!({"data": {"type": "metric", "id": metric.id}, "links": {"self": call.url()}}),
    ))
}
