//! One condition of a filter, and whether it holds.

use std::cmp::Ordering;

use chrono::DateTime;

use super::FieldValue;

/// One condition: an operator, a field, and what the field is compared with.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    pub(super) operator: String,
    pub(super) field: String,
    pub(super) values: Vec<Literal>,
}

/// A value in a filter.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    /// In double quotes.
    Quoted(String),
    /// A date, a number, true or false.
    Bare(String),
}

impl Literal {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Quoted(text) | Self::Bare(text) => text,
        }
    }
}

impl Condition {
    /// Whether the condition holds for what a row has in the field. A field that the row has not
    /// passes none.
    pub(super) fn holds(&self, value: &FieldValue<'_>) -> bool {
        if self.operator == "has" {
            return *value != FieldValue::Missing;
        }
        if let FieldValue::Texts(texts) = value {
            return texts.iter().any(|text| self.holds(&FieldValue::Text(text)));
        }
        self.values
            .iter()
            .any(|literal| self.holds_for(value, literal.text()))
    }

    fn holds_for(&self, value: &FieldValue<'_>, literal: &str) -> bool {
        let order = order(value, literal);
        match self.operator.as_str() {
            "equals" | "any" => order == Some(Ordering::Equal),
            "greater-than" => order == Some(Ordering::Greater),
            "greater-or-equal" => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
            "less-than" => order == Some(Ordering::Less),
            "less-or-equal" => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            "contains" => text(value).is_some_and(|text| text.contains(literal)),
            "starts-with" => text(value).is_some_and(|text| text.starts_with(literal)),
            "ends-with" => text(value).is_some_and(|text| text.ends_with(literal)),
            _ => false,
        }
    }
}

fn text<'a>(value: &FieldValue<'a>) -> Option<&'a str> {
    match value {
        FieldValue::Text(text) | FieldValue::Email(text) => Some(text),
        _ => None,
    }
}

fn order(value: &FieldValue<'_>, literal: &str) -> Option<Ordering> {
    match value {
        FieldValue::Text(text) => Some((*text).cmp(literal)),
        FieldValue::Email(text) => Some(text.to_lowercase().cmp(&literal.to_lowercase())),
        FieldValue::Moment(moment) => {
            let literal = match DateTime::parse_from_rfc3339(literal) {
                Ok(literal) => literal.to_utc(),
                // Events can be asked for by their Unix time too.
                Err(_) => DateTime::from_timestamp(literal.parse().ok()?, 0)?,
            };
            Some(moment.cmp(&literal))
        }
        FieldValue::Flag(flag) => Some(flag.cmp(&literal.parse().ok()?)),
        FieldValue::Number(number) => Some(number.cmp(&literal.parse().ok()?)),
        FieldValue::Texts(_) | FieldValue::Missing => None,
    }
}
