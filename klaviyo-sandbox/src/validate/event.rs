//! What an event resource must satisfy beside its shape, and the event that it is.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use klaviyo_gen::FIELD_LIMITS;
use serde_json::{Map, Value};

use super::pointer::Pointer;
use super::properties;
use crate::account::NewEvent;
use crate::problem::Problem;

/// Takes the event out of a resource whose shape is right. Without a time it happens `now`.
pub(crate) fn event(
    resource: &mut Map<String, Value>,
    max_string_bytes: Option<u64>,
    now: DateTime<Utc>,
    at: &Pointer<'_>,
    problems: &mut Vec<Problem>,
) -> Option<NewEvent> {
    let Some(Value::Object(attributes)) = resource.get_mut("attributes") else {
        return None;
    };
    at.within("attributes", |at| {
        let before = problems.len();
        let metric = metric(attributes, at, problems)?;
        let event = NewEvent {
            metric,
            time: time(attributes, now, at, problems),
            value: attributes.get("value").and_then(Value::as_f64),
            value_currency: text(attributes, "value_currency"),
            unique_id: unique_id(attributes, at, problems),
            properties: match attributes.remove("properties") {
                Some(Value::Object(properties)) => properties,
                _ => Map::new(),
            },
        };
        at.within("properties", |at| {
            properties::of_event(&event.properties, max_string_bytes, at, problems)
        });
        (problems.len() == before).then_some(event)
    })
}

fn text(attributes: &mut Map<String, Value>, name: &str) -> Option<String> {
    match attributes.remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

fn metric(
    attributes: &Map<String, Value>,
    at: &Pointer<'_>,
    problems: &mut Vec<Problem>,
) -> Option<String> {
    let name = attributes
        .get("metric")?
        .pointer("/data/attributes/name")?
        .as_str()?;
    let length = name.chars().count();
    if (1..=FIELD_LIMITS.metric_name_chars).contains(&length) {
        return Some(name.to_owned());
    }
    let detail = format!(
        "A metric's name has 1 to {} characters.",
        FIELD_LIMITS.metric_name_chars
    );
    problems.push(Problem::invalid(
        &at.at("metric/data/attributes/name"),
        detail,
    ));
    None
}

fn unique_id(
    attributes: &mut Map<String, Value>,
    at: &Pointer<'_>,
    problems: &mut Vec<Problem>,
) -> Option<String> {
    let unique_id = text(attributes, "unique_id")?;
    if !(1..=FIELD_LIMITS.unique_id_chars).contains(&unique_id.chars().count()) {
        let detail = format!(
            "A unique id has 1 to {} characters.",
            FIELD_LIMITS.unique_id_chars
        );
        problems.push(Problem::invalid(&at.at("unique_id"), detail));
    }
    Some(unique_id)
}

fn time(
    attributes: &Map<String, Value>,
    now: DateTime<Utc>,
    at: &Pointer<'_>,
    problems: &mut Vec<Problem>,
) -> DateTime<Utc> {
    let given = attributes.get("time").and_then(Value::as_str);
    let Some(time) = given.and_then(|text| DateTime::parse_from_rfc3339(text).ok()) else {
        return now;
    };
    let time = time.to_utc();
    if time.year() < FIELD_LIMITS.event_first_year {
        let detail = format!(
            "The time lies before the year {}.",
            FIELD_LIMITS.event_first_year
        );
        problems.push(Problem::invalid(&at.at("time"), detail));
    } else if time > now + TimeDelta::days(FIELD_LIMITS.event_future_days) {
        let detail = format!(
            "The time lies more than {} days ahead.",
            FIELD_LIMITS.event_future_days
        );
        problems.push(Problem::invalid(&at.at("time"), detail));
    }
    time
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn taken(attributes: Value) -> Result<NewEvent, Vec<String>> {
        let Value::Object(mut resource) = json!({"type": "event", "attributes": attributes}) else {
            panic!("an object expected")
        };
        let mut problems = Vec::new();
        let now = DateTime::parse_from_rfc3339("2026-11-22T00:00:00Z")
            .unwrap()
            .to_utc();
        let event = event(
            &mut resource,
            Some(100),
            now,
            &Pointer::new(""),
            &mut problems,
        );
        match event {
            Some(event) if problems.is_empty() => Ok(event),
            _ => Err(problems
                .into_iter()
                .map(|problem| match problem.source {
                    crate::problem::Source::Pointer(pointer) => pointer,
                    crate::problem::Source::Parameter(name) => name,
                })
                .collect()),
        }
    }

    fn metric(name: &str) -> Value {
        json!({"data": {"type": "metric", "attributes": {"name": name}}})
    }

    #[test]
    fn an_event_is_read() {
        let event = taken(json!({
            "metric": metric("Placed Order"), "time": "2025-05-01T10:00:00+02:00", "value": 9, "value_currency": "USD",
            "unique_id": "o-1", "properties": {"quantity": 2},
        }))
        .unwrap();
        assert_eq!(
            (event.metric.as_str(), event.value),
            ("Placed Order", Some(9.0))
        );
        assert_eq!(event.time.to_rfc3339(), "2025-05-01T08:00:00+00:00");
        assert_eq!(event.effective_unique_id(), "o-1");
    }

    #[test]
    fn without_a_time_it_happens_now() {
        let event = taken(json!({"metric": metric("Placed Order"), "properties": {}})).unwrap();
        assert_eq!(event.time.to_rfc3339(), "2026-11-22T00:00:00+00:00");
        assert_eq!(
            event.effective_unique_id(),
            event.time.timestamp().to_string()
        );
    }

    #[test]
    fn what_cannot_be_taken_is_named() {
        let long = "x".repeat(256);
        for (attributes, pointer) in [
            (
                json!({"metric": metric(&"m".repeat(128))}),
                "/attributes/metric/data/attributes/name",
            ),
            (
                json!({"metric": metric("")}),
                "/attributes/metric/data/attributes/name",
            ),
            (
                json!({"metric": metric("m"), "unique_id": ""}),
                "/attributes/unique_id",
            ),
            (
                json!({"metric": metric("m"), "unique_id": long}),
                "/attributes/unique_id",
            ),
            (
                json!({"metric": metric("m"), "time": "1999-12-31T23:59:59Z"}),
                "/attributes/time",
            ),
            (
                json!({"metric": metric("m"), "time": "2027-11-23T00:00:00Z"}),
                "/attributes/time",
            ),
            (
                json!({"metric": metric("m"), "properties": {"p": long}}),
                "/attributes/properties/p",
            ),
        ] {
            assert_eq!(taken(attributes), Err(vec![pointer.to_owned()]));
        }
    }
}
