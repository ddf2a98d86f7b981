//! From the document's JSON to [`Operation`]s. What does not look as expected is an error: a fact
//! that is silently dropped would be missed much later.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Answer, Body, Filter, Limits, MediaType, Method, Operation, Parameter, Place, Shape};
use crate::document::Document;

/// An operation as it stands in the document.
#[derive(Deserialize)]
struct Raw {
    #[serde(rename = "operationId")]
    id: String,
    #[serde(default)]
    parameters: Vec<Value>,
    #[serde(rename = "requestBody")]
    body: Option<Value>,
    responses: Map<String, Value>,
    tags: Vec<String>,
    security: Option<Vec<Value>>,
    #[serde(rename = "x-klaviyo-operation-aliases", default)]
    aliases: Vec<String>,
    #[serde(rename = "x-klaviyo-ratelimit", default)]
    limits: RawLimits,
    #[serde(rename = "x-klaviyo-scopes", default)]
    scopes: Vec<String>,
    #[serde(rename = "x-klaviyo-filters", default)]
    filters: Map<String, Value>,
}

#[derive(Default, Deserialize)]
struct RawLimits {
    burst: Option<String>,
    steady: Option<String>,
    daily: Option<String>,
}

#[derive(Deserialize)]
struct RawParameter {
    name: String,
    #[serde(rename = "in")]
    place: String,
    #[serde(default)]
    required: bool,
    schema: Value,
}

pub(super) fn operations(document: &Document) -> Result<Vec<Operation>> {
    let paths = document.root()["paths"]
        .as_object()
        .context("the document has no paths")?;
    let mut operations = Vec::new();
    for (path, item) in paths {
        for method in Method::ALL {
            if let Some(raw) = item.get(method.key()) {
                let operation = operation(document, path, method, raw)
                    .with_context(|| format!("{} {path}", method.key()))?;
                operations.push(operation);
            }
        }
    }
    operations.sort_by(|one, other| one.id.cmp(&other.id));
    match operations.windows(2).find(|pair| pair[0].id == pair[1].id) {
        Some(pair) => bail!("two operations are called {}", pair[0].id),
        None => Ok(operations),
    }
}

fn operation(document: &Document, path: &str, method: Method, raw: &Value) -> Result<Operation> {
    let raw = Raw::deserialize(raw)?;
    Ok(Operation {
        method,
        path: path.to_owned(),
        parameters: parameters(document, &raw.parameters)?,
        body: raw
            .body
            .map(|body| request_body(document, &body))
            .transpose()?,
        success: success(document, &raw.responses)?,
        limits: limits(&raw.limits)?,
        filters: filters(document, &raw.filters)?,
        tag: raw.tags.into_iter().next().context("it has no tag")?,
        // Only an explicitly empty list lifts the document's own demand.
        authenticated: raw.security.is_none_or(|schemes| !schemes.is_empty()),
        id: raw.id,
        aliases: raw.aliases,
        scopes: raw.scopes,
    })
}

fn parameters(document: &Document, raw: &[Value]) -> Result<Vec<Parameter>> {
    let mut parameters = Vec::new();
    for value in raw {
        let raw = RawParameter::deserialize(document.resolve(value)?)?;
        // Every operation takes the revision, and always the document's: the transport sets it.
        if raw.name != "revision" {
            let name = raw.name.clone();
            parameters.push(parameter(document, raw).with_context(|| name)?);
        }
    }
    Ok(parameters)
}

fn parameter(document: &Document, raw: RawParameter) -> Result<Parameter> {
    let place = match raw.place.as_str() {
        "path" => Place::Path,
        "query" => Place::Query,
        "header" => Place::Header,
        other => bail!("a parameter cannot go into {other}"),
    };
    let mut shape = Shape::read(document, &raw.schema)?;
    // There is no way to write null into a path.
    shape.nullable &= place != Place::Path;
    Ok(Parameter {
        place,
        required: raw.required || place == Place::Path,
        shape,
        minimum: raw.schema.get("minimum").and_then(Value::as_i64),
        maximum: raw.schema.get("maximum").and_then(Value::as_i64),
        default: raw.schema.get("default").cloned(),
        schema: raw.schema,
        name: raw.name,
    })
}

fn request_body(document: &Document, body: &Value) -> Result<Body> {
    let content = content(document.resolve(body)?).context("its body has no content")?;
    let (media_type, entry) = content;
    let media_type = match media_type.as_str() {
        "application/vnd.api+json" => MediaType::JsonApi,
        "multipart/form-data" => MediaType::Multipart,
        other => bail!("its body is of the unknown media type {other}"),
    };
    Ok(Body {
        media_type,
        schema: entry["schema"].clone(),
    })
}

fn success(document: &Document, responses: &Map<String, Value>) -> Result<Vec<Answer>> {
    let mut answers = Vec::new();
    for (status, response) in responses {
        // The rest are ranges of errors, `4XX` and `5XX`.
        if let Ok(status) = status.parse()
            && (200..300).contains(&status)
        {
            let content = content(document.resolve(response)?);
            answers.push(Answer {
                status,
                schema: content.map(|(_, entry)| entry["schema"].clone()),
            });
        }
    }
    answers.sort_by_key(|answer| answer.status);
    Ok(answers)
}

/// The only content of a body.
fn content(body: &Value) -> Option<(&String, &Value)> {
    body.get("content")?.as_object()?.iter().next()
}

fn limits(raw: &RawLimits) -> Result<Limits> {
    Ok(Limits {
        burst: rate(raw.burst.as_deref(), "/s")?,
        steady: rate(raw.steady.as_deref(), "/m")?,
        daily: rate(raw.daily.as_deref(), "/d")?,
    })
}

/// `150/m` → 150.
fn rate(raw: Option<&str>, unit: &str) -> Result<Option<u32>> {
    raw.map(|text| {
        text.strip_suffix(unit)
            .and_then(|number| number.parse().ok())
            .with_context(|| format!("{text} is not a rate ending in {unit}"))
    })
    .transpose()
}

fn filters(document: &Document, raw: &Map<String, Value>) -> Result<Vec<Filter>> {
    raw.iter()
        .map(|(field, facts)| {
            Ok(Filter {
                field: field.clone(),
                operators: operators(&facts["operators"])
                    .with_context(|| format!("the operators of {field} are not as expected"))?,
                value: Shape::read(document, &facts["value"])?,
            })
        })
        .collect()
}

/// The operators for single values and for lists together: which takes a list follows from its
/// name.
fn operators(raw: &Value) -> Option<Vec<String>> {
    let mut operators = Vec::new();
    for kind in raw.as_object()?.values() {
        for operator in kind.as_array()? {
            operators.push(operator.as_str()?.to_owned());
        }
    }
    operators.sort();
    operators.dedup();
    Some(operators)
}
