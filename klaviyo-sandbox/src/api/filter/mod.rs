//! The `filter` parameter: read, checked against what the operation can be filtered by, applied.

mod condition;
mod parse;

use chrono::{DateTime, Utc};
use klaviyo_gen::{Kind, Operation};

use condition::{Condition, Literal};

use super::call::Call;
use super::query::Query;
use crate::nearest::did_you_mean;
use crate::problem::{Problem, Refusal};

/// Conditions that all have to hold; none at all lets everything through.
#[derive(Debug, Default)]
pub(crate) struct Filter(Vec<Condition>);

/// What a row has in a field that it can be filtered by.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum FieldValue<'a> {
    /// Compared as text; equal only if equal in every character.
    Text(&'a str),
    /// An e-mail address: text in which case does not matter.
    Email(&'a str),
    /// Compared as a moment.
    Moment(DateTime<Utc>),
    /// True or false.
    Flag(bool),
    /// Several texts, any of which may fit.
    Texts(Vec<&'a str>),
    /// Compared as a whole number.
    Number(u64),
    /// The row has nothing there.
    Missing,
}

impl<'a> FieldValue<'a> {
    /// A text that may be missing.
    pub(crate) fn text(value: Option<&'a str>) -> Self {
        value.map_or(Self::Missing, Self::Text)
    }
}

impl Filter {
    /// Reads the request's filter.
    pub(crate) fn of(call: &Call<'_>) -> Result<Self, Refusal> {
        let most = call.service.settings().filter_any_values;
        Self::read(call.operation, &call.query, most)
    }

    /// Reads a filter whose `any` takes at most `most` values.
    fn read(operation: &Operation, query: &Query, most: Option<u64>) -> Result<Self, Refusal> {
        let Some(text) = query.get("filter") else {
            return Ok(Self::default());
        };
        let conditions = parse::conditions(text).map_err(refused)?;
        for condition in &conditions {
            check(operation, condition).map_err(refused)?;
            check_length(condition, most).map_err(refused)?;
        }
        Ok(Self(conditions))
    }

    /// Whether a row passes. `value` says what it has in a field.
    pub(crate) fn passes<'a>(&self, value: impl Fn(&str) -> FieldValue<'a>) -> bool {
        self.0
            .iter()
            .all(|condition| condition.holds(&value(&condition.field)))
    }

    /// The texts that one of the fields must equal, if there is such a condition: it spares looking
    /// at all rows where there is an index.
    pub(crate) fn wanted(&self, fields: &[&str]) -> Option<(&str, Vec<&str>)> {
        let condition = self.0.iter().find(|condition| {
            fields.contains(&condition.field.as_str())
                && matches!(condition.operator.as_str(), "equals" | "any")
        })?;
        Some((
            &condition.field,
            condition.values.iter().map(Literal::text).collect(),
        ))
    }

    /// The text that a field must equal, if there is such a condition.
    pub(crate) fn equal_to(&self, field: &str) -> Option<&str> {
        let (_, values) = self.wanted(&[field])?;
        values.first().copied()
    }
}

fn refused(detail: String) -> Refusal {
    Problem::parameter("filter", detail).into()
}

/// Whether the operation can be filtered like that.
fn check(operation: &Operation, condition: &Condition) -> Result<(), String> {
    let Condition {
        operator,
        field,
        values,
    } = condition;
    let filter = operation
        .filters
        .iter()
        .find(|filter| filter.field == field)
        .ok_or_else(|| unknown_field(operation, field))?;
    if !filter.operators.contains(&operator.as_str()) {
        let (hint, known) = (
            did_you_mean(operator, filter.operators),
            filter.operators.join(", "),
        );
        return Err(format!(
            "`{field}` does not take `{operator}`{hint}; it takes {known}."
        ));
    }
    let format = match filter.value.kind {
        Kind::String { format, .. } => format,
        Kind::Boolean => return check_flags(field, values),
        _ => return Ok(()),
    };
    let is_moment = format == Some("date-time");
    for value in values {
        match value {
            Literal::Bare(text) if is_moment => {
                if DateTime::parse_from_rfc3339(text).is_err() {
                    return Err(format!("`{text}` is not a date and time."));
                }
            }
            Literal::Quoted(_) if is_moment => {
                return Err(format!(
                    "The moment that `{field}` is compared with stands without quotes."
                ));
            }
            Literal::Bare(text) => return Err(format!("`{text}` must stand in double quotes.")),
            Literal::Quoted(_) => {}
        }
    }
    Ok(())
}

fn unknown_field(operation: &Operation, field: &str) -> String {
    let known: Vec<&str> = operation.filters.iter().map(|it| it.field).collect();
    let (hint, known) = (did_you_mean(field, &known), known.join(", "));
    let id = operation.id;
    format!("{id} cannot be filtered by `{field}`{hint}; it can by {known}.")
}

fn check_length(condition: &Condition, most: Option<u64>) -> Result<(), String> {
    let length = condition.values.len() as u64;
    match most {
        Some(most) if condition.operator == "any" && length > most => {
            Err(format!("`any` takes at most {most} values, not {length}."))
        }
        _ => Ok(()),
    }
}

fn check_flags(field: &str, values: &[Literal]) -> Result<(), String> {
    let is_flag = |value: &&Literal| matches!(value, Literal::Bare(text) if text == "true" || text == "false");
    match values.iter().find(|value| !is_flag(value)) {
        Some(_) => Err(format!("`{field}` is true or false, without quotes.")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use klaviyo_gen::operations::GET_PROFILES;

    use super::*;

    fn filter(text: &str) -> Result<Filter, Refusal> {
        let encoded = text.replace('+', "%2B").replace('&', "%26");
        let query = Query::parse(&GET_PROFILES, &format!("filter={encoded}")).unwrap();
        Filter::read(&GET_PROFILES, &query, None)
    }

    fn passes(text: &str) -> bool {
        let created = DateTime::parse_from_rfc3339("2026-05-01T00:00:00Z")
            .unwrap()
            .to_utc();
        filter(text).unwrap().passes(|field| match field {
            "email" => FieldValue::Email("ada@shop.example"),
            "external_id" => FieldValue::Text("7"),
            "created" => FieldValue::Moment(created),
            _ => FieldValue::Missing,
        })
    }

    #[test]
    fn conditions_hold_together() {
        assert!(passes(r#"equals(email,"ADA@shop.example")"#));
        assert!(passes(r#"any(external_id,["6","7"])"#));
        assert!(!passes(r#"any(external_id,["6","8"])"#));
        assert!(passes("greater-than(created,2026-04-30T23:59:59+00:00)"));
        assert!(!passes("less-than(created,2026-04-30T23:59:59+00:00)"));
        assert!(!passes(r#"equals(phone_number,"+39011")"#));
        assert!(passes(
            r#"and(equals(external_id,"7"),equals(email,"ada@shop.example"))"#
        ));
        assert!(!passes(
            r#"equals(external_id,"7"),equals(email,"bob@shop.example")"#
        ));
    }

    #[test]
    fn what_the_table_does_not_allow_is_refused() {
        for text in [
            r#"equals(first_name,"Ada")"#,
            r#"contains(email,"ada")"#,
            "equals(external_id,7)",
            r#"greater-than(created,"2026-04-30T23:59:59Z")"#,
            "greater-than(created,yesterday)",
        ] {
            assert!(filter(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_identifier_that_is_wanted_is_known_beforehand() {
        let filter =
            filter(r#"greater-than(created,2026-04-30T00:00:00Z),any(email,["a","b"])"#).unwrap();
        assert_eq!(
            filter.wanted(&["id", "email"]),
            Some(("email", vec!["a", "b"]))
        );
        assert_eq!(filter.wanted(&["id"]), None);
    }
}
